import { odpsTypeName, type WireType } from "../../../../shared/connectors/odps/wire/column-type.js";
import type { Moment, WireValue } from "../../../../shared/connectors/odps/wire/values.js";
import { dateOfEpochMs, dateToEpochMs } from "../../../../shared/model/dates.js";
import { zoneOf } from "../../../../shared/model/zones.js";
import { notHere } from "../errors.js";

/** A value that can be compared with others of its family. */
export type Scalar = bigint | number | string | boolean;

/** Types whose values are compared alike. */
export type Family = "integer" | "number" | "decimal" | "text" | "boolean" | "moment";

/** A project's clock, unless it says otherwise (documentation of `odps.sql.timezone`). */
const zone = zoneOf("Asia/Shanghai") ?? (() => 0);
const utc = () => 0;

const families: Readonly<Partial<Record<WireType["kind"], Family>>> = {
  ...{ bigint: "integer", int: "integer", smallint: "integer", tinyint: "integer" },
  ...{ double: "number", float: "number", decimal: "decimal", boolean: "boolean" },
  ...{ string: "text", varchar: "text", char: "text" },
  ...{ datetime: "moment", date: "moment", timestamp: "moment", timestamp_ntz: "moment" },
};

/** The family of a type. @throws SqlFailure for a type that is not compared here */
export function familyOf(type: WireType): Family {
  const found = families[type.kind];
  if (!found) throw notHere(`comparison of ${odpsTypeName(type)}`);
  return found;
}

const DAY_NANOS = 86_400_000_000_000n;

/** A value as its family compares it: moments in nanoseconds, decimals as 18 digits behind the point. */
export function scalarOf(value: WireValue, type: WireType): Scalar {
  switch (type.kind) {
    case "decimal":
      return decimalOf(String(value)) ?? 0n;
    case "datetime":
      return (value as bigint) * 1_000_000n;
    case "date":
      return (value as bigint) * DAY_NANOS;
    case "timestamp":
    case "timestamp_ntz": {
      const { seconds, nanos } = value as Moment;
      return seconds * 1_000_000_000n + BigInt(nanos);
    }
    default:
      return Buffer.isBuffer(value) ? value.toString("utf8") : (value as Scalar);
  }
}

/** A number times 10^18; null when the text is none. */
function decimalOf(text: string): bigint | null {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  if (whole + fraction === "") return null;
  const shift = 18 + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return sign === "-" ? -scaled : scaled;
}

/** The text of a decimal that {@link scalarOf} made. */
export function scalarDecimalText(scaled: bigint): string {
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(19, "0");
  const fraction = digits.slice(-18).replace(/0+$/, "");
  return `${scaled < 0n ? "-" : ""}${digits.slice(0, -18)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** A literal as another value's family compares it; null when it means none of them, so that nothing is equal to it. */
export function literalAs(text: string, type: WireType): Scalar | null {
  switch (familyOf(type)) {
    case "integer":
      return /^[+-]?\d+$/.test(text.trim()) ? BigInt(text.trim()) : null;
    case "number":
      return Number.isNaN(Number(text)) ? null : Number(text);
    case "decimal":
      return decimalOf(text.trim());
    case "boolean":
      return { true: true, false: false }[text.toLowerCase()] ?? null;
    case "moment":
      return momentOf(text, type);
    case "text":
      return text;
  }
}

function momentOf(text: string, type: WireType): bigint | null {
  const ms = dateToEpochMs(text, type.kind === "date" || type.kind === "timestamp_ntz" ? utc : zone);
  if (ms === null) return null;
  const fraction = /\.(\d+)$/.exec(text)?.[1] ?? "";
  return BigInt(ms) * 1_000_000n + BigInt(fraction.slice(3, 9).padEnd(6, "0") || "0");
}

/** Below zero, zero or above, as of two values of one family. */
export function compareScalars(a: Scalar, b: Scalar): number {
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How a result shows a value. */
export function displayedValue(value: WireValue, type: WireType): string {
  if (value === null) return "\\N";
  switch (type.kind) {
    case "datetime":
      return dateOfEpochMs(Number(value), zone) ?? "";
    case "date":
      return dateOfEpochMs(Number(value) * 86_400_000, utc)?.slice(0, 10) ?? "";
    case "timestamp":
    case "timestamp_ntz": {
      const { seconds, nanos } = value as Moment;
      const whole = dateOfEpochMs(Number(seconds) * 1000, type.kind === "timestamp" ? zone : utc) ?? "";
      return nanos === 0 ? whole : `${whole}.${String(nanos).padStart(9, "0").replace(/0+$/, "")}`;
    }
    case "array":
    case "map":
    case "struct":
    case "vector":
      throw notHere(`text of ${odpsTypeName(type)}: read the result through the tunnel`);
    default:
      return Buffer.isBuffer(value) ? value.toString("utf8") : String(value);
  }
}
