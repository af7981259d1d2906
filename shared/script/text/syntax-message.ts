import type { TextPlace } from "../../model/place.js";
import { isSecretive, showText } from "./show-value.js";
import {
  type BracketProblem,
  beginsValue,
  bracketProblem,
  closerOf,
  DEEPEST,
  endsValue,
  keyBefore,
  type OpenBracket,
  type ScriptToken,
} from "./tokens.js";

/** A fault of the text and where it stands. */
export interface SyntaxFault {
  readonly offset: number;
  readonly message: string;
}

/** An error of the parser, by its number in jsonc-parser's ParseErrorCode. */
interface ParserError {
  readonly error: number;
  readonly offset: number;
}

/** A text cut into tokens. */
export interface ScannedText {
  readonly clean: string;
  readonly tokens: readonly ScriptToken[];
  readonly placeOf: (offset: number) => TextPlace;
}

/** The scene of an error: the text, and the token at fault by its number. */
interface Scene extends ScannedText {
  readonly index: number;
  readonly offset: number;
}

const explanations: Readonly<Record<number, (scene: Scene) => SyntaxFault>> = {
  1: unknownText,
  2: malformedNumber,
  3: missingKey,
  4: missingValue,
  5: missingColon,
  6: missingComma,
  9: textAfterEnd,
  12: openString,
  13: malformedNumber,
  14: badEscape,
  15: badEscape,
  16: controlCharacter,
};

/** Says what the parser minded: what was seen, what was expected, and at the place where the repair belongs. */
export function explainFault({ error, offset }: ParserError, text: ScannedText): SyntaxFault {
  const { tokens } = text;
  const found = tokens.findIndex((token) => token.offset >= offset);
  const scene = { ...text, index: found < 0 ? tokens.length : found, offset };
  const explain = explanations[error];
  return explain ? explain(scene) : { offset, message: `unexpected ${bareSeenAt(scene)}; expected JSON` };
}

/** Says where the brackets go wrong. */
export function explainBrackets(
  problem: BracketProblem,
  tokens: readonly ScriptToken[],
  placeOf: (offset: number) => TextPlace,
): SyntaxFault {
  if (problem.kind === "deep") {
    return {
      offset: problem.token.offset,
      message: `brackets are nested deeper than ${DEEPEST} levels; no job needs that`,
    };
  }
  if (problem.kind === "superfluous") {
    return {
      offset: problem.closer.offset,
      message: `superfluous "${problem.closer.text}": the job is already closed`,
    };
  }
  if (problem.kind === "mismatch") {
    const { closer, open } = problem;
    const expected = `expected "${closerOf(open)}" before it, or no "${closer.text}" here`;
    return {
      offset: closer.offset,
      message: `"${closer.text}" stands here, but ${opened(open, placeOf)} is still open; ${expected}`,
    };
  }
  const last = tokens.at(-1);
  const innermost = problem.open.at(-1);
  const closers = problem.open.map(closerOf).reverse().join("");
  const still = innermost ? `${opened(innermost, placeOf)} is still open` : "it is not closed";
  return {
    offset: last ? last.offset + last.length : 0,
    message: `the script ends, but ${still}; expected "${closers}"`,
  };
}

function opened({ token, key }: OpenBracket, placeOf: (offset: number) => TextPlace): string {
  const { line, column } = placeOf(token.offset);
  const what = token.kind === "{" ? "the object" : "the list";
  return `${what}${key === undefined ? "" : ` of "${key}"`} opened at line ${line}, column ${column}`;
}

function missingComma(scene: Scene): SyntaxFault {
  const previous = scene.tokens[scene.index - 1];
  const next = scene.tokens[scene.index];
  const offset = previous ? previous.offset + previous.length : scene.offset;
  if (previous?.kind === "number" && next?.kind === "number" && next.offset === offset) {
    return {
      offset: previous.offset,
      message: "a number cannot begin with 0; remove the zero or put the value in quotes",
    };
  }
  if (previous?.kind === "string" && next?.kind === "string" && next.offset === offset) return strayQuote(previous);
  const open = openBefore(scene);
  if (next?.kind === ":" && open?.token.kind === "[" && previous?.kind === "string") {
    return stillOpen(scene, open, { from: scene.index - 1, before: displayedKey(scene, scene.index - 1) });
  }
  if (!beginsValue(next))
    return {
      offset: next?.offset ?? offset,
      message: `unexpected ${bareSeenAt(scene)}; expected "," or a closing bracket`,
    };
  return { offset, message: `a comma is missing between this value and ${seenAt(scene)}; expected ","` };
}

/** A bracket was forgotten: the place for it is the end of the value before the token that belongs outside. */
function stillOpen(scene: Scene, open: OpenBracket, { from, before }: { from: number; before: string }): SyntaxFault {
  const last = scene.tokens[from - 1]?.kind === "," ? scene.tokens[from - 2] : scene.tokens[from - 1];
  const offset = last ? last.offset + last.length : scene.offset;
  return {
    offset,
    message: `${opened(open, scene.placeOf)} is still open; expected "${closerOf(open)}" before ${before}`,
  };
}

/** The innermost bracket that is open where the fault is. */
function openBefore({ tokens, index }: Scene): OpenBracket | undefined {
  const problem = bracketProblem(tokens.slice(0, index));
  return problem?.kind === "unclosed" ? problem.open.at(-1) : undefined;
}

function strayQuote(token: ScriptToken): SyntaxFault {
  return {
    offset: token.offset + token.length - 1,
    message: 'the string ends here, but text follows; a quotation mark inside a string is written \\"',
  };
}

function unknownText(scene: Scene): SyntaxFault {
  const token = scene.tokens[scene.index];
  const previous = scene.tokens[scene.index - 1];
  if (!token) return { offset: scene.offset, message: "unexpected text; expected JSON" };
  if (previous?.kind === "string" && previous.offset + previous.length === token.offset) return strayQuote(previous);
  if (isAfterEnd(scene)) return textAfterEnd(scene);
  const word = token.text.toLowerCase();
  const seen = seenAt(scene);
  const { offset } = token;
  if (token.text.startsWith("'")) return { offset, message: `${seen} stands in single quotes; expected double quotes` };
  if (scene.tokens[scene.index + 1]?.kind === ":")
    return { offset, message: `the key ${seen} stands without quotes; expected double quotes` };
  if (["true", "false", "null"].includes(word))
    return { offset, message: `unexpected ${bareSeenAt(scene)}; did you mean ${word}?` };
  return {
    offset,
    message: `unexpected ${bareSeenAt(scene)}; expected a text in double quotes, a number, true, false, null, a list or an object`,
  };
}

function malformedNumber(scene: Scene): SyntaxFault {
  return { offset: scene.offset, message: `malformed number ${seenAt(scene)}; expected digits, such as 10 or 0.5` };
}

function missingKey(scene: Scene): SyntaxFault {
  const token = scene.tokens[scene.index];
  if (token?.kind === "," && scene.tokens[scene.index - 1]?.kind === ",") return superfluousComma(scene);
  if (token?.kind === "," && scene.tokens[scene.index - 1]?.kind === "{") return superfluousComma(scene);
  const open = openBefore(scene);
  if (token?.kind === "{" && open) return stillOpen(scene, open, { from: scene.index, before: 'the next "{"' });
  return { offset: scene.offset, message: `unexpected ${bareSeenAt(scene)}; expected a key in double quotes` };
}

function superfluousComma(scene: Scene): SyntaxFault {
  return { offset: scene.offset, message: 'superfluous ","; remove it' };
}

function missingValue(scene: Scene): SyntaxFault {
  const previous = scene.tokens[scene.index - 1];
  const token = scene.tokens[scene.index];
  if (token?.kind === "," && previous?.kind !== ":") return superfluousComma(scene);
  const offset = previous ? previous.offset + previous.length : scene.offset;
  if (keyBefore(scene.tokens, scene.index) !== undefined) {
    return { offset, message: `${displayedKey(scene, scene.index - 2)} has no value; expected one after ":"` };
  }
  if (endsValue(previous) && token?.kind === ":") return missingComma(scene);
  return { offset: scene.offset, message: `unexpected ${bareSeenAt(scene)}; expected a value` };
}

function missingColon(scene: Scene): SyntaxFault {
  const key = scene.tokens[scene.index - 1];
  const offset = key ? key.offset + key.length : scene.offset;
  if (!beginsValue(scene.tokens[scene.index])) {
    // Such a text may be a value that lost its key, even a secret one: it is not shown.
    return {
      offset: key?.offset ?? offset,
      message: 'a text stands alone where a key is due; expected a key, ":" and a value',
    };
  }
  return {
    offset,
    message: `a colon is missing after ${displayedKey(scene, scene.index - 1)}; expected ":" and a value`,
  };
}

function textAfterEnd(scene: Scene): SyntaxFault {
  const closer = scene.tokens[scene.index - 1];
  const next = scene.tokens[scene.index];
  const key = next?.kind === "," ? scene.index + 1 : scene.index;
  if (closer?.kind === "}" && scene.tokens[key]?.kind === "string" && scene.tokens[key + 1]?.kind === ":") {
    const follows = `${displayedKey(scene, key)} follows`;
    return { offset: closer.offset, message: `this "}" closes the whole job, but ${follows}; remove it` };
  }
  return {
    offset: scene.offset,
    message: `unexpected ${bareSeenAt(scene)} after the end of the job; remove text around the JSON`,
  };
}

function isAfterEnd(scene: Scene): boolean {
  return scene.index > 0 && openBefore(scene) === undefined;
}

function openString(scene: Scene): SyntaxFault {
  return {
    offset: scene.offset,
    message:
      "this string is not closed on its line; expected a closing quotation mark, and \\n for a line break inside a text",
  };
}

function badEscape(scene: Scene): SyntaxFault {
  const text = scene.tokens[scene.index]?.text ?? "";
  for (const { 0: sequence, index } of text.matchAll(/\\(?:u[0-9A-Fa-f]{0,4}|.)/gs)) {
    if (/^\\(?:["\\/bfnrt]|u.{4})$/.test(sequence)) continue;
    return {
      offset: scene.offset + index,
      message: `"${sequence}" is no escape of JSON; a backslash itself is written \\\\`,
    };
  }
  return { offset: scene.offset, message: "this string holds an escape that JSON does not know" };
}

function controlCharacter(scene: Scene): SyntaxFault {
  const text = scene.tokens[scene.index]?.text ?? "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const at = Math.max(text.search(/[\u0000-\u001f]/), 0);
  const code = text.charCodeAt(at);
  const name = code === 9 ? "a tab" : `the control character U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  const sequence = code === 9 ? "\\t" : `\\u${code.toString(16).padStart(4, "0")}`;
  return { offset: scene.offset + at, message: `${name} inside a string; expected ${sequence}` };
}

/** The token at fault as a message may show it: not when the lines around it speak of a secret. */
function seenAt(scene: Scene): string {
  const { tokens, index } = scene;
  const token = tokens[index];
  if (!token) return "the end of the script";
  if (tokens[index + 1]?.kind === ":" && token.kind === "string") return displayedKey(scene, index);
  if (token.kind.length === 1) return `"${token.text}"`;
  if (standsBySecret(scene, token)) return "***";
  return showText(token.kind === "string" ? token.text.slice(1, -1) : token.text);
}

/** As {@link seenAt}, without an article. */
function bareSeenAt(scene: Scene): string {
  return seenAt(scene).replace(/^the (?=key )/, "");
}

/** A key as a message may show it: where punctuation is missing, what looks like a key may be a secret value. */
function displayedKey(scene: Scene, index: number): string {
  const { tokens } = scene;
  const token = tokens[index];
  if (!token) return "the key";
  const isNamed = tokens[index + 1]?.kind === ":" && ![tokens[index - 1], tokens[index - 2]].some(isSecretiveToken);
  const mayShow = isNamed || isSecretiveToken(token) || !standsBySecret(scene, token);
  return mayShow ? `the key ${token.text}` : "the key ***";
}

function isSecretiveToken(token: ScriptToken | undefined): boolean {
  return token !== undefined && isSecretive(token.text);
}

/** Whether the token's line, up to the token, or the line above speaks of a secret. */
function standsBySecret({ clean }: Scene, token: ScriptToken): boolean {
  const lineStart = clean.lastIndexOf("\n", token.offset - 1);
  return isSecretive(clean.slice(Math.max(clean.lastIndexOf("\n", lineStart - 1), 0), token.offset + token.length));
}
