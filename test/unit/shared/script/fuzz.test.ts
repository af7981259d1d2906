// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of job scripts look like that
import { expect, it } from "vitest";
import { UserError } from "../../../../shared/model/errors.js";
import { parseJob } from "../../../../shared/script/read/parse-job.js";
import { fixScript } from "../../../../shared/script/repair/fix-script.js";
import { printJob } from "../../../../shared/script/spellings/print-job.js";
import { scriptsIn } from "./fixture-scripts.js";

const SECRET = "rake-and-hoe";
const PIECES = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "\\",
  "/*",
  "//",
  "\n",
  "\u3000",
  "Â",
  "，",
  "“",
  "'",
  "#",
  "\t",
  "\r\n",
  "null",
  "-1",
  "1e999",
  "${x}",
  "$[yyyy-1]",
  '"__proto__":1,',
  "\u0000",
  "\ud800",
];

/** A small repeatable generator (mulberry32), so that a failure can be repeated by its seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function mutate(text: string, random: (below: number) => number): string {
  let result = text;
  for (let count = 1 + random(4); count > 0; count--) {
    const at = random(result.length + 1);
    const length = random(3) === 0 ? random(30) : 1;
    const piece = PIECES[random(PIECES.length)] ?? "";
    const kind = random(4);
    if (kind === 0) result = result.slice(0, at) + result.slice(at + length);
    else if (kind === 1) result = result.slice(0, at) + piece + result.slice(at);
    else if (kind === 2) result = result.slice(0, at) + piece + result.slice(at + length);
    else result = result.slice(0, at) + copyFrom(result, random) + result.slice(at);
  }
  return result;
}

/** A piece of the text itself; never the secret, which far from its key could not be recognised as one. */
function copyFrom(text: string, random: (below: number) => number): string {
  const from = random(text.length + 1);
  return text.replaceAll(SECRET, "x".repeat(SECRET.length)).slice(from, from + 40);
}

function check(text: string, seed: number): void {
  for (const act of [() => parseJob(text), () => parseJob(text, { mode: "preview" }), () => fixScript(text)]) {
    try {
      act();
    } catch (error) {
      if (!(error instanceof UserError)) throw new Error(`seed ${seed}`, { cause: error });
      expect(error.message, `seed ${seed}`).not.toContain(SECRET);
    }
  }
}

it("Two thousand mutated scripts are read or refused without showing a secret, about as quickly as whole ones.", () => {
  const scripts = [...scriptsIn("valid").values()];
  const msOfEach = (count: number, textOf: (seed: number) => string) => {
    const since = performance.now();
    for (let seed = 0; seed < count; seed++) check(textOf(seed), seed);
    return (performance.now() - since) / count;
  };
  const whole = msOfEach(500, (seed) => scripts[seed % scripts.length] ?? "");
  const mutated = msOfEach(2_000, (seed) => {
    const random = randomFrom(seed);
    return mutate(scripts[random(scripts.length)] ?? "", random);
  });
  expect(mutated).toBeLessThan(6 * whole);
});

it("What is still read after a mutation survives printing.", () => {
  const scripts = [...scriptsIn("valid").values()];
  let survivors = 0;
  for (let seed = 5_000; seed < 7_000; seed++) {
    const random = randomFrom(seed);
    const text = mutate(scripts[random(scripts.length)] ?? "", random);
    let printed: string;
    try {
      printed = printJob(parseJob(text, { mode: "preview" }).job);
    } catch {
      continue;
    }
    survivors++;
    expect(printJob(parseJob(printed, { mode: "preview" }).job), `seed ${seed}`).toBe(printed);
  }
  expect(survivors).toBeGreaterThan(100);
});
