/**
 * What the type table of the script-mode reference (§2.7), and what docs/types.md adds to it, make of a value: worked out anew here, with big
 * integers and regular expressions, without a line of the product's own conversions.
 */

/** A value as a reader delivers it. `bit` is a BIT column of several bits. */
export interface Sample {
  readonly type: "long" | "double" | "string" | "date" | "bool" | "bytes" | "bit";
  readonly value: string | Buffer;
}

/** A number as `digits / 10^scale`. */
interface Exact {
  readonly digits: bigint;
  readonly scale: number;
}

interface Moment {
  readonly kind: "datetime" | "date" | "time";
  /** Seconds since 1970-01-01 00:00:00 on the clocks of the zone, as if that were UTC. */
  readonly seconds: number;
  /** Digits behind the point, without zeros at the end. */
  readonly fraction: string;
}

const OFFSET_SECONDS = 8 * 3600;
const ZERO_DATE = /^\d{4}-(?:00-\d\d|\d\d-00)(?: 00:00:00)?$/;

/** What a target's column then shows; null = the record is dirty. */
export type Oracle = (sample: Sample) => string | null;

function exactOf(text: string): Exact | null {
  const found = /^([+-]?)(?=\.?\d)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!found) return null;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = found;
  const shift = Number(exponent) - fraction.length;
  const digits = BigInt(`${whole}${fraction}`) * (sign === "-" ? -1n : 1n);
  return shift >= 0 ? { digits: digits * 10n ** BigInt(shift), scale: 0 } : { digits, scale: -shift };
}

function numberOf({ type, value }: Sample): Exact | null {
  if (typeof value !== "string" || type === "date") return null;
  if (type === "bool") return { digits: value === "true" ? 1n : 0n, scale: 0 };
  return exactOf(value);
}

function longOf(sample: Sample): bigint | null {
  if (sample.type === "date") {
    const moment = momentOf(sample);
    if (!moment) return null;
    return BigInt(moment.seconds - OFFSET_SECONDS) * 1000n + BigInt(moment.fraction.padEnd(3, "0").slice(0, 3));
  }
  const exact = numberOf(sample);
  return exact && exact.digits / 10n ** BigInt(exact.scale);
}

const DATE_TIME = /^(\d{4})-(\d\d?)-(\d\d?)(?:[ T](\d\d?):(\d\d?):(\d\d?)(?:\.(\d+))?\s*(Z|[+-]\d\d:?\d\d)?)?$/;

function momentOf({ type, value }: Sample): Moment | null {
  if (typeof value !== "string") return null;
  if (type === "long") {
    const ms = Number(value) + OFFSET_SECONDS * 1000;
    if (ms > Date.UTC(9999, 11, 31)) return null;
    return { kind: "datetime", seconds: Math.floor(ms / 1000), fraction: trimmed(String(ms % 1000).padStart(3, "0")) };
  }
  if (type !== "date" && type !== "string") return null;
  const compact = type === "string" ? value.replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3") : value;
  const [, y, M, d, H, m = "0", s = "0", fraction = "", zone] = DATE_TIME.exec(compact) ?? [];
  if (y !== undefined) {
    const seconds = secondsOf([y, M, d, H ?? "0", m, s]);
    const shift = zone === undefined ? 0 : OFFSET_SECONDS - zoneSeconds(zone);
    return seconds === null
      ? null
      : { kind: H === undefined ? "date" : "datetime", seconds: seconds + shift, fraction: trimmed(fraction) };
  }
  const [, hour, minute, second, part = ""] = /^(\d\d?):(\d\d?):(\d\d?)(?:\.(\d+))?$/.exec(value) ?? [];
  const seconds = hour === undefined ? null : secondsOf(["1970", "1", "1", hour, minute, second]);
  return seconds === null ? null : { kind: "time", seconds, fraction: trimmed(part) };
}

function zoneSeconds(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? ["", "+", "0", "0"];
  return (Number(hours) * 3600 + Number(minutes) * 60) * (sign === "-" ? -1 : 1);
}

/** Null for what is on no calendar and no clock. */
function secondsOf(parts: readonly (string | undefined)[]): number | null {
  const [y = 0, M = 0, d = 0, H = 0, m = 0, s = 0] = parts.map(Number);
  const date = new Date(Date.UTC(2000, M - 1, d, H, m, s));
  date.setUTCFullYear(y, M - 1, d);
  const isReal = date.getUTCFullYear() === y && date.getUTCMonth() === M - 1 && date.getUTCDate() === d;
  return isReal && H < 24 && m < 60 && s < 60 ? date.getTime() / 1000 : null;
}

function trimmed(fraction: string): string {
  return fraction.replace(/0+$/, "");
}

function momentText({ seconds, fraction }: Moment, form: "date" | "datetime" | "time", digits: number): string {
  const iso = new Date(seconds * 1000).toISOString();
  if (form === "date") return iso.slice(0, 10);
  const tail = digits === 0 ? "" : `.${fraction.padEnd(digits, "0")}`;
  return (form === "time" ? iso.slice(11, 19) : `${iso.slice(0, 10)} ${iso.slice(11, 19)}`) + tail;
}

function textOf({ type, value }: Sample): string | null {
  if (typeof value === "string") return value;
  if (type === "bit")
    return new TextDecoder("utf-8", { fatal: false }).decode(value).includes("\ufffd") ? null : value.toString();
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return null;
  }
}

function integer(low: bigint, high: bigint): Oracle {
  return (sample) => {
    if (sample.value === "") return sample.type === "string" ? "NULL" : null;
    const value = longOf(sample);
    return value === null || value < low || value > high ? null : String(value);
  };
}

const year: Oracle = (sample) => {
  const text = integer(0n, 2155n)(sample);
  if (text === null || text === "NULL") return text;
  return text === "0" ? "0000" : Number(text) > 1900 ? text : null;
};

function decimal(precision: number, scale: number): Oracle {
  return (sample) => {
    if (sample.value === "") return sample.type === "string" ? "NULL" : null;
    const exact = numberOf(sample);
    if (!exact) return null;
    const unit = 10n ** BigInt(exact.scale);
    const scaled = exact.digits * 10n ** BigInt(scale);
    if (scaled % unit !== 0n) return null;
    const value = scaled / unit;
    const size = value < 0n ? -value : value;
    if (size >= 10n ** BigInt(precision)) return null;
    const digits = String(size).padStart(scale + 1, "0");
    return `${value < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  };
}

function approximate(round: (value: number) => number): Oracle {
  return (sample) => {
    if (sample.value === "") return sample.type === "string" ? "NULL" : null;
    const exact = numberOf(sample);
    const value =
      exact &&
      round(
        Number(
          String(sample.value)
            .replace(/^true$/, "1")
            .replace(/^false$/, "0"),
        ),
      );
    return value !== null && Number.isFinite(value) ? String(value) : null;
  };
}

const FIRST_TIMESTAMP = 1 + OFFSET_SECONDS;
const LAST_TIMESTAMP = 2 ** 31 - 1 + OFFSET_SECONDS;

function dateTime(digits: number, isTimestamp = false): Oracle {
  return (sample) => {
    const { type, value } = sample;
    const isText = type === "date" || type === "string";
    if (isText && ZERO_DATE.test(String(value))) {
      const day = String(value).slice(0, 10);
      if (isTimestamp && day !== "0000-00-00") return null;
      return `${day} 00:00:00${digits ? `.${"0".repeat(digits)}` : ""}`;
    }
    const moment = momentOf(sample);
    if (!moment || moment.kind === "time" || moment.fraction.length > digits) return null;
    const isBeyond = moment.seconds < FIRST_TIMESTAMP || moment.seconds > LAST_TIMESTAMP;
    return isTimestamp && isBeyond ? null : momentText(moment, "datetime", digits);
  };
}

const date: Oracle = (sample) => {
  if ((sample.type === "date" || sample.type === "string") && ZERO_DATE.test(String(sample.value)))
    return String(sample.value).slice(0, 10);
  const moment = momentOf(sample);
  if (!moment || moment.kind === "time" || moment.fraction !== "" || moment.seconds % 86_400 !== 0) return null;
  return momentText(moment, "date", 0);
};

const time: Oracle = (sample) => {
  const { type, value } = sample;
  const long = /^(-?)(\d{2,3}):([0-5]\d):([0-5]\d)(?:\.0*)?$/.exec(String(value));
  if ((type === "date" || type === "string") && long)
    return Number(long[2]) <= 838 ? String(value).replace(/\..*/, "") : null;
  const moment = momentOf(sample);
  return moment?.kind === "time" && moment.fraction === "" ? momentText(moment, "time", 0) : null;
};

function bit(width: number): Oracle {
  return ({ type, value }) => {
    const most = 2n ** BigInt(width) - 1n;
    const within = (number: bigint) => (number >= 0n && number <= most ? String(number) : null);
    if (Buffer.isBuffer(value)) {
      const isTaken = type === "bit" || (width > 1 && value.length === Math.ceil(width / 8));
      return isTaken ? within(value.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)) : null;
    }
    if (type === "bool") return value === "true" ? "1" : "0";
    if (type === "long" && width === 1) return BigInt(value) === 0n ? "0" : "1";
    if (type === "long") return within(BigInt(value));
    if (type !== "string") return null;
    if (/^(true|false)$/i.test(value)) return value.toLowerCase() === "true" ? "1" : "0";
    return /^-?\d+$/.test(value) ? within(BigInt(value)) : null;
  };
}

function members(names: readonly string[], isSet: boolean): Oracle {
  return (sample) => {
    const text = textOf(sample);
    if (text === null) return null;
    const parts = isSet ? (text === "" ? [] : text.split(",")) : [text];
    if (!parts.every((part) => names.includes(part))) return null;
    return isSet ? names.filter((name) => parts.includes(name)).join(",") : text;
  };
}

const json: Oracle = (sample) => {
  const text = textOf(sample);
  try {
    if (text !== null) JSON.parse(text);
    return text;
  } catch {
    return null;
  }
};

const bytes: Oracle = ({ type, value }) => {
  if (Buffer.isBuffer(value)) return value.toString("hex").toUpperCase();
  return type === "string" ? Buffer.from(value).toString("hex").toUpperCase() : null;
};

/** The columns of MySQL that are tried, with how their value is read, and what is to be found there. */
export const mysqlTargets: Readonly<Record<string, { readonly shows: string; readonly oracle: Oracle }>> = {
  TINYINT: { shows: "CAST(c AS CHAR)", oracle: integer(-128n, 127n) },
  "INT UNSIGNED": { shows: "CAST(c AS CHAR)", oracle: integer(0n, 2n ** 32n - 1n) },
  BIGINT: { shows: "CAST(c AS CHAR)", oracle: integer(-(2n ** 63n), 2n ** 63n - 1n) },
  YEAR: { shows: "CAST(c AS CHAR)", oracle: year },
  "DECIMAL(10,2)": { shows: "CAST(c AS CHAR)", oracle: decimal(10, 2) },
  FLOAT: { shows: "CAST(c * 1e0 AS CHAR)", oracle: approximate(Math.fround) },
  DOUBLE: { shows: "CAST(c * 1e0 AS CHAR)", oracle: approximate((value) => value) },
  DATE: { shows: "CAST(c AS CHAR)", oracle: date },
  DATETIME: { shows: "CAST(c AS CHAR)", oracle: dateTime(0) },
  "DATETIME(3)": { shows: "CAST(c AS CHAR)", oracle: dateTime(3) },
  TIMESTAMP: { shows: "CAST(c AS CHAR)", oracle: dateTime(0, true) },
  TIME: { shows: "CAST(c AS CHAR)", oracle: time },
  "BIT(1)": { shows: "CAST(c + 0 AS CHAR)", oracle: bit(1) },
  "BIT(8)": { shows: "CAST(c + 0 AS CHAR)", oracle: bit(8) },
  "VARCHAR(40)": { shows: "c", oracle: textOf },
  "ENUM('a','b','1')": { shows: "CAST(c AS CHAR)", oracle: members(["a", "b", "1"], false) },
  "SET('a','b')": { shows: "CAST(c AS CHAR)", oracle: members(["a", "b"], true) },
  JSON: { shows: "CAST(c AS CHAR)", oracle: json },
  "VARBINARY(40)": { shows: "HEX(c)", oracle: bytes },
};

/** The columns of Tablestore, with what the SDK is given; bytes in hex digits. */
export const tablestoreTargets: Readonly<Record<string, Oracle>> = {
  "ots STRING": textOf,
  "ots INTEGER": (sample) => (sample.value === "" ? null : integer(-(2n ** 63n), 2n ** 63n - 1n)(sample)),
  "ots DOUBLE": (sample) => {
    if (/^(NaN|-?Infinity)$/.test(String(sample.value)) && /double|string/.test(sample.type))
      return String(sample.value);
    return sample.value === "" ? null : approximate((value) => value)(sample);
  },
  "ots BOOLEAN": ({ type, value }) => {
    if (type === "bool") return String(value);
    if (type === "long") return String(BigInt(String(value)) !== 0n);
    return type === "string" && /^(true|false)$/i.test(String(value)) ? String(value).toLowerCase() : null;
  },
  "ots BINARY": bytes,
};
