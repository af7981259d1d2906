import { type Node, parseTree } from "jsonc-parser";
import type { Warning } from "../../model/job.js";
import type { TextPlace } from "../../model/place.js";
import { type OddCharacter, replaceOddCharacters } from "./odd-characters.js";
import { textPlacesOf } from "./positions.js";
import { ScriptError, type ScriptIssue } from "./script-error.js";
import { explainBrackets, explainFault, type ScannedText, type SyntaxFault } from "./syntax-message.js";
import { type BracketProblem, bracketProblem, type ScriptToken, scriptTokensOf } from "./tokens.js";

// After this many the text is not a script with slips but something else.
const MOST_ISSUES = 20;
const COMMA_EXPECTED = 6;
/** In characters: more than any job has, and few enough to be read at once. */
const LONGEST = 1_048_576;

/** A script that is well-formed JSON, comments and trailing commas aside. */
export interface SyntaxTree {
  readonly root: Node;
  /** The text with odd characters replaced; same length, so offsets hold in both. */
  readonly clean: string;
  readonly placeOf: (offset: number) => TextPlace;
  readonly warnings: readonly Warning[];
}

/**
 * Parses a script with offsets. Comments, trailing commas, Unicode blanks, and loose strings are accepted.
 *
 * @throws ScriptError with all slips up to the first one after which the rest of the text cannot be judged
 */
export function readTree(text: string): SyntaxTree {
  const placeOf = textPlacesOf(text);
  if (text.length > LONGEST) throw new ScriptError(tooLong(text));
  const { clean, odd } = replaceOddCharacters(text);
  const { tokens, openComment } = scriptTokensOf(clean);
  const faults: SyntaxFault[] = oddFaults(odd);
  if (openComment !== undefined)
    faults.push({ offset: openComment, message: 'this comment is never closed; expected "*/"' });
  const root = judge({ clean, tokens, placeOf, faults });
  const [first, ...rest] = issuesOf(faults, placeOf);
  if (first) throw new ScriptError(first, ...rest);
  if (!root) throw new ScriptError({ message: "this is not a job script; expected a JSON object", line: 1, column: 1 });
  return { root, clean, placeOf, warnings: oddWarnings(odd, placeOf) };
}

/** Adds what is wrong with the tokens to `faults`; the tree is of use only while there are none. */
function judge(scene: ScannedText & { readonly faults: SyntaxFault[] }): Node | undefined {
  const { tokens, placeOf, faults } = scene;
  const [stray] = tokens;
  if (!startsWell(stray)) {
    if (YAML.test(scene.clean)) faults.splice(0, faults.length, { offset: stray?.offset ?? 0, message: yamlMessage });
    else faults.push(startFault(stray));
    return undefined;
  }
  const brackets = bracketProblem(tokens);
  const parsed = brackets?.kind === "deep" ? undefined : parse(scene, brackets);
  faults.push(...(parsed?.faults ?? []));
  if (brackets && !parsed?.broken) faults.push(explainBrackets(brackets, tokens, placeOf));
  return parsed?.root;
}

function startsWell(first: ScriptToken | undefined): boolean {
  return first?.kind === "{" || first?.kind === "[";
}

/** A document mark, or a key with its value, behind comments. */
const YAML = /^\ufeff?(?:[ \t]*(?:#[^\n]*)?\r?\n)*(?:---\s|%YAML|(?:- +)?[A-Za-z_][\w.-]*:(?:\s|$))/;
const yamlMessage =
  'this is YAML, which is not read; expected JSON, from { to }: convert the job, for example with "yq -o json job.yaml"';

function startFault(first: ScriptToken | undefined): SyntaxFault {
  if (!first) return { offset: 0, message: "the script is empty; expected a JSON object, from { to }" };
  const seen = first.kind === "string" ? "a string" : JSON.stringify(first.text.slice(0, 30));
  return {
    offset: first.offset,
    message: `expected "{" at the start of the job, seen ${seen}; remove text around the JSON`,
  };
}

interface Parsed {
  readonly root: Node | undefined;
  readonly faults: readonly SyntaxFault[];
  /** Something else than missing commas was found: what follows would be echoes. */
  readonly broken: boolean;
}

function parse(text: ScannedText, brackets: BracketProblem | undefined): Parsed {
  const { clean } = text;
  const errors: { error: number; offset: number; length: number }[] = [];
  const root = parseTree(clean, errors, { allowTrailingComma: true });
  const end = brackets && "closer" in brackets ? brackets.closer.offset : clean.length;
  const faults: SyntaxFault[] = [];
  for (const [index, error] of errors.entries()) {
    if (error.offset >= end) break;
    faults.push(explainFault(error, text));
    const isCommaOnly = error.error === COMMA_EXPECTED && errors[index + 1]?.offset !== error.offset;
    if (!isCommaOnly || faults.length === MOST_ISSUES) return { root, faults, broken: true };
  }
  return { root, faults, broken: false };
}

function tooLong(text: string): ScriptIssue {
  const message = `the script has ${text.length} characters; a job has at most ${LONGEST}: is this the right file?`;
  return { message, line: 1, column: 1 };
}

function oddFaults(odd: readonly OddCharacter[]): SyntaxFault[] {
  return odd.flatMap(({ offset, kind, seen, meant }): SyntaxFault[] => {
    if (kind === "hashComment") return [{ offset, message: '"#" begins no comment here; expected //' }];
    if (kind !== "fullWidth") return [];
    const expected = meant === '"' ? "a straight quotation mark" : `"${meant}"`;
    return [{ offset, message: `full-width "${seen}" outside a string; expected ${expected}` }];
  });
}

/** In the order of the text, one per place. */
function issuesOf(faults: readonly SyntaxFault[], placeOf: (offset: number) => TextPlace): ScriptIssue[] {
  const byOffset = new Map<number, SyntaxFault>();
  for (const fault of faults) if (!byOffset.has(fault.offset)) byOffset.set(fault.offset, fault);
  return [...byOffset.values()]
    .sort((a, b) => a.offset - b.offset)
    .slice(0, MOST_ISSUES)
    .map(({ offset, message }) => ({ message, ...placeOf(offset) }));
}

/** One warning per kind, at its first place. */
function oddWarnings(odd: readonly OddCharacter[], placeOf: (offset: number) => TextPlace): Warning[] {
  const groups = new Map<string, OddCharacter[]>();
  for (const one of odd) {
    const kind = one.kind === "mojibake" ? "blank" : one.kind;
    const group = groups.get(kind);
    if (group) group.push(one);
    else groups.set(kind, [one]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const more = group.length > 1 ? ` (and ${group.length - 1} more like it)` : "";
    return [{ message: oddMessage(first) + more, ...placeOf(first.offset) }];
  });
}

function oddMessage({ kind, seen }: OddCharacter): string {
  if (kind === "lineBreak") return "a text over several lines is taken with its line breaks; JSON would have \\n";
  if (kind === "tab") return "a tab inside a text is taken as it is; JSON would have \\t";
  if (kind === "singleQuote") return "a single quote is read as a double one";
  const code = (seen.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const what = kind === "mojibake" ? `"${seen}", left over from a wrong decoding,` : `the character U+${code}`;
  return `${what} outside a string is read as a blank`;
}
