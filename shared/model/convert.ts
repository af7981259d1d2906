import { isUtf8 } from "node:buffer";
import type { Cell, ColumnType, DirtyReason } from "./batch.js";
import type { DateKind } from "./date-fields.js";
import { type DatePattern, datePattern } from "./date-pattern.js";
import { dateKind, dateOfEpochMs, dateToEpochMs, isRealDateText } from "./dates.js";
import { formatDate } from "./format-date.js";
import { fitsLong, isDouble, isInteger, type LongRange, truncated } from "./numbers.js";
import { type DateLeniency, type DateReading, parseDate } from "./parse-date.js";
import { DEFAULT_TIME_ZONE, type Zone, zoneOf } from "./zones.js";

/** A converted cell, or why the record is dirty. */
export type Converted =
  | { readonly ok: true; readonly cell: Cell }
  | { readonly ok: false; readonly reason: DirtyReason; readonly message: string };

/** Text to bytes and back in one encoding; both answer null when the value cannot be expressed. */
export interface TextCodec {
  readonly name: string;
  encode(text: string): Buffer | null;
  decode(bytes: Buffer): string | null;
}

/** How values are read and printed. Make one per split and pass the same object for every cell. */
export interface ConvertOptions {
  /** Zone in which dates without one are meant; default GMT+8. Checked beforehand with `zoneOf` of zones.ts. */
  readonly timeZone?: string;
  /** Default UTF-8. */
  readonly codec?: TextCodec;
  /** Integers that the target takes; default `int64`. */
  readonly longRange?: LongRange;
  /** Patterns of Java's SimpleDateFormat (date-pattern.ts) that replace the usual ones, for reading and printing alike. */
  readonly dateFormats?: Partial<Readonly<Record<DateKind, string>>>;
  /** Patterns tried last when reading; default `yyyyMMdd`. */
  readonly extraDateFormats?: readonly string[];
  /** The column's own pattern: then no other one is tried, and all dates are printed by it. */
  readonly dateFormat?: string;
  /** Default `exact`. */
  readonly dateLeniency?: DateLeniency;
  /** Whether a date printed without a pattern of its own keeps its fraction of seconds; default `keep`. */
  readonly dateFraction?: "keep" | "drop";
}

/** What cells become. Make one per column and pass the same object for every cell. */
export interface Conversion {
  readonly to: ColumnType;
  readonly options?: ConvertOptions | undefined;
}

/**
 * Converts one cell between the six internal types by the table of the script-mode reference, "Type system". Never throws.
 * Null stays null. What the table refuses is CONVERSION; an integer or a date beyond the target's range is OVERFLOW.
 */
export function convertCell(cell: Cell, from: ColumnType, { to, options = noOptions }: Conversion): Converted {
  if (cell === null) return { ok: true, cell };
  const actual = typeof cell !== "string" ? "bytes" : from === "bytes" ? "string" : from;
  const rule = table[actual][to];
  const found = rule === null ? refused : rule(cell as never, options); // a rule of row T takes the values of type T
  if (typeof found !== "symbol") return { ok: true, cell: found };
  const reason = found === overflow ? "OVERFLOW" : "CONVERSION";
  return { ok: false, reason, message: complaint(cell, { from: actual, to, why: found, options }) };
}

/**
 * True when a column's values may be converted at all; a `false` at planning time saves a run full of dirty records.
 */
export function isConvertible(from: ColumnType, to: ColumnType): boolean {
  return table[from][to] !== null;
}

const noOptions: ConvertOptions = {};
const refused = Symbol("refused");
const overflow = Symbol("overflow");
type Outcome = Cell | typeof refused | typeof overflow;
type TextRule = (text: string, options: ConvertOptions) => Outcome;
type BytesRule = (bytes: Buffer, options: ConvertOptions) => Outcome;

const same = <T extends Cell>(cell: T): T => cell;

/** Rows: from; columns: to; null: never possible. */
const table = {
  long: { long: longToLong, double: same, string: same, date: longToDate, bool: longToBool, bytes: null },
  double: { long: numberToLong, double: same, string: same, date: null, bool: null, bytes: null },
  string: {
    long: numberToLong,
    double: (text) => (isDouble(text) ? text : refused),
    string: same,
    date: stringToDate,
    bool: stringToBool,
    bytes: stringToBytes,
  },
  date: { long: dateToLong, double: null, string: dateToString, date: same, bool: null, bytes: null },
  bool: { long: boolToNumber, double: boolToNumber, string: same, date: null, bool: same, bytes: null },
  bytes: { long: null, double: null, string: bytesToString, date: null, bool: null, bytes: same },
} as const satisfies Record<Exclude<ColumnType, "bytes">, Record<ColumnType, TextRule | null>> & {
  bytes: Record<ColumnType, BytesRule | null>;
};

function longToLong(text: string, { longRange = "int64" }: ConvertOptions): Outcome {
  if (!isInteger(text)) return refused;
  return fitsLong(text, longRange) ? text : overflow;
}

function longToDate(text: string, options: ConvertOptions): Outcome {
  const zone = zoneFor(options);
  if (!zone || !isInteger(text)) return refused;
  return dateOfEpochMs(Number(text), zone) ?? overflow;
}

function longToBool(text: string): Outcome {
  if (!isInteger(text)) return refused;
  return /[1-9]/.test(text) ? "true" : "false";
}

const ZERO = 48;
/** More digits than any column type keeps: bounds the work that `1e999999999` can ask for. */
const MAX_LONG_DIGITS = 1000;

function numberToLong(text: string, { longRange = "int64" }: ConvertOptions): Outcome {
  if (longRange === "int64" && isUsualLong(text)) return text;
  const integer = truncated(text, MAX_LONG_DIGITS);
  if (integer === null) return refused;
  return integer !== "overflow" && fitsLong(integer, longRange) ? integer : overflow;
}

/** Nearly all integers are short digits without a sign or a zero in front, and need no more than this look. */
function isUsualLong(text: string): boolean {
  return text.length <= 18 && isInteger(text) && text.charCodeAt(0) > ZERO;
}

function stringToBool(text: string): Outcome {
  if (text.length > 5) return refused;
  const lower = text.toLowerCase();
  return lower === "true" || lower === "false" ? lower : refused;
}

function stringToBytes(text: string, { codec = utf8 }: ConvertOptions): Outcome {
  return codec.encode(text) ?? refused;
}

function bytesToString(bytes: Buffer, { codec = utf8 }: ConvertOptions): Outcome {
  return codec.decode(bytes) ?? refused;
}

function boolToNumber(text: string): Outcome {
  return text === "true" ? "1" : text === "false" ? "0" : refused;
}

function dateToLong(text: string, options: ConvertOptions): Outcome {
  const zone = zoneFor(options);
  const ms = zone && dateToEpochMs(text, zone);
  return ms === null ? refused : String(ms);
}

function dateToString(text: string, options: ConvertOptions): Outcome {
  const pattern = printPattern(text, options);
  if (pattern !== undefined) {
    const parsed = patternOf(pattern);
    const reading = dateReading(options);
    return (parsed && reading && formatDate(text, parsed, reading.zone)) ?? refused;
  }
  if (options.dateFraction !== "drop") return text;
  const point = text.indexOf(".");
  return point < 0 ? text : text.slice(0, point);
}

function printPattern(text: string, { dateFormat, dateFormats }: ConvertOptions): string | undefined {
  if (dateFormat !== undefined || dateFormats === undefined) return dateFormat;
  const kind = dateKind(text);
  return kind === null ? undefined : dateFormats[kind];
}

function stringToDate(text: string, options: ConvertOptions): Outcome {
  const usual = options.dateFormat === undefined && options.dateFormats === undefined;
  if (usual && isRealDateText(text)) return text;
  const reading = dateReading(options);
  if (!reading) return refused;
  for (const pattern of patternsFor(options)) {
    const found = pattern && parseDate(text, pattern, reading);
    if (found) return found;
  }
  return refused;
}

const utf8: TextCodec = {
  name: "UTF-8",
  encode: (text) => Buffer.from(text, "utf8"),
  decode: (bytes) => (isUtf8(bytes) ? bytes.toString("utf8") : null),
};

const usualFormats = { datetime: "yyyy-MM-dd HH:mm:ss", date: "yyyy-MM-dd", time: "HH:mm:ss" } as const;
const usualExtraFormats = ["yyyyMMdd"];
const patterns = new Map<string, DatePattern | null>();
const patternLists = new WeakMap<ConvertOptions, readonly (DatePattern | null)[]>();

function patternsFor(options: ConvertOptions): readonly (DatePattern | null)[] {
  let list = patternLists.get(options);
  if (!list) {
    list = writtenPatterns(options).map(patternOf);
    patternLists.set(options, list);
  }
  return list;
}

function writtenPatterns({ dateFormat, dateFormats, extraDateFormats }: ConvertOptions): readonly string[] {
  if (dateFormat !== undefined) return [dateFormat];
  const { datetime, date, time } = { ...usualFormats, ...dateFormats };
  return [datetime, date, time, ...(extraDateFormats ?? usualExtraFormats)];
}

function patternOf(pattern: string): DatePattern | null {
  let parsed = patterns.get(pattern);
  if (parsed === undefined) {
    parsed = datePattern(pattern);
    patterns.set(pattern, parsed);
  }
  return parsed;
}

function zoneFor(options: ConvertOptions): Zone | null {
  return zoneOf(options.timeZone ?? DEFAULT_TIME_ZONE);
}

const dateReadings = new WeakMap<ConvertOptions, DateReading>();

function dateReading(options: ConvertOptions): DateReading | null {
  const known = dateReadings.get(options);
  if (known) return known;
  const offset = zoneFor(options);
  if (!offset) return null;
  const zone = { name: options.timeZone ?? DEFAULT_TIME_ZONE, offset };
  const reading = { zone, leniency: options.dateLeniency ?? "exact" };
  dateReadings.set(options, reading);
  return reading;
}

const DISPLAYED_CHARACTERS = 60;
const expected: Readonly<Record<ColumnType, string>> = {
  long: "an integer",
  double: "a number",
  string: "text in the expected encoding",
  date: "a date in an expected format",
  bool: "true or false",
  bytes: "bytes",
};

interface Complaint {
  readonly from: ColumnType;
  readonly to: ColumnType;
  readonly why: symbol;
  readonly options: ConvertOptions;
}

function complaint(cell: string | Buffer, { from, to, why, options }: Complaint): string {
  const value = typeof cell === "string" ? cell : cell.subarray(0, DISPLAYED_CHARACTERS).toString("hex");
  const displayed = value.length > DISPLAYED_CHARACTERS ? `${value.slice(0, DISPLAYED_CHARACTERS)}…` : value;
  if (why === overflow) return `"${displayed}" is out of the range of ${to}`;
  if (table[from][to] === null) return `${from} cannot be converted to ${to}: "${displayed}"`;
  if (from === "string" && to === "date")
    return `"${displayed}" does not fit ${patternsInWords(writtenPatterns(options))}`;
  const pattern = from === "date" && to === "string" ? printPattern(value, options) : undefined;
  if (pattern !== undefined) return `"${displayed}" cannot be written by the pattern "${pattern}"`;
  return `"${displayed}" is not ${expected[to]}`;
}

function patternsInWords(written: readonly string[]): string {
  const all = written.map((pattern) => `"${pattern}"`);
  return all.length === 1 ? `the pattern ${all[0]}` : `any of the patterns ${all.join(", ")}`;
}
