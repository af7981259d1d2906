import { type OddCharacter, replaceOddCharacters } from "../text/odd-characters.js";
import type { TextEdit } from "../text/text-edits.js";
import {
  type BracketProblem,
  beginsValue,
  bracketProblem,
  closerOf,
  endsValue,
  type ScriptToken,
  scriptTokensOf,
} from "../text/tokens.js";

/** An edit that repairs something, and what. */
export interface Repair extends TextEdit {
  readonly message: string;
}

/** Repairs of a text's JSON. */
export interface Repairs {
  readonly repairs: readonly Repair[];
  /** Closing brackets were added, so where the last objects end is an inference. */
  readonly closesBrackets: boolean;
}

/** Finds the slips whose repair is beyond doubt. Where a token is broken nothing around it is, so only odd characters are. */
export function findRepairs(text: string): Repairs {
  const { clean, odd } = replaceOddCharacters(text);
  const { tokens, openComment } = scriptTokensOf(clean);
  const isBroken = openComment !== undefined || tokens.some(({ kind, faulty }) => faulty || kind === "unknown");
  const problem = bracketProblem(tokens);
  const isSound = !isBroken && tokens.length > 0;
  const closing = isSound && problem ? bracketRepairs(text, tokens, problem) : [];
  const structural = isSound ? [...commaRepairs(clean, tokens), ...closing] : [];
  // An odd comma or bracket that goes anyway need not be replaced first.
  const removed = new Set(structural.filter(({ length }) => length > 0).map(({ offset }) => offset));
  const repairs = [...odd.filter(({ offset }) => !removed.has(offset)).map(oddRepair), ...structural];
  return { repairs, closesBrackets: problem?.kind === "unclosed" && closing.length > 0 };
}

function oddRepair({ offset, kind, seen, meant }: OddCharacter): Repair {
  const code = (seen.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const escaped = JSON.stringify(seen).slice(1, -1);
  const repairs = {
    fullWidth: [
      meant,
      `full-width "${seen}" replaced by ${meant === '"' ? "a straight quotation mark" : `"${meant}"`}`,
    ],
    mojibake: ["", `"${seen}", left over from a wrong decoding, removed`],
    blank: [meant, `the blank U+${code} replaced by a plain one`],
    lineBreak: [escaped, `line break inside a text written as ${escaped}`],
    tab: [escaped, `tab inside a text written as ${escaped}`],
    singleQuote: [meant, "single quote replaced by a double one"],
    hashComment: ["//", 'comment with "#" begun with //'],
  } as const satisfies Record<OddCharacter["kind"], readonly [string, string]>;
  const [text, message] = repairs[kind];
  return { offset, length: 1, text, message };
}

function commaRepairs(clean: string, tokens: readonly ScriptToken[]): Repair[] {
  const repairs: Repair[] = [];
  const open: string[] = [];
  for (const [index, token] of tokens.entries()) {
    const previous = tokens[index - 1];
    const closes = token.kind === "}" || token.kind === "]";
    if (previous?.kind === "," && closes && endsValue(tokens[index - 2])) repairs.push(trailingComma(previous));
    if (previous && isCommaMissing({ clean, tokens, index, inside: open.at(-1) })) {
      repairs.push({ offset: previous.offset + previous.length, length: 0, text: ",", message: "missing comma added" });
    }
    if (closes) open.pop();
    else if (token.kind === "{" || token.kind === "[") open.push(token.kind);
  }
  return repairs;
}

function trailingComma({ offset }: ScriptToken): Repair {
  return { offset, length: 1, text: "", message: "trailing comma removed" };
}

interface Gap {
  readonly clean: string;
  readonly tokens: readonly ScriptToken[];
  readonly index: number;
  readonly inside: string | undefined;
}

/** Between members: a value, then a key with its colon. Between items: two values on different lines, or around brackets. */
function isCommaMissing({ clean, tokens, index, inside }: Gap): boolean {
  const token = tokens[index];
  const previous = tokens[index - 1];
  if (!token || !previous || !endsValue(previous) || !beginsValue(token)) return false;
  const between = clean.slice(previous.offset + previous.length, token.offset);
  const afterBracket = previous.kind === "}" || previous.kind === "]";
  if (inside === "{") {
    const isKey = token.kind === "string" && tokens[index + 1]?.kind === ":";
    return isKey && (afterBracket || (tokens[index - 2]?.kind === ":" && between !== ""));
  }
  return inside === "[" && (/[\r\n]/.test(between) || (afterBracket && (token.kind === "{" || token.kind === "[")));
}

function bracketRepairs(text: string, tokens: readonly ScriptToken[], problem: BracketProblem): Repair[] {
  if (problem.kind === "superfluous") {
    const rest = tokens.slice(problem.index);
    if (rest.some(({ kind }) => kind !== "}" && kind !== "]")) return [];
    return rest.map(({ offset, text: seen }) => ({
      offset,
      length: 1,
      text: "",
      message: `superfluous "${seen}" removed`,
    }));
  }
  const last = tokens.at(-1);
  if (problem.kind !== "unclosed" || !last || !endsWhole(tokens, problem.open.at(-1)?.token.kind)) return [];
  const closers = problem.open.map((open, depth) => `\n${"  ".repeat(depth)}${closerOf(open)}`).reverse();
  const names = problem.open.map(closerOf).reverse().join("");
  const added = {
    offset: text.trimEnd().length,
    length: 0,
    text: closers.join(""),
    message: `missing "${names}" added at the end`,
  };
  return last.kind === "," ? [trailingComma(last), added] : [added];
}

/** Whether a text that breaks off does so behind a whole member or item. */
function endsWhole(tokens: readonly ScriptToken[], inside: string | undefined): boolean {
  const end = tokens.at(-1)?.kind === "," ? tokens.length - 2 : tokens.length - 1;
  const last = tokens[end];
  if (!endsValue(last)) return last?.kind === "{" || last?.kind === "[";
  return inside === "[" || last?.kind === "}" || last?.kind === "]" || tokens[end - 1]?.kind === ":";
}
