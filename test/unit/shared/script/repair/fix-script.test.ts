import { describe, expect, it } from "vitest";
import { parseJob } from "../../../../../shared/script/read/parse-job.js";
import { fixScript } from "../../../../../shared/script/repair/fix-script.js";
import { formatIssue, ScriptError } from "../../../../../shared/script/text/script-error.js";
import { expectationsOf, scriptsIn, thrownBy } from "../fixture-scripts.js";

const malformed = scriptsIn("malformed");
const messages = expectationsOf<readonly string[]>("malformed-messages.json");
const repaired: Readonly<Record<string, readonly string[]>> = {
  "missing-comma-member.json": ["9:20 missing comma added", "11:25 missing comma added"],
  "missing-comma-item.json": ["5:145 missing comma added"],
  "missing-brace-at-end.json": ['8:77 missing "}" added at the end'],
  "superfluous-brace-at-end.json": ['10:1 superfluous "}" removed'],
  "hash-comment.json": ['5:149 comment with "#" begun with //'],
  "full-width-comma.json": ['5:48 full-width "，" replaced by ","'],
  "full-width-quotes.json": [
    '5:97 full-width "“" replaced by a straight quotation mark',
    '5:102 full-width "”" replaced by a straight quotation mark',
  ],
};

function fixesOf(text: string): string[] {
  return fixScript(text).fixes.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe("fixing", () => {
  it.each(Object.entries(repaired))("repairs %s", (name, expected) => {
    const text = malformed.get(name) ?? "";
    expect(fixesOf(text)).toEqual(expected);
    expect(parseJob(fixScript(text).text).job.reader.type).toBe("mysql");
  });

  // A dry run is a warning as long as nothing is run.
  const onlyRefusedInRuns = ["dry-run.json"];
  const rest = [...malformed].filter(([name]) => !(name in repaired) && !onlyRefusedInRuns.includes(name));

  it.each(rest)("refuses %s as reading does", (name, text) => {
    const error = thrownBy(() => fixScript(text));
    expect(error).toBeInstanceOf(ScriptError);
    expect((error as ScriptError).issues.map(formatIssue)).toEqual(messages[name]);
  });

  it.each([...scriptsIn("valid")])(
    "%s leaves nothing to fix the second time, and the job is the same",
    (_name, text) => {
      const fixed = fixScript(text);
      expect(fixScript(fixed.text)).toEqual({ text: fixed.text, fixes: [] });
      const { reader, setting } = parseJob(text, { mode: "preview" }).job;
      const again = parseJob(fixed.text, { mode: "preview" }).job;
      expect(again.setting).toEqual(setting);
      expect({ ...again.reader, parameter: {} }).toEqual({ ...reader, parameter: {} });
    },
  );

  it("writes loose strings as JSON has them, with the same meaning", () => {
    const text = scriptsIn("valid").get("loose-strings-2.0.json") ?? "";
    const fixed = fixScript(text);
    expect(fixed.fixes.map(({ line, message }) => `${line} ${message}`)).toEqual([
      "5 single quote replaced by a double one",
      "5 single quote replaced by a double one",
      "5 line break inside a text written as \\n",
      "6 line break inside a text written as \\n",
      "7 tab inside a text written as \\t",
    ]);
    expect(parseJob(fixed.text).warnings).toEqual([]);
    expect(parseJob(fixed.text).job.reader).toEqual(parseJob(text).job.reader);
  });

  it("respells keys, names and the misspelt setting, and keeps comments", () => {
    const text = scriptsIn("valid").get("commented-odd-case-2.0.json") ?? "";
    const fixed = fixScript(text);
    expect(fixesOf(text)).toContain('4:3 key "Steps" respelled as "steps"');
    expect(fixesOf(text)).toContain('11:9 key "SplitPk" respelled as "splitPk"');
    expect(fixed.text).toContain("// nightly copy of the lantern register");
    expect(parseJob(fixed.text).job.reader.parameter).toMatchObject({ datasource: "lantern_db", splitPk: "id" });
    expect(fixesOf(scriptsIn("valid").get("misspelt-setting-1.0.json") ?? "")).toContain(
      '3:5 key "settting" respelled as "setting"',
    );
  });

  it("does not close an object that has swallowed its neighbours", () => {
    const text = `{
  "steps": [
    { "stepType": "stream", "category": "reader", "parameter": {} },
    { "stepType": "stream", "category": "writer", "parameter": {} }
  ],
  "setting": {
    "errorLimit": { "record": 0,
    "speed": { "concurrent": 2 }
  }
}
`;
    const error = thrownBy(() => fixScript(text)) as ScriptError;
    expect(error.message).toBe(
      'line 10, column 2: the script ends, but the object opened at line 1, column 1 is still open; expected "}"',
    );
  });

  it("names places of the text as given for what it cannot repair", () => {
    const text = '{\n  "steps": [],,\n  "setting": { "a": 1 "speed": {} , } }';
    expect((thrownBy(() => fixScript(text)) as ScriptError).message).toBe(
      'line 2, column 15: superfluous ","; remove it',
    );
    const structural = '{ "a": 1 "steps": [], "setting": { "errorLimit": { "record": -1 } } }';
    expect((thrownBy(() => fixScript(structural)) as ScriptError).issues.at(-1)).toMatchObject({ line: 1, column: 62 });
  });
});
