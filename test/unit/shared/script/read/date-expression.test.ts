// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of job scripts look like that
import { describe, expect, it } from "vitest";
import { UserError } from "../../../../../shared/model/errors.js";
import { parseJob } from "../../../../../shared/script/read/parse-job.js";
import { substitution } from "../../../../../shared/script/read/substitute.js";
import { growth, LINEAR } from "../../../growth.js";

function apply(text: string, planned: string | undefined, parameters: Record<string, string> = {}) {
  const plannedMs = planned === undefined ? undefined : Date.parse(`${planned}Z`);
  const mode = planned === undefined ? "preview" : "run";
  const values = substitution({ mode, parameters, plannedMs, bareNames: false });
  const result = values.apply(text, "p");
  const { malformed, odd, dateExpressions } = values;
  return {
    result,
    wrong: malformed.map((one) => one.text),
    odd: odd.map((one) => one.text),
    waiting: dateExpressions.length,
  };
}

/** Planned time, then expression and value in turn: the worked examples of DataWorks' pages, then P1 to P11. */
const examples: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  [
    "2014-05-15T10:30",
    { "$[yyyy]": "2014", "$[yy]": "14", "$[mm]": "05", "$[dd]": "15", "$[yyyy-mm-dd]": "2014-05-15" },
  ],
  [
    "2014-05-15T10:30",
    { "$[hh24:mi:ss]": "10:30:00", "$[hh24:mi:ss-1/24]": "09:30:00", "$[hh24]": "10", "$[mi]": "30" },
  ],
  ["2014-05-15T10:30", { "$[add_months(yyyymmdd,-1)]": "20140415", "$[add_months(yyyymmdd,-12*1)]": "20130515" }],
  ["2015-10-27T00:00", { "$[yyyymmdd-1/24]": "20151026", "$[hh24-1/24]": "23", "$[yyyymmdd]": "20151027" }],
  [
    "2018-07-22T00:10",
    { "${yyyy-mm-dd}": "2018-07-21", "${yyyymmdd-2}": "20180719", "${yyyymm-2}": "201805", "${yyyy-2}": "2016" },
  ],
  [
    "2025-07-20T10:30",
    { "${yyyy-1}": "2024", "${yyyy-mm-dd-29}": "2025-06-20", "${yyyy-mm-dd-364}": "2024-07-20", "${dd}": "19" },
  ],
  ["2025-07-20T10:30", { "$[yyyy-mm-dd-1]": "2025-07-19", "$[yyyymmddhh24miss-1]": "20250719103000" }],
  [
    "2025-07-20T10:30",
    { "$[yyyymmddhh24miss-1/24]": "20250720093000", "$[yyyymmddhh24miss-15/24/60]": "20250720101500" },
  ],
  ["2026-01-01T00:10", { "${yyyymmdd}": "20251231", "${yyyymm-1}": "202511", "${yyyy-1}": "2024" }],
  [
    "2026-01-01T00:10",
    { "$[yyyymmdd-1/24]": "20251231", "$[hh24-1/24]": "23", "$[yyyymmddhh24miss-30/24/60]": "20251231234000" },
  ],
  [
    "2026-03-31T02:00",
    { "$[add_months(yyyymmdd,-1)]": "20260228", "$[add_months(yyyymmdd,1)]": "20260430", "${yyyymm-1}": "202602" },
  ],
  ["2026-02-28T02:00", { "$[add_months(yyyymmdd,1)]": "20260331", "$[add_months(yyyymmdd,24)]": "20280229" }],
  ["2028-02-29T02:00", { "$[add_months(yyyymmdd,-12*1)]": "20270228", "$[yyyymmdd-7*2]": "20280215" }],
  ["2024-03-01T00:00", { "${yyyymmdd}": "20240229", "$[yyyy-mm-dd-1]": "2024-02-29" }],
  [
    "2026-11-30T23:45",
    { "$[yyyymmddhh24mi+15/24/60]": "202612010000", "$[hh24:mi-15/24/60]": "23:30", "${yyyymmdd-7*4}": "20261101" },
  ],
  ["2026-10-25T03:00", { "$[yyyymmddhh24-1/24]": "2026102502" }],
  ["2026-10-25T02:00", { "$[yyyymmddhh24-1/24]": "2026102501" }],
  ["2026-03-29T03:00", { "$[yyyymmddhh24-1/24]": "2026032902" }],
  ["2026-03-29T02:00", { "$[yyyymmddhh24-1/24]": "2026032901" }],
  ["2026-05-31T01:00", { "$[yyyymm-1]": "202605", "${mm-1}": "04", "$[add_months(yyyymmdd,-3)]": "20260228" }],
  [
    "2026-05-31T01:00",
    { "$[add_months(yyyymmddhh24,-3)-2/24]": "2026022723", "${yyyymm01}": "20260501", "${yyyy年mm月}": "2026年05月" },
  ],
  [
    "2026-05-31T01:02:03",
    {
      "$[yyyy-mm-ddThh24:mi:ss]": "2026-05-31T01:02:03",
      "$[YYYYMMDD]": "20260531",
      "$[yyyymmddhh24-1/24/60/60]": "2026053101",
    },
  ],
];

describe("date expressions", () => {
  it.each(examples)("planned at %s have the values that the rules give", (planned, pairs) => {
    for (const [text, value] of Object.entries(pairs)) {
      expect(apply(`a ${text} b`, planned), text).toEqual({ result: `a ${value} b`, wrong: [], odd: [], waiting: 0 });
      expect(apply("${day}", planned, { day: text }).result, text).toBe(value);
    }
  });

  it.each([
    ["$[yyyymmdd-1/]", 'malformed offset "-1/": expected days such as -1 or -7*2, hours'],
    ["$[yyyymmdd-1/0]", 'malformed offset "-1/0"'],
    ["$[yyyymmdd-1/7]", 'malformed offset "-1/7"'],
    ["${yyyymmdd-1/24}", 'malformed offset "-1/24": expected a number of days'],
    ["${yyyymm-1*}", 'malformed offset "-1*": expected a number of months'],
    ["$[add_months(yyyymmdd,x)]", 'malformed offset "x": expected a number of months'],
    ["$[add_months(yyyymmdd)]", "expected add_months(format,months)"],
    ["$[add_months(yyyymmdd,-1)1]", 'malformed offset "1"'],
    ["$[yyyymmddhh]", '"hh" is no token; write hh24'],
    ["${yyyymmddhh24}", 'no time of day; write "$[yyyymmddhh24]"'],
    ["$[yyyymmdd-99999999]", "leaves the years 1 to 9999"],
  ])("P12: %s is an error, by itself and assigned to a name", (text, problem) => {
    expect(apply(text, "2026-05-31T01:00").wrong).toEqual([expect.stringContaining(problem)]);
    expect(apply("${day}", "2026-05-31T01:00", { day: text }).wrong[0]).toContain('of parameter "day"');
    // It is known before anything runs, but for what depends on the time.
    if (!problem.startsWith("leaves")) expect(apply(text, undefined).wrong).toHaveLength(1);
  });

  it("P12: keep text that means nothing, with a warning", () => {
    expect(apply("$[yyyyQ]", "2026-05-31T01:00")).toMatchObject({
      result: "2026Q",
      odd: [expect.stringContaining('"Q"')],
    });
    const assigned = apply("${day}", "2026-05-31T01:00", { day: "$[foo]" });
    expect(assigned).toMatchObject({
      result: "foo",
      odd: ['"$[foo]" of parameter "day" is no date expression and becomes "foo"'],
    });
  });

  it.each(["$[0].name", "$[last]", "$[comment]", "$[*]", "$[1 to 3]", "${city}", "$['mm']"])(
    "are not seen in %s",
    (text) => {
      expect(apply(text, "2026-05-31T01:00")).toEqual({ result: text, wrong: [], odd: [], waiting: 0 });
    },
  );

  it("stay as they are while no time is planned", () => {
    expect(apply("$[yyyymmdd] ${yyyymm}", undefined)).toMatchObject({ result: "$[yyyymmdd] ${yyyymm}", waiting: 2 });
    expect(apply("${day}", undefined, { day: "$[yyyymmdd]" })).toMatchObject({ result: "$[yyyymmdd]", waiting: 1 });
  });

  it("are computed in values of parameters as a whole only, and never in those of events", () => {
    const parameters = { day: "$bizdate", text: "x$[yyyy]", "oss.key": "$[yyyymmdd]" };
    expect(apply("${day} ${text} ${oss.key}", "2026-05-31T01:00", parameters).result).toBe(
      "20260530 x$[yyyy] $[yyyymmdd]",
    );
  });

  it("give way to a value that is given for what looks like one", () => {
    expect(apply("${yyyymmdd}", "2026-05-31T01:00", { yyyymmdd: "v" }).result).toBe("v");
  });

  it("take the time that the length of hostile text allows", () => {
    const repeat = (count: number) => {
      for (const text of ["yy", "hh24", "-1", "yyyy-", "mm+1/", "add_months("]) {
        apply(`$[${text.repeat(count)}!]`, "2026-05-31T01:00");
        apply(`\${${text.repeat(count)}!}`, "2026-05-31T01:00");
        apply("${day}", "2026-05-31T01:00", { day: `$[add_months(${text.repeat(count)},${text.repeat(count)}` });
      }
    };
    expect(growth(1_250, repeat)).toBeLessThan(LINEAR);
  });
});

describe("a script", () => {
  const script = (where: string) =>
    JSON.stringify({
      type: "job",
      version: "2.0",
      steps: [
        { stepType: "stream", category: "reader", name: "r", parameter: { column: ["x"], sliceRecordCount: 1, where } },
        { stepType: "stream", category: "writer", name: "w", parameter: {} },
      ],
      setting: {},
    });

  it("has its expressions computed, and tells what is wrong with them where it stands", () => {
    const { job } = parseJob(script("d >= '$[yyyy-mm-dd-1]'"), { plannedLocal: "2026-11-28T02:30:00" });
    expect(job.reader.parameter.where).toBe("d >= '2026-11-27'");
    for (const mode of ["run", "preview"] as const) {
      const wrong = () => parseJob(script("d >= '$[yyyymmdd-1/]'"), { mode });
      expect(wrong).toThrow(expect.objectContaining({ code: "SCRIPT_INVALID", path: "steps[0].parameter.where" }));
      expect(wrong).toThrow(UserError);
    }
  });

  it("is told who gives the time between planned times", () => {
    expect(() => parseJob(script("t > '${data.start}'"))).toThrow(
      /no value for \$\{data\.start\} .*, which runs of a schedule alone have/,
    );
    const { job } = parseJob(script("t > '${data.start}'"), {
      parameters: { "data.start": "2026-11-28T02:30:00+08:00" },
    });
    expect(job.reader.parameter.where).toBe("t > '2026-11-28T02:30:00+08:00'");
  });

  it("is not told of values that it does not use, when nobody chose to give them", () => {
    const given = { "data.start": "a", "data.end": "b", "oss.key": "c", day: "d" };
    const { warnings } = parseJob(script("1 = 1"), { parameters: given });
    expect(warnings.map(({ message }) => message).filter((text) => /not used/.test(text))).toEqual([
      'parameter "day" is not used by the script',
    ]);
  });
});
