import type { Job, Warning } from "../../model/job.js";
import { isJsonObject, type Json } from "../../model/json.js";
import type { TextOrigin } from "../../model/place.js";
import { DEFAULT_WORKSPACE_ZONE } from "../../model/side-zone.js";
import { zoneOf } from "../../model/zones.js";
import { DATAWORKS1_KEYS, readDataworks1 } from "../spellings/dataworks1.js";
import { DATAWORKS2_KEYS, readDataworks2 } from "../spellings/dataworks2.js";
import { readDatax } from "../spellings/datax.js";
import { didYouMean, nearest } from "../text/nearest.js";
import { placeBefore } from "../text/origins.js";
import { ScriptError, type ScriptIssue } from "../text/script-error.js";
import { foldKey, locator, scriptValue } from "../text/script-tree.js";
import { showValue } from "../text/show-value.js";
import { readTree, type SyntaxTree } from "../text/syntax.js";
import type { Finding } from "./date-values.js";
import type { EventUse } from "./event-values.js";
import { type Reading, report, type ScriptField, warn } from "./reading.js";
import { type Substitution, type SubstitutionMode, substitution } from "./substitute.js";

const readers = { steps: readDataworks2, configuration: readDataworks1, job: readDatax } as const;
type Mark = keyof typeof readers;
const MARKS = Object.keys(readers) as readonly Mark[]; // the type of keys() forgets them

/** How to read a script. */
export interface ParseOptions {
  /** Values for `${name}`; they win over the built-in ones. */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * `run` (the default) wants a value for every placeholder. `preview` puts in what it is given and leaves the rest as
   * written: without parameters and `plannedLocal` nothing changes, so that the job can be printed, stored or converted.
   */
  readonly mode?: SubstitutionMode;
  /**
   * The planned time as its clock shows it, `yyyy-MM-ddTHH:mm:ss`, from which business date, cycle time and date expressions follow; in
   * mode `run` the present by default, by the clock of Asia/Shanghai.
   */
  readonly plannedLocal?: string;
  /** Where the parts of the text stood in what the user wrote: places are told there. */
  readonly origins?: readonly TextOrigin[] | undefined;
}

/** A script with everything that reading it brought to light. */
export interface ReadScript extends Pick<Reading, "locate" | "respellings" | "unknownKeys"> {
  readonly job: Job;
  readonly warnings: readonly Warning[];
  /** Placeholders without a value. */
  readonly missing: readonly Finding[];
  /** Where values that come with events stand. */
  readonly eventUses: readonly EventUse[];
  /** The whole script as JSON, before any value was put in. */
  readonly written: Json;
}

/** A script that was read as far as it goes: with issues, parts of the job are empty, or there is none. */
export interface ExaminedScript extends Omit<ReadScript, "job"> {
  readonly job: Job | undefined;
  /** Everything that makes it no job, in the order of the text. */
  readonly issues: readonly ScriptIssue[];
}

/**
 * Reads a script without minding placeholders that have no value.
 *
 * @throws ScriptError, UserError as `parseJob`
 */
export function readScript(text: string, options: ParseOptions): ReadScript {
  const { issues, job, ...script } = examineScript(text, options);
  const [first, ...rest] = issues;
  if (first) throw new ScriptError(first, ...rest);
  if (!job) throw new ScriptError({ message: "not a data-integration job", line: 1, column: 1 });
  return { ...script, job };
}

/**
 * Reads a script as far as it goes.
 *
 * @throws ScriptError when the text is not JSON, UserError as `parseJob`
 */
export function examineScript(text: string, options: ParseOptions): ExaminedScript {
  const { parameters = {}, mode = "run", plannedLocal, origins = [] } = options;
  const tree = withOrigins(readTree(text), origins);
  const locate = locator(tree);
  const { value: plain } = scriptValue(tree, (raw) => raw);
  const mark = markOf(plain);
  const bareNames = mark === "job" || isConvertedDatax(plain);
  const planned = plannedLocal ?? (mode === "run" ? presentReading() : undefined);
  const plannedMs = planned === undefined ? undefined : Date.parse(`${planned}Z`);
  const values = substitution({ mode, parameters, plannedMs, bareNames });
  const { value, warnings } = scriptValue(tree, (raw, path) => values.apply(raw, path));
  const pending = values.missing.length > 0 || values.dateExpressions.length > 0;
  const reading: Reading = {
    locate,
    bareNames,
    lenient: mode !== "run" || pending,
    issues: [],
    warnings: [...tree.warnings, ...warnings],
    respellings: [],
    unknownKeys: [],
    carried: {},
  };
  for (const { text, path } of values.malformed) report(reading, path, { message: text });
  const job = mark ? readers[mark](reading, { value, path: "" }) : undefined;
  if (!mark) reportShape(reading, { value, path: "" });
  warnOfValues(reading, values);
  const { respellings, unknownKeys } = reading;
  const { missing, eventUses } = values;
  const found = { issues: inOrder(reading.issues), warnings: inOrder(reading.warnings), missing, eventUses };
  return { job, ...found, locate, respellings, unknownKeys, written: plain };
}

function withOrigins(tree: SyntaxTree, origins: readonly TextOrigin[]): SyntaxTree {
  if (origins.length === 0) return tree;
  const warnings = tree.warnings.map((warning) => {
    const { line, column } = warning;
    return line === undefined || column === undefined
      ? warning
      : { ...warning, ...placeBefore({ line, column }, origins) };
  });
  return { ...tree, warnings, placeOf: (offset) => placeBefore(tree.placeOf(offset), origins) };
}

/** The key that tells the spelling; `version` does not, as published scripts show. */
function markOf(value: Json): Mark | undefined {
  if (!isJsonObject(value)) return undefined;
  const keys = new Set(Object.keys(value).map(foldKey));
  return MARKS.find((mark) => keys.has(mark));
}

/** A converted DataX script says so where its bare `$name`s would else lose their meaning; see `datax.ts`. */
function isConvertedDatax(value: Json): boolean {
  const extend = isJsonObject(value) ? value.extend : undefined;
  return isJsonObject(extend) && extend.formatType === "datax";
}

function reportShape(reading: Reading, { value, path }: ScriptField): void {
  const expected = "expected steps (DataWorks 2.0), configuration (DataWorks 1.0) or job.content (DataX)";
  if (!isJsonObject(value)) {
    report(reading, path, { message: `not a data-integration job: ${expected}; seen ${showValue(value, path)}` });
    return;
  }
  const keys = Object.keys(value);
  const seen =
    keys.length === 0
      ? "an empty object"
      : `the keys ${keys
          .slice(0, 8)
          .map((key) => JSON.stringify(key))
          .join(", ")}`;
  const known: readonly string[] = [...DATAWORKS2_KEYS, ...DATAWORKS1_KEYS];
  const slip = keys.find((key) => !known.includes(key) && nearest(key, MARKS) !== undefined);
  const guess = slip === undefined ? stepAdvice(keys) : didYouMean(slip, MARKS);
  report(reading, path, { message: `not a data-integration job: ${expected}; seen ${seen}${guess}` });
}

/** Pages of plug-ins show one side of a job alone. */
function stepAdvice(keys: readonly string[]): string {
  const has = (name: string) => keys.some((key) => foldKey(key) === foldKey(name));
  if (has("reader") || has("writer")) return "; these belong into job.content";
  if (!has("parameter")) return "";
  if (has("stepType")) return "; this is one step: a job has a reader and a writer in steps";
  return has("name") ? "; this is one side of a job: job.content has reader and writer" : "";
}

/** Where no workspace is known that has another zone. */
function presentReading(): string {
  const now = Date.now();
  return new Date(now + (zoneOf(DEFAULT_WORKSPACE_ZONE)?.(now) ?? 0)).toISOString().slice(0, 19);
}

function warnOfValues(reading: Reading, values: Substitution): void {
  for (const { text, path } of values.odd) warn(reading, path, { message: text });
  for (const { text, path } of values.quoted) {
    warn(reading, path, {
      message: `the value of parameter "${text}" holds a quotation mark, which may end a text in SQL`,
    });
  }
  for (const name of values.unused()) {
    const guess = didYouMean(
      name,
      values.missing.map(({ text }) => text),
    );
    reading.warnings.push({ message: `parameter "${name}" is not used by the script${guess}` });
  }
}

/** In the order of the text; what has no place comes last. */
export function inOrder<T extends ScriptIssue | Warning>(all: readonly T[]): T[] {
  const at = ({ line = Number.MAX_SAFE_INTEGER, column = 0 }: T) => [line, column] as const;
  return [...all].sort((a, b) => at(a)[0] - at(b)[0] || at(a)[1] - at(b)[1]);
}
