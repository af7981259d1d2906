import { createScanner } from "jsonc-parser";
import type { TextEdit } from "./text-edits.js";

// jsonc-parser declares its kinds as ambient const enums, which isolated modules cannot read; these are its values.
const kinds: Readonly<Record<number, TokenKind>> = {
  1: "{",
  2: "}",
  3: "[",
  4: "]",
  5: ",",
  6: ":",
  7: "word",
  8: "word",
  9: "word",
  10: "string",
  11: "number",
};
const LINE_COMMENT = 12;
const BLOCK_COMMENT = 13;
const END_OF_FILE = 17;

/** What a token is; `word` is true, false or null, `unknown` is no JSON at all. */
export type TokenKind = "{" | "}" | "[" | "]" | "," | ":" | "word" | "string" | "number" | "unknown";

/** A piece of JSON text; blanks and comments are none. */
export interface ScriptToken {
  readonly kind: TokenKind;
  readonly offset: number;
  readonly length: number;
  readonly text: string;
  /** The scanner found fault with it: an unclosed string, a malformed number. */
  readonly faulty: boolean;
}

/** Cuts a text into tokens. `openComment` is the offset of a block comment that never ends. */
export function scriptTokensOf(text: string): { tokens: readonly ScriptToken[]; openComment: number | undefined } {
  const scanner = createScanner(text, false);
  const tokens: ScriptToken[] = [];
  let openComment: number | undefined;
  for (let kind: number = scanner.scan(); kind !== END_OF_FILE; kind = scanner.scan()) {
    const offset = scanner.getTokenOffset();
    const length = scanner.getTokenLength();
    const faulty = Number(scanner.getTokenError()) !== 0;
    if (kind === BLOCK_COMMENT && faulty) openComment = offset;
    // The kinds 12 to 15 are comments and blanks.
    if (kind >= 12 && kind <= 15) continue;
    tokens.push({ kind: kinds[kind] ?? "unknown", offset, length, text: text.slice(offset, offset + length), faulty });
  }
  return { tokens, openComment };
}

/** Where the comments of a text stand, as edits that take them out. */
export function commentsOf(text: string): readonly TextEdit[] {
  const scanner = createScanner(text, false);
  const comments: TextEdit[] = [];
  for (let kind: number = scanner.scan(); kind !== END_OF_FILE; kind = scanner.scan()) {
    if (kind !== LINE_COMMENT && kind !== BLOCK_COMMENT) continue;
    comments.push({ offset: scanner.getTokenOffset(), length: scanner.getTokenLength(), text: "" });
  }
  return comments;
}

/** Whether a value can end with this token. */
export function endsValue(token: ScriptToken | undefined): boolean {
  return token !== undefined && /^(?:[}\]]|word|string|number)$/.test(token.kind);
}

/** Whether a value can begin with this token. */
export function beginsValue(token: ScriptToken | undefined): boolean {
  return token !== undefined && /^(?:[{[]|word|string|number)$/.test(token.kind);
}

/** A bracket that is open at some place, and the key it belongs to. */
export interface OpenBracket {
  readonly token: ScriptToken;
  readonly key: string | undefined;
}

/** Where the brackets of a text first go wrong, if they do. */
export type BracketProblem =
  | { readonly kind: "mismatch"; readonly closer: ScriptToken; readonly open: OpenBracket }
  | { readonly kind: "superfluous"; readonly closer: ScriptToken; readonly index: number }
  | { readonly kind: "unclosed"; readonly open: readonly OpenBracket[] }
  | { readonly kind: "deep"; readonly token: ScriptToken };

/** More levels than any job has, and few enough for a recursive parser. */
export const DEEPEST = 100;

/** Matches opening and closing brackets up to the first problem. */
export function bracketProblem(tokens: readonly ScriptToken[]): BracketProblem | undefined {
  const open: OpenBracket[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind === "{" || token.kind === "[") {
      if (open.length === DEEPEST) return { kind: "deep", token };
      open.push({ token, key: keyBefore(tokens, index) });
    } else if (token.kind === "}" || token.kind === "]") {
      const last = open.pop();
      if (!last) return { kind: "superfluous", closer: token, index };
      if (closerOf(last) !== token.kind) return { kind: "mismatch", closer: token, open: last };
    }
  }
  return open.length > 0 ? { kind: "unclosed", open } : undefined;
}

/** The bracket that closes this one. */
export function closerOf(open: OpenBracket): "}" | "]" {
  return open.token.kind === "{" ? "}" : "]";
}

/** The key whose value begins at this token. */
export function keyBefore(tokens: readonly ScriptToken[], index: number): string | undefined {
  const key = tokens[index - 2];
  return tokens[index - 1]?.kind === ":" && key?.kind === "string" ? key.text.slice(1, -1) : undefined;
}
