import type { Database } from "node-sqlite3-wasm";

type Value = string | number | bigint | Uint8Array | null;

/** What ends a statement as an error of DB2's does. */
export function db2Error(sqlcode: number, sqlstate: string, words: string): Error {
  const number = String(-sqlcode).padStart(4, "0");
  return Object.assign(new Error(`[IBM][CLI Driver][DB2/LINUXX8664] SQL${number}N  ${words} SQLSTATE=${sqlstate}`), {
    ...{ error: "[ibm_db] SQL_ERROR", sqlcode, sqlstate, state: sqlstate },
  });
}

/** The functions of DB2's SQL that the connector's statements use; others are unknown to the engine, which says so. */
export function addDb2Functions(database: Database): void {
  const add = (name: string, work: (...values: Value[]) => Value) =>
    database.function(name, work, { deterministic: true });
  add("VARCHAR", (value) => (value === null ? null : String(value)));
  add("TIMESTAMP", (value) => (value === null ? null : fullMoment(String(value))));
  add("VARCHAR_FORMAT", (value, format) => (value === null ? null : formatted(String(value), String(format))));
  add("CLOB", (value) => value);
  add("LOCATE", (part, text) => (text === null ? null : String(text).indexOf(String(part)) + 1));
  add("DB2_HEX", (value) =>
    value === null
      ? null
      : Buffer.from(value as Uint8Array)
          .toString("hex")
          .toUpperCase(),
  );
  add("DB2_DAY", (value) => (value === null ? null : String(value)));
  add("DB2_FITS", (value, most) => (value === null || Buffer.byteLength(String(value)) <= Number(most) ? 1 : 0));
  add("DB2_BETWEEN", (value, low, high) => (value === null || isBetween(value, low, high) ? 1 : 0));
  add("DB2_DIGITS_FIT", (value, most) =>
    value === null || /^-?0*(\d*)/.exec(String(value))![1]!.length <= Number(most) ? 1 : 0,
  );
  add("DB2_IS_NUMBER", (value) =>
    value === null || /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(String(value)) ? 1 : 0,
  );
  add("DB2_IS_DATE", (value) => (value === null || isDate(String(value)) ? 1 : 0));
}

function isBetween(value: Value, low: Value, high: Value): boolean {
  if (!/^-?\d+$/.test(String(value))) return true;
  return BigInt(String(value)) >= BigInt(String(low)) && BigInt(String(value)) <= BigInt(String(high));
}

function isDate(text: string): boolean {
  const [, year = "", month = "", day = ""] =
    /^(\d{4})-(\d\d)-(\d\d)(?:[ -]\d\d[:.]\d\d[:.]\d\d(?:\.\d{1,12})?)?$/.exec(text) ?? [];
  const last = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate();
  return Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= last;
}

function fullMoment(text: string): string {
  const [, day = "", time = "00:00:00", fraction = ""] = /^(\S+)(?: (\d\d:\d\d:\d\d)(?:\.(\d+))?)?$/.exec(text) ?? [];
  return `${day} ${time}.${fraction.padEnd(6, "0")}`;
}

function formatted(text: string, format: string): string {
  const digits = Number(/\.FF(\d+)$/.exec(format)?.[1] ?? 0);
  const [whole = "", fraction = ""] = fullMoment(text).split(".");
  return digits > 0 ? `${whole}.${fraction.padEnd(digits, "0").slice(0, digits)}` : whole;
}
