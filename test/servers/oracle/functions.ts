import type { Database } from "node-sqlite3-wasm";

/** What a session has set, as far as functions ask for it. */
export interface SessionState {
  readonly schema: string;
  readonly nls: Map<string, string>;
  timeZone: string;
}

/** What ends a statement as an error of Oracle's does. */
export function oraError(number: number, words: string): Error {
  return new Error(`ORA-${String(number).padStart(5, "0")}: ${words}`);
}

type Value = string | number | bigint | Uint8Array | null;

/** The functions of Oracle's SQL that the connector's statements use, by Oracle's documentation; others are unknown to the engine, which says so. */
export function addFunctions(database: Database, session: () => SessionState): void {
  const add = (name: string, work: (...values: Value[]) => Value) =>
    database.function(name, work, { deterministic: true });
  const strict = (work: (text: string) => Value) => (value: Value) => (value === null ? null : work(String(value)));
  add("TO_NUMBER", strict(number));
  add("TO_BINARY_DOUBLE", strict(float));
  add(
    "TO_BINARY_FLOAT",
    strict((text) => Math.fround(float(text))),
  );
  add("TO_DATE", (value, format) => (value === null ? null : moment(String(value), String(format), 0)));
  add("TO_TIMESTAMP", (value, format) => (value === null ? null : moment(String(value), String(format), 9)));
  add(
    "TO_YMINTERVAL",
    strict((text) => interval(text, /^[+-]?\d+-\d+$/)),
  );
  add(
    "TO_DSINTERVAL",
    strict((text) => interval(text, /^[+-]?\d+ \d+:\d+:\d+(\.\d+)?$/)),
  );
  add("REPLACE", (text, part) => (text === null ? null : String(text).replaceAll(String(part), "")));
  add("SYS_EXTRACT_UTC", (value) => value);
  add("ROWIDTOCHAR", strict(rowidText));
  add("CHARTOROWID", strict(rowidNumber));
  add("RAWTOHEX", (value) =>
    value === null
      ? null
      : Buffer.from(value as Uint8Array)
          .toString("hex")
          .toUpperCase(),
  );
  add(
    "HEXTORAW",
    strict((text) => new Uint8Array(Buffer.from(text, "hex"))),
  );
  add("TO_CLOB", (value) => value);
  add("TO_NCHAR", (value) => value);
  add(
    "UNISTR",
    strict((text) =>
      text.replace(/\\([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
    ),
  );
  add("ORA_PAD", (value, length) => (value === null ? null : String(value).padEnd(Number(length))));
  add("ORA_FITS", (value, most) => (value === null || size(value) <= Number(most) ? 1 : 0));
  add("ORA_BYTES_FIT", (value, most) => (value === null || Buffer.byteLength(String(value)) <= Number(most) ? 1 : 0));
  add("ORA_WHOLE_DIGITS_FIT", (value, most) => (value === null || wholeDigits(String(value)) <= Number(most) ? 1 : 0));
  add("ORA_IS_NUMBER", (value) => (value === null || /^-?[\d.]+(?:e[+-]?\d+)?$/i.test(String(value)) ? 1 : 0));
  database.function("SYS_CONTEXT", (_space: Value, name: Value) =>
    name === "CURRENT_SCHEMA" ? session().schema : null,
  );
  const toChar = (value: Value, format?: Value) => {
    if (value === null || format === undefined) return value === null ? null : String(value);
    return dateText(String(value), String(format));
  };
  // With or without a format: to SQLite, any number of arguments.
  database.function("TO_CHAR", Object.defineProperty(toChar, "length", { value: -1 }));
  // The texts of a database in ASCII lose whatever else there is.
  const inCharset = (value: Value) =>
    value !== null && session().nls.get("NLS_CHARACTERSET") === "US7ASCII"
      ? String(value).replace(/[^\x20-\x7e]/g, "?")
      : value;
  database.function("ORA_IN_CHARSET", inCharset);
}

function size(value: Value): number {
  return value instanceof Uint8Array ? value.length : Array.from(String(value)).length;
}

function wholeDigits(text: string): number {
  return (/^-?0*(\d*)/.exec(text)?.[1] ?? "").length;
}

function number(text: string): Value {
  if (!/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text)) throw oraError(1722, "invalid number");
  const plain = text.trim().replace(/^\+/, "");
  return /^-?\d{1,19}$/.test(plain) && BigInt.asIntN(64, BigInt(plain)) === BigInt(plain) ? BigInt(plain) : plain;
}

function float(text: string): number {
  const special = { INF: Number.POSITIVE_INFINITY, "-INF": Number.NEGATIVE_INFINITY, NAN: Number.NaN }[
    text.toUpperCase()
  ];
  if (special !== undefined) return special;
  number(text);
  return Number(text);
}

/** A text of exactly the format's shape; the day must exist. All dates have nine digits of a second, so that they compare as they should. */
function moment(text: string, format: string, digits: number): string {
  if (format !== `SYYYY-MM-DD HH24:MI:SS${digits > 0 ? ".FF9" : ""}`)
    throw oraError(1821, "date format not recognized");
  const parts = /^(-?)(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/.exec(text);
  if (!parts) throw oraError(1861, "literal does not match format string");
  const [, sign = "", year = "", month = "", day = "", hour = "", minute = "", second = "", fraction = ""] = parts;
  if (Number(month) < 1 || Number(month) > 12) throw oraError(1843, "not a valid month");
  const last = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate();
  if (Number(day) < 1 || Number(day) > last) throw oraError(1839, "date not valid for month specified");
  if (Number(hour) > 23) throw oraError(1850, "hour must be between 0 and 23");
  if (Number(minute) > 59 || Number(second) > 59) throw oraError(1851, "minutes must be between 0 and 59");
  if (fraction !== "" && digits === 0)
    throw oraError(1830, "date format picture ends before converting entire input string");
  return `${sign}${year}-${month}-${day} ${hour}:${minute}:${second}.${fraction.padEnd(9, "0")}`;
}

function interval(text: string, shape: RegExp): string {
  if (!shape.test(text)) throw oraError(1867, "the interval is invalid");
  return /^[+-]/.test(text) ? text : `+${text}`;
}

/** `YYYY-MM-DD HH24:MI:SS[.FFn] BC`. */
function dateText(text: string, format: string): string {
  const shape = /^YYYY-MM-DD HH24:MI:SS(?:\.FF(\d))? BC$/.exec(format);
  if (!shape) throw oraError(1821, "date format not recognized");
  const [, sign = "", day = "", time = "00:00:00", fraction = ""] =
    /^(-?)(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d)(?:\.(\d+))?)?$/.exec(text) ?? [];
  if (shape[1] !== undefined && !text.includes(".") && !/ /.test(text))
    throw oraError(1821, "date format not recognized");
  const digits = shape[1] === undefined ? "" : `.${fraction.padEnd(Number(shape[1]), "0").slice(0, Number(shape[1]))}`;
  return `${day} ${time}${digits} ${sign === "-" ? "BC" : "AD"}`;
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function base64(value: number, length: number): string {
  let [text, rest] = ["", value];
  for (let i = 0; i < length; i++) {
    text = (letters[rest % 64] ?? "A") + text;
    rest = Math.floor(rest / 64);
  }
  return text;
}

/** Object, file, block and row, as the driver prints them. */
function rowidText(number: string): string {
  return (
    base64(1, 6) + base64(1, 3) + base64(Math.floor(Number(number) / 65_536), 6) + base64(Number(number) % 65_536, 3)
  );
}

function rowidNumber(text: string): number {
  if (!/^[A-Za-z0-9+/]{18}$/.test(text)) throw oraError(1410, "invalid ROWID");
  const value = (part: string) => [...part].reduce((sum, letter) => sum * 64 + letters.indexOf(letter), 0);
  return value(text.slice(9, 15)) * 65_536 + value(text.slice(15));
}
