import { odpsTypeName, type WireType } from "../../../../shared/connectors/odps/wire/column-type.js";
import type { WireValue } from "../../../../shared/connectors/odps/wire/values.js";
import { notHere, SqlFailure } from "../errors.js";
import { displayedValue, familyOf, literalAs, type Scalar, scalarDecimalText, scalarOf } from "./scalar.js";

/** Makes a value of one type into one of a column's. @throws SqlFailure when it would lose something */
export type Assign = (value: WireValue) => WireValue;

/** How values of `from` go into a column of `to`. @throws SqlFailure for types between which this service does not convert */
export function assignment(from: WireType, to: WireType, column: string): Assign {
  if (odpsTypeName(from) === odpsTypeName(to)) return (value) => value;
  const fits = (scalar: Scalar | null, value: WireValue): WireValue => {
    const made = scalar === null ? null : wireValueOf(scalar, to);
    if (made !== null) return made;
    const text = displayedValue(value, from).slice(0, 60);
    throw new SqlFailure("0123065", `Cast exception - "${text}" does not fit ${odpsTypeName(to)}, column ${column}`);
  };
  const [source, target] = [familyOf(from), familyOf(to)];
  const nullable =
    (make: Assign): Assign =>
    (value) =>
      value === null ? null : make(value);
  if (source === target) return nullable((value) => fits(scalarOf(value, from), value));
  if (target === "text") return nullable((value) => fits(displayedValue(value, from), value));
  if (source === "text") return nullable((value) => fits(literalOrNull(String(value), to), value));
  if (source === "integer" && (target === "number" || target === "decimal"))
    return nullable((value) => fits(literalAs(String(value), to), value));
  throw notHere(`conversion of ${odpsTypeName(from)} to ${odpsTypeName(to)} in INSERT`);
}

/** The value of a literal for a column. @throws SqlFailure */
export function assignedLiteral(text: string, to: WireType, column: string): WireValue {
  const scalar = literalOrNull(text, to);
  const made = scalar === null ? null : wireValueOf(scalar, to);
  if (made !== null) return made;
  throw new SqlFailure(
    "0123065",
    `Cast exception - "${text.slice(0, 60)}" does not fit ${odpsTypeName(to)}, column ${column}`,
  );
}

function literalOrNull(text: string, to: WireType): Scalar | null {
  familyOf(to);
  return literalAs(text, to);
}

const bits: Readonly<Record<string, bigint>> = { tinyint: 8n, smallint: 16n, int: 32n, bigint: 64n };

/** The other way round of `scalarOf`; null when the type cannot hold it whole. */
function wireValueOf(scalar: Scalar, type: WireType): WireValue {
  switch (type.kind) {
    case "bigint":
    case "int":
    case "smallint":
    case "tinyint":
      return integerWithin(scalar, bits[type.kind] ?? 64n);
    case "decimal":
      return decimalWithin(scalar as bigint, type);
    case "datetime":
      return divided(scalar as bigint, 1_000_000n);
    case "date":
      return divided(scalar as bigint, 86_400_000_000_000n);
    case "timestamp":
    case "timestamp_ntz": {
      const seconds = floorDivided(scalar as bigint, 1_000_000_000n);
      return { seconds, nanos: Number((scalar as bigint) - seconds * 1_000_000_000n) };
    }
    case "varchar":
    case "char":
      return [...String(scalar)].length <= type.length ? Buffer.from(String(scalar)) : null;
    default:
      return typeof scalar === "string" ? Buffer.from(scalar) : scalar;
  }
}

function integerWithin(scalar: Scalar, width: bigint): bigint | null {
  return typeof scalar === "bigint" && BigInt.asIntN(Number(width), scalar) === scalar ? scalar : null;
}

function decimalWithin(scaled: bigint, { precision, scale }: { precision: number; scale: number }): Buffer | null {
  const text = scalarDecimalText(scaled);
  const [whole = "", fraction = ""] = text.replace("-", "").split(".");
  const digits = whole === "0" ? 0 : whole.length;
  return fraction.length <= scale && digits <= precision - scale ? Buffer.from(text) : null;
}

/** Without a rest, or not at all. */
function divided(value: bigint, by: bigint): bigint | null {
  return value % by === 0n ? value / by : null;
}

function floorDivided(value: bigint, by: bigint): bigint {
  return value >= 0n || value % by === 0n ? value / by : value / by - 1n;
}
