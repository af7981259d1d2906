import { SqlFailure } from "../errors.js";

/** A piece of a statement. */
export interface OdpsSqlToken {
  readonly kind: "word" | "quoted" | "text" | "number" | "sign" | "end";
  /** Words as written, quoted names and texts without their quotes, signs one character each. */
  readonly text: string;
  /** Where it begins and ends in the statement. */
  readonly at: number;
  readonly end: number;
}

const pieces: readonly (readonly [OdpsSqlToken["kind"] | null, RegExp])[] = [
  [null, /\s+|--[^\n]*|\/\*[\s\S]*?\*\//y],
  ["word", /[A-Za-z_][A-Za-z0-9_]*/y],
  ["quoted", /`((?:[^`]|``)+)`/y],
  ["text", /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/y],
  ["number", /(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?:BD|[LSYD])?/iy],
  ["sign", /[-+*/%=<>!(),.;:@|&~^?[\]{}]/y],
];

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "0": "\0" };

/** Cuts SQL into tokens; the last one is `end`. @throws SqlFailure */
export function odpsSqlTokensOf(sql: string): OdpsSqlToken[] {
  const found: OdpsSqlToken[] = [];
  for (let at = 0; at < sql.length; ) {
    const [kind, match] = next(sql, at);
    const end = at + match[0].length;
    const inner = match[1] ?? match[2];
    if (kind === "text") found.push({ kind, text: unescaped(inner ?? ""), at, end });
    else if (kind === "quoted") found.push({ kind, text: (inner ?? "").replaceAll("``", "`"), at, end });
    else if (kind !== null) found.push({ kind, text: match[0], at, end });
    at = end;
  }
  return [...found, { kind: "end", text: "the end", at: sql.length, end: sql.length }];
}

function next(sql: string, at: number): [OdpsSqlToken["kind"] | null, RegExpExecArray] {
  for (const [kind, pattern] of pieces) {
    pattern.lastIndex = at;
    const match = pattern.exec(sql);
    if (match) return [kind, match];
  }
  throw new SqlFailure(
    "0130161",
    `[1,${at + 1}] Parse exception - cannot recognize input near '${sql.slice(at, at + 20)}'`,
  );
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, sign: string) => escapes[sign] ?? sign);
}
