import { UserError } from "../../model/errors.js";
import { didYouMean } from "../text/nearest.js";
import { builtInValues } from "./business-time.js";
import { businessExpression, plannedExpression, type ReadExpression } from "./date-expression.js";
import { dateValues, type Finding } from "./date-values.js";
import { type EventUse, isEventName } from "./event-values.js";
import { createSqlScanner, type SqlScanner } from "./sql-literal.js";

/** What becomes of placeholders: `run` wants a value for each, `preview` leaves those without one, and escapes, as written. */
export type SubstitutionMode = "run" | "preview";

/** What placeholders are replaced by. */
export interface SubstitutionInput {
  readonly mode: SubstitutionMode;
  /** Values by name; they win over the built-in ones. */
  readonly parameters: Readonly<Record<string, string>>;
  /**
   * The planned time as its clock shows it, as if it were UTC, epoch ms. Business date, cycle time and date expressions follow from it;
   * without it they have no value.
   */
  readonly plannedMs: number | undefined;
  /** DataX scripts also use `$name`, for names that have a value. */
  readonly bareNames: boolean;
}

/** A substitution going through a script; the lists fill up as it goes. */
export interface Substitution {
  apply(text: string, path: string): string;
  /** Names without a value, at their first use. */
  readonly missing: readonly Finding[];
  /** Date expressions that are left alone, for want of a planned time. */
  readonly dateExpressions: readonly Finding[];
  /** What is wrong with date expressions, known with and without a planned time. */
  readonly malformed: readonly Finding[];
  /** Date expressions that hold letters which mean nothing and stay as they are. */
  readonly odd: readonly Finding[];
  /** Names whose value holds a quotation mark, at their first use. */
  readonly quoted: readonly Finding[];
  /** Places where values that come with events stand, given or not. */
  readonly eventUses: readonly EventUse[];
  /** Given names that the script has not used so far. */
  unused(): readonly string[];
}

// In this order: an escaped placeholder, ${…}, $[…], a bare name. A second $ before a bare name makes it none: $$ quotes text in PostgreSQL.
const PLACEHOLDER = /\$\$\{|\$\{([^{}]*)\}|\$\[([^\][]*)\]|(?<!\$)\$(\w+)/g;
/** In characters, of all values put in: as many as a script may have. */
const MOST_PUT_IN = 1_048_576;
const ESCAPE = "$".concat("$", "{");
const BUILT_IN = /^(?:bizdate|cyctime|gmtdate|bizmonth)$/;
const NAME = /^[A-Za-z_][\w.]*$/;
/** Parameters that Sluice gives to runs of schedules. */
const INTERVAL_NAME = /^data\.(?:start|end)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/**
 * Whether a text holds a placeholder or a date expression.
 *
 * @param as.bareNames  whether any `$name` may be one, as in DataX scripts
 */
export function hasPlaceholder(text: string, { bareNames }: { readonly bareNames: boolean }): boolean {
  for (const match of text.matchAll(PLACEHOLDER)) {
    if (match[1] !== undefined && NAME.test(match[1])) return true;
    if (expressionOf(match) !== null) return true;
    const bare = match[3];
    if (match[0] === ESCAPE || (bare !== undefined && (bareNames || BUILT_IN.test(bare)))) return true;
  }
  return false;
}

/**
 * Prepares a substitution: one pass, a value that was put in is not looked at again.
 *
 * @throws UserError CONFIG_INVALID when a given value holds a control character; when applied, where all values put in have
 *   more than 1,048,576 characters
 */
export function substitution(input: SubstitutionInput): Substitution {
  checkValues(input.parameters);
  const found = {
    missing: new Map<string, Finding>(),
    quoted: new Map<string, Finding>(),
    events: [] as EventUse[],
  };
  const used = new Set<string>();
  const dates = dateValues(input.plannedMs);
  const lookUp = valuesOf(input);
  const valueFor = (name: string, path: string): string | undefined => {
    const given = lookUp(name, used);
    // Whoever uploads an object does not choose what is computed.
    const value = given === undefined || isEventName(name) ? given : dates.assigned(given, name, path);
    if (value !== undefined && /["'`]/.test(value)) noteOnce(found.quoted, name, path);
    return value;
  };
  const count = counterOfValues();
  const replace: Replace = (match, path, scanner) => {
    const { 0: whole, 1: braced, 3: bare } = match;
    if (whole === ESCAPE) return input.mode === "run" ? whole.slice(1) : whole;
    const name = braced ?? bare;
    const value = name !== undefined && canName(input, match) ? valueFor(name, path) : undefined;
    if (braced !== undefined && scanner !== undefined && isEventName(braced))
      found.events.push({ name: braced, path, value, isInLiteral: scanner.isInLiteral() });
    if (value !== undefined) return count(value, path);
    const expression = expressionOf(match);
    if (expression) return count(dates.of(expression, { text: whole, path }) ?? whole, path);
    if (braced !== undefined && NAME.test(braced)) noteOnce(found.missing, braced, path);
    return whole;
  };
  return {
    apply: (text, path) => (text.includes("$") ? replaceAll(text, path, replace) : text),
    get missing() {
      return [...found.missing.values()];
    },
    dateExpressions: dates.waiting,
    malformed: dates.malformed,
    odd: dates.odd,
    eventUses: found.events,
    get quoted() {
      return [...found.quoted.values()];
    },
    unused: () => Object.keys(input.parameters).filter((name) => !used.has(name) && isChosen(name)),
  };
}

function noteOnce(found: Map<string, Finding>, name: string, path: string): void {
  if (!found.has(name)) found.set(name, { text: name, path });
}

/** Whether somebody gave the value for this script: others come with each event and each run of a schedule. */
function isChosen(name: string): boolean {
  return !isEventName(name) && !INTERVAL_NAME.test(name);
}

/** Counts what is put in, before it is: short texts can stand for much. */
function counterOfValues(): (value: string, path: string) => string {
  let characters = 0;
  return (value, path) => {
    characters += value.length;
    if (characters <= MOST_PUT_IN) return value;
    const message = `the values put in for placeholders have more than ${MOST_PUT_IN} characters in all, counted each time they stand there`;
    throw new UserError("CONFIG_INVALID", message, { path });
  };
}

/** `no value for ${city} (line 3, column 9), ${day} (…)`; the given names help to find a slip of the pen. */
export function missingMessage(
  missing: readonly (Finding & { readonly place: string })[],
  given: readonly string[],
): string {
  const variables = missing.map(({ text, place }) => `\${${text}}${place}${howGiven(text, given)}`);
  return `no value for ${variables.join(", ")}`;
}

function howGiven(name: string, given: readonly string[]): string {
  return INTERVAL_NAME.test(name) ? ", which runs of a schedule alone have by themselves" : didYouMean(name, given);
}

/** @param scanner  stands before the placeholder; only for texts that may hold a value of an event */
type Replace = (match: RegExpMatchArray, path: string, scanner: SqlScanner | undefined) => string;

function replaceAll(text: string, path: string, replace: Replace): string {
  const parts: string[] = [];
  const scanner = text.includes("${oss.") ? createSqlScanner() : undefined;
  const add = (part: string): void => {
    parts.push(part);
    scanner?.feed(part);
  };
  let from = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    add(text.slice(from, match.index));
    add(replace(match, path, scanner));
    from = (match.index ?? 0) + match[0].length;
  }
  return from === 0 ? text : parts.join("") + text.slice(from);
}

/** Whether this spelling may name a parameter: any name in braces, the four built-in ones bare, in DataX given ones bare. */
function canName({ bareNames, parameters }: SubstitutionInput, { 1: braced, 3: bare = "" }: RegExpMatchArray): boolean {
  if (braced !== undefined) return NAME.test(braced) || Object.hasOwn(parameters, braced);
  return BUILT_IN.test(bare) || (bareNames && Object.hasOwn(parameters, bare));
}

/** The date expression in braces or brackets; null when that is something else. */
function expressionOf({ 1: braced, 2: bracketed }: RegExpMatchArray): ReadExpression | null {
  if (bracketed !== undefined) return plannedExpression(bracketed);
  return braced === undefined ? null : businessExpression(braced);
}

function valuesOf({
  parameters,
  plannedMs,
}: SubstitutionInput): (name: string, used: Set<string>) => string | undefined {
  const builtIn: Readonly<Record<string, string>> = plannedMs === undefined ? {} : { ...builtInValues(plannedMs) };
  return (name, used) => {
    // A given business date also decides the system's own spelling of it, so that the two never disagree.
    const [, system] = /^bdp\.system\.(bizdate|cyctime)$/.exec(name) ?? [];
    for (const key of system === undefined ? [name] : [name, system]) {
      if (!Object.hasOwn(parameters, key)) continue;
      used.add(key);
      return parameters[key];
    }
    const key = system ?? name;
    return Object.hasOwn(builtIn, key) ? builtIn[key] : undefined;
  };
}

function checkValues(parameters: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(parameters)) {
    const at = value.search(CONTROL);
    if (at < 0) continue;
    const code = value.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0");
    const message = `the value of parameter "${name}" holds the control character U+${code} at position ${at + 1}; expected plain text`;
    throw new UserError("CONFIG_INVALID", message, { path: `parameters.${name}` });
  }
}
