import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { growth, LINEAR, quickest } from "./growth.js";

/** Files with patterns that only see texts of a bounded length, and by what: longer ones never get there. */
const bounded: Readonly<Record<string, string>> = {
  "shared/model/json-shape.ts": "valid JSON, in which every quote is closed",
  "shared/connectors/file/json-record.ts": "valid JSON, in which every quote is closed",
  "shared/connectors/mysql/table-info.ts": "the server's own words for a column's type, in which every quote is closed",
  "shared/connectors/ots/failure.ts": "an answer cut after 4,000 characters",
};

const SIZE = 600;

interface Pattern {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

function patternsIn(file: string): Pattern[] {
  const text = readFileSync(file, "utf8");
  const found: Pattern[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf("/");
      found.push({ file, source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
    }
    node.forEachChild(visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return found;
}

/** What may repeat in a text that a pattern runs on: blanks, a letter, a digit, and the characters and words that it names. */
function pieces(source: string): string[] {
  const words = source.match(/[A-Za-z]{2,}/g) ?? [];
  const signs = source.replace(/\\[a-zA-Z]|[A-Za-z]/g, "").match(/./gu) ?? [];
  return [...new Set([" ", "\r", "a", "1", ...signs, ...words, ...words.map((word) => `${word} `)])];
}

/** Texts that begin well, go on for long, and end otherwise. */
function* texts(source: string): Generator<(size: number) => string> {
  const all = pieces(source);
  for (const piece of all) {
    yield (size) => `${piece.repeat(size / piece.length)}\u0001`;
    for (const start of all) {
      yield (size) => `${start}${piece.repeat(size / piece.length)}\u0001`;
      yield (size) => `${`${start}${piece}`.repeat(size / (start.length + piece.length))}\u0001`;
    }
  }
}

function run({ source, flags }: Pattern): (text: string) => void {
  const pattern = new RegExp(source, flags.replace("y", ""));
  if (flags.includes("g")) return (text) => text.replace(pattern, "");
  return flags.includes("y") ? (text) => new RegExp(source, flags).test(text) : (text) => pattern.test(text);
}

/** The texts, shown by their beginning, for which a pattern takes time in the square of their length. */
function slowOn(pattern: Pattern): string | undefined {
  const work = run(pattern);
  for (const text of texts(pattern.source)) {
    const large = text(16 * SIZE);
    // Only what takes long is worth the closer look, and growth says little of less.
    const since = performance.now();
    work(large);
    if (performance.now() - since < 0.3 || quickest(() => work(large)) < 0.3) continue;
    if (growth(SIZE, (size) => work(text(size))) >= LINEAR) return text(20);
  }
  return undefined;
}

it("has no pattern that takes time in the square of a text's length", () => {
  const files = ["shared", "functions", "infra/cli"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).flatMap((file) =>
      file.endsWith(".ts") ? [path.join(folder, file)] : [],
    ),
  );
  const slow = files.flatMap(patternsIn).flatMap((pattern) => {
    if (!/[*+]|,\}/.test(pattern.source)) return [];
    const literal = `/${pattern.source}/${pattern.flags}`;
    const text = pattern.file in bounded ? undefined : slowOn(pattern);
    return text === undefined ? [] : [`${pattern.file}: ${literal} on ${JSON.stringify(text)}`];
  });
  expect(files.length).toBeGreaterThan(100);
  expect(slow).toEqual([]);
});
