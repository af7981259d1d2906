// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of job scripts look like that

import { describe, expect, it } from "vitest";
import { parameterKeys } from "../../../../shared/connectors/params/describe.js";
import { loadConnector } from "../../../../shared/connectors/registry.js";
import { checkScript } from "../../../../shared/jobs/check-script.js";
import type { Json, JsonObject } from "../../../../shared/model/json.js";
import { ScriptError } from "../../../../shared/script/text/script-error.js";
import { growthLater, LINEAR } from "../../growth.js";

/** Texts on which a careless pattern tries again and again. */
const nasty: Readonly<Record<string, (size: number) => string>> = {
  "blanks before a letter": (n) => `a${" ".repeat(n)}b`,
  "mixed blanks before a letter": (n) => `a${"\r\n\t;\u2028".repeat(n / 5)}b`,
  "digits before a letter": (n) => `${"1".repeat(n)}x`,
  "quotes behind backslashes": (n) => `'${"\\'".repeat(n / 2)}`,
  "doubled quotes": (n) => `'${"''".repeat(n / 2)}x`,
  statements: (n) => "'';".repeat(n / 3),
  "open ranges": (n) => "[1-[1".repeat(n / 5),
  ranges: (n) => "t[0-9]".repeat(n / 6),
  "a list": (n) => "a,".repeat(n / 2),
  stars: (n) => "*a?".repeat(n / 3),
  placeholders: (n) => "${a}$[b]".repeat(n / 8),
  "open placeholders": (n) => "${$[".repeat(n / 4),
  "words that speak of keys": (n) => "accesskey".repeat(n / 9),
  "steps of a path": (n) => "/@:.//".repeat(n / 6),
  slashes: (n) => "/".repeat(n),
  letters: (n) => "yMdHms'".repeat(n / 7),
};

const shapes: Readonly<Record<string, (text: string) => Json>> = {
  text: (text) => text,
  list: (text) => [text],
  "list of pieces": (text) => text.match(/[\s\S]{1,8}/g) ?? [],
};

/** Of the small texts that the large one, sixteen times as long, is compared with. */
const SIZE = 840;

function scriptOf(reader: Json, writer: Json, setting: Json = {}): string {
  const [readerType, readerParameter] = reader as [string, JsonObject];
  const [writerType, writerParameter] = writer as [string, JsonObject];
  return JSON.stringify({
    type: "job",
    steps: [
      { stepType: readerType, category: "reader", name: "Reader", parameter: readerParameter },
      { stepType: writerType, category: "writer", name: "Writer", parameter: writerParameter },
    ],
    setting,
  });
}

/** As JSON, what checking a script ends with: the job and its warnings, or everything that is wrong. */
async function verdict(script: string): Promise<string> {
  try {
    return JSON.stringify(await checkScript(script));
  } catch (error) {
    if (error instanceof ScriptError) return JSON.stringify(error.issues);
    throw error;
  }
}

const plain = ["stream", {}] as const;

/** Milliseconds that an ordinary text takes, once the code is warm. */
async function usualTime(script: string): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10; i++) {
    const since = performance.now();
    await verdict(script);
    least = Math.min(least, performance.now() - since);
  }
  return least;
}

describe.each(["mysql", "oss", "ots", "stream"])("checking a script of %s", async (name) => {
  const connector = await loadConnector(name);

  it.each(["reader", "writer"] as const)(
    "takes time and room in proportion to the text, in every field of a %s",
    async (kind) => {
      const side = connector[kind];
      const template = (side?.template() ?? {}) as JsonObject;
      const fields = [...new Set([...(side ? parameterKeys(side.params) : []), ...Object.keys(template)])];
      const scriptOfSide = (parameter: JsonObject) =>
        kind === "reader" ? scriptOf([name, parameter], [...plain]) : scriptOf([...plain], [name, parameter]);
      const usual = await usualTime(scriptOfSide({ ...template, [fields[0] ?? ""]: "x".repeat(16 * SIZE) }));
      const slow: string[] = [];
      const judge = async (title: string, script: (size: number) => string) => {
        const large = script(16 * SIZE);
        const since = performance.now();
        const room = (await verdict(large)).length;
        if (room > 40 * large.length + 1_000_000) slow.push(`${title}: an answer of ${room} characters`);
        // Only what takes long is worth the closer look.
        if (performance.now() - since < 8 * usual) return;
        const times = await growthLater(SIZE, (size) => verdict(script(size)));
        if (times >= LINEAR) slow.push(`${title}: ${times.toFixed(1)} times slower`);
      };
      for (const [title, text] of Object.entries(nasty)) {
        for (const [shape, shaped] of Object.entries(shapes)) {
          const filled = (size: number) => Object.fromEntries(fields.map((field) => [field, shaped(text(size / 10))]));
          await judge(`all fields, ${title}, ${shape}`, (size) => scriptOfSide(filled(size)));
        }
      }
      expect(slow).toEqual([]);
    },
  );
});
