import { describe, expect, it } from "vitest";
import { parameterKeys } from "../../../../shared/connectors/params/describe.js";
import { loadConnector } from "../../../../shared/connectors/registry.js";
import { checkScript } from "../../../../shared/jobs/check-script.js";
import type { Json, JsonObject } from "../../../../shared/model/json.js";
import { ScriptError } from "../../../../shared/script/text/script-error.js";

/** Stands for a word that nothing knows; as long as none of the others, so that no guess is nearer. */
const UNKNOWN = "qqqqqqqqqqqqq";
const names = ["constructor", "toString", "hasOwnProperty", "__proto__", "valueOf", "__defineGetter__"];

const shapes: Readonly<Record<string, (text: string) => Json>> = {
  text: (text) => text,
  list: (text) => [text],
  "list of objects": (text) => [{ index: 0, name: text, type: text, format: text, value: text }],
  object: (text) => Object.fromEntries([[text, text]]),
};

type Side = readonly [type: string, parameter: JsonObject];

function script(reader: Side, writer: Side, setting: Json = {}): string {
  const step = (category: string, [stepType, parameter]: Side) => ({ stepType, category, name: category, parameter });
  return JSON.stringify({ type: "job", steps: [step("reader", reader), step("writer", writer)], setting });
}

/** What becomes of a script, the word that was tried replaced by a mark. */
async function verdict(text: string, word: string): Promise<string> {
  const checked = async () => {
    try {
      const { job, warnings } = await checkScript(text);
      return { job, warnings };
    } catch (error) {
      if (error instanceof ScriptError) return error.issues.map(({ path, message }) => ({ path, message }));
      throw error;
    }
  };
  return JSON.stringify(await checked(), null, 1)
    .replaceAll(/; did you mean [^?]*\?/g, "")
    .replaceAll(/the pattern has .*?;/g, "the pattern has a letter;")
    .replaceAll(/in quotes: .*?;/g, "in quotes;")
    .replaceAll(word, "@")
    .replaceAll(word.toLowerCase(), "@")
    .replaceAll(/"(?:column|line)": \d+,?\n/g, "")
    .replaceAll(/\["@"\]|\[\\"@\\"\]/g, ".@");
}

const plain: Side = ["stream", {}];

describe.each(["mysql", "oss", "ots", "stream"])("a script of %s", async (name) => {
  const connector = await loadConnector(name);
  it.each(["reader", "writer"] as const)(
    "knows no value by the name of a thing of the language, in any field of a %s",
    async (kind) => {
      const side = connector[kind];
      const template = (side?.template() ?? {}) as JsonObject;
      for (const field of new Set([...(side ? parameterKeys(side.params) : []), ...Object.keys(template)]))
        for (const [shape, shaped] of Object.entries(shapes)) {
          const of = (word: string) => {
            const own: Side = [name, { ...template, [field]: shaped(word) }];
            return verdict(kind === "reader" ? script(own, plain) : script(plain, own), word);
          };
          const usual = await of(UNKNOWN);
          for (const word of names) expect([field, shape, word, await of(word)]).toEqual([field, shape, word, usual]);
        }
    },
  );
});

describe("a script", () => {
  it.each(["errorLimit", "speed", "exactlyOnce", "common", "column", "executeMode"])(
    "knows no value by the name of a thing of the language in setting.%s",
    async (field) => {
      for (const shaped of Object.values(shapes)) {
        const usual = await verdict(script(plain, plain, { [field]: shaped(UNKNOWN) }), UNKNOWN);
        for (const word of names)
          expect(await verdict(script(plain, plain, { [field]: shaped(word) }), word)).toBe(usual);
      }
    },
  );

  it.each(names)("has no step of type %s", async (word) => {
    await expect(checkScript(script([word, {}], plain))).rejects.toThrow(/unsupported|known/);
  });
});
