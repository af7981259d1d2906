import { XMLValidator } from "fast-xml-parser";
import { isRealDateText } from "../../../shared/model/dates.js";
import { TsqlError } from "./tsql-tokens.js";
import type { TdsValue } from "./values.js";

const limits: Readonly<Record<string, readonly [bigint, bigint]>> = {
  tinyint: [0n, 255n],
  smallint: [-32_768n, 32_767n],
  int: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** A type and its digits: `decimal(10,2)` is `["decimal", "10", "2"]`. */
export function typeParts(type: string): readonly [name: string, first: string, second: string] {
  const [, name = "", first = "", second = ""] = /^(\w+)(?:\((\w+)(?:,(\d+))?\))?$/.exec(type) ?? [];
  return [name, first, second];
}

/**
 * CONVERT, for the types and styles that the connector uses, with the faults of the server's own: text beyond the length is cut, digits
 * beyond the scale are rounded, an empty text is nought. What it does not know is refused.
 *
 * @throws TsqlError as the server would; an Error for what only the stand-in does not know
 */
export function tsqlConvert(type: string, value: TdsValue, style: number | null): TdsValue {
  if (value === null) return null;
  const [name, first, second] = typeParts(type);
  if (name in limits) return integer(name, String(value));
  switch (name) {
    case "char":
    case "varchar":
    case "nchar":
    case "nvarchar":
      return first === "max" ? textOf(value, style) : textOf(value, style).slice(0, Number(first || 30));
    case "decimal":
    case "numeric":
      return decimal(value, { precision: Number(first || 18), scale: Number(second || 0), type });
    case "money":
      return decimal(value, { precision: 19, scale: 4, type });
    case "smallmoney":
      return decimal(value, { precision: 10, scale: 4, type });
    case "float":
    case "real":
      return float(name, String(value));
    case "bit":
      return bit(String(value));
    case "varbinary":
      return binary(value, style);
    case "uniqueidentifier":
      return guid(String(value));
    case "xml":
      return xml(String(value));
    default:
      return moment(name, first, String(value));
  }
}

function textOf(value: NonNullable<TdsValue>, style: number | null): string {
  if (!(value instanceof Uint8Array)) return String(value);
  const hex = Buffer.from(value).toString("hex").toUpperCase();
  if (style === 1) return `0x${hex}`;
  if (style === 2) return hex;
  return Buffer.from(value).toString("latin1");
}

function integer(name: string, text: string): TdsValue {
  const digits = text.trim();
  if (!/^[+-]?\d*$/.test(digits))
    throw new TsqlError(245, `Conversion failed when converting the nvarchar value '${text}' to data type ${name}.`);
  const value = BigInt(digits === "" ? 0 : digits.replace(/^\+/, ""));
  const [low, high] = limits[name] ?? [0n, 0n];
  if (value < low || value > high)
    throw new TsqlError(248, `The conversion of the nvarchar value '${text}' overflowed an ${name} column.`);
  return value;
}

/** Rounds half away from nought, as the server does. */
function decimal(
  value: NonNullable<TdsValue>,
  { precision, scale, type }: { precision: number; scale: number; type: string },
): string {
  const [, sign = "", whole = "", fraction = ""] = /^\s*([+-]?)(\d*)\.?(\d*)\s*$/.exec(String(value)) ?? [];
  if (whole + fraction === "") throw new TsqlError(8114, `Error converting data type nvarchar to ${type}.`);
  const kept = BigInt(whole + fraction.slice(0, scale).padEnd(scale, "0"));
  const digits = String(kept + (Number(fraction[scale] ?? 0) >= 5 ? 1n : 0n)).padStart(scale + 1, "0");
  if (digits.length > precision)
    throw new TsqlError(8115, `Arithmetic overflow error converting nvarchar to data type ${type}.`);
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return sign === "-" && /[1-9]/.test(text) ? `-${text}` : text;
}

function float(name: string, text: string): number {
  const value = Number(text.trim());
  const kept = name === "real" ? Math.fround(value) : value;
  if (!/^\s*[+-]?[\d.]+(?:e[+-]?\d+)?\s*$/i.test(text) || !Number.isFinite(kept))
    throw new TsqlError(8114, `Error converting data type nvarchar to ${name}.`);
  return kept;
}

function bit(text: string): number {
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === "true" ? 1 : 0;
  if (!/^\s*[+-]?\d+\s*$/.test(text))
    throw new TsqlError(245, `Conversion failed when converting the nvarchar value '${text}' to data type bit.`);
  return Number(text) === 0 ? 0 : 1;
}

function binary(value: NonNullable<TdsValue>, style: number | null): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (style === 1 && /^0x(?:[\da-f]{2})*$/i.test(String(value))) return Buffer.from(String(value).slice(2), "hex");
  throw new TsqlError(8114, "Error converting data type nvarchar to varbinary.");
}

function guid(text: string): string {
  // What stands behind the 36th character is not looked at.
  const [, found] = /^\{?([\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12})/i.exec(text) ?? [];
  if (found === undefined)
    throw new TsqlError(8169, "Conversion failed when converting from a character string to uniqueidentifier.");
  return found.toUpperCase();
}

function xml(text: string): string {
  if (text !== "" && XMLValidator.validate(`<all>${text}</all>`) !== true)
    throw new TsqlError(9436, "XML parsing: line 1, character 1, end tag does not match start tag");
  return text;
}

const shapes: Readonly<Record<string, RegExp>> = {
  date: /^(\d{4}-\d\d-\d\d)()()(?: 00:00:00(?:\.0+)?)?$/,
  time: /^()(\d\d:\d\d:\d\d)(?:\.(\d+))?()$/,
  datetime2: /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d)(?:\.(\d+))?)?()$/,
  datetimeoffset: /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?( [+-]\d\d:\d\d)$/,
};
const alike: Readonly<Record<string, readonly [shape: string, scale: number]>> = {
  ...{ date: ["date", 0], time: ["time", 7], datetime2: ["datetime2", 7], datetimeoffset: ["datetimeoffset", 7] },
  ...{ datetime: ["datetime2", 3], smalldatetime: ["datetime2", 0] },
};

/** A date as the server shows it by style 121. Digits beyond the scale would be rounded, which the stand-in refuses to do. */
function moment(name: string, first: string, text: string): string {
  const [shape, usual] = alike[name] ?? [];
  if (shape === undefined || usual === undefined) throw new Error(`the stand-in does not convert to ${name}`);
  const scale = first === "" ? usual : Number(first);
  const [found, day = "", clock = "", digits = "", offset = ""] = shapes[shape]?.exec(text) ?? [];
  const whole = [day, clock].filter((part) => part !== "").join(" ");
  if (found === undefined || !isRealDateText(whole))
    throw new TsqlError(241, "Conversion failed when converting date and/or time from character string.");
  if (digits.replace(/0+$/, "").length > scale) throw new Error(`the stand-in does not round ${text} to ${name}`);
  const fraction = scale === 0 ? "" : `.${digits.slice(0, scale).padEnd(scale, "0")}`;
  if (shape === "date") return day;
  return `${shape === "datetime2" ? `${day} ${clock || "00:00:00"}` : whole}${fraction}${offset}`;
}
