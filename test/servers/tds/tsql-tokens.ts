/** A piece of Transact-SQL. */
export interface Token {
  readonly kind: "name" | "string" | "word" | "number" | "hex" | "sign";
  /** Without quotes, brackets and the like. */
  readonly text: string;
}

/** What the server says when it refuses. */
export class TsqlError extends Error {
  constructor(
    readonly number: number,
    message: string,
  ) {
    super(message);
  }
}

const pattern =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|(?<name>\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*")|(?<string>N?'(?:[^']|'')*')|(?<hex>0x[\da-fA-F]*)|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|(?<word>[@#\p{L}_][@#$\p{L}\p{N}_]*)|(?<sign><>|<=|>=|!=|[-+*/%=<>(),.;&|~])/gu;

/** Takes Transact-SQL apart; comments and blanks are gone. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (const match of sql.matchAll(pattern)) {
    if (match.index !== at) throw new TsqlError(102, `Incorrect syntax near '${sql.slice(at, at + 20)}'.`);
    at += match[0].length;
    const { name, string, hex, number, word, sign } = match.groups ?? {};
    if (name !== undefined) {
      const end = name.startsWith("[") ? "]" : '"';
      tokens.push({ kind: "name", text: name.slice(1, -1).replaceAll(end + end, end) });
    } else if (string !== undefined)
      tokens.push({ kind: "string", text: string.replace(/^N/, "").slice(1, -1).replaceAll("''", "'") });
    else if (hex !== undefined) tokens.push({ kind: "hex", text: hex.slice(2) });
    else if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
  }
  if (at !== sql.length)
    throw new TsqlError(105, `Unclosed quotation mark or unknown character near '${sql.slice(at, at + 20)}'.`);
  return tokens;
}

/** True for a word, in any case, that stands there bare. */
export function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === "word" && words.includes(token.text.toUpperCase());
}

/** True for a sign. */
export function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === "sign" && token.text === text;
}

/** Cuts at a sign outside of parentheses. */
export function cutAt(tokens: readonly Token[], sign: string): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isSign(token, "(")) depth++;
    if (isSign(token, ")")) depth--;
    if (depth === 0 && isSign(token, sign)) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** Where the parenthesis that opens at `from` closes. */
export function closing(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    if (isSign(tokens[at], "(")) depth++;
    if (isSign(tokens[at], ")") && --depth === 0) return at;
  }
  throw new TsqlError(102, "Incorrect syntax: a parenthesis does not close.");
}

/** The position of a word outside of parentheses, from `from` on; -1 = none. */
export function wordAt(tokens: readonly Token[], word: string, from = 0): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    if (isSign(tokens[at], "(")) depth++;
    if (isSign(tokens[at], ")")) depth--;
    if (depth === 0 && isWord(tokens[at], word)) return at;
  }
  return -1;
}

/** A type such as `decimal(10,2)`, which begins at `from`, and where it ends. */
export function typeAt(tokens: readonly Token[], from: number): { readonly type: string; readonly end: number } {
  const name = tokens[from]?.text.toLowerCase() ?? "";
  if (!isSign(tokens[from + 1], "(")) return { type: name, end: from + 1 };
  const end = closing(tokens, from + 1);
  const inside = tokens.slice(from + 2, end).map(({ text }) => text.toLowerCase());
  return { type: `${name}(${inside.join("")})`, end: end + 1 };
}
