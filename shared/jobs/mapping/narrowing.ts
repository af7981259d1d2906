import { cutEnd } from "../../model/cut-end.js";
import { own } from "../../model/own.js";

/** A declared type, taken apart. */
interface Declared {
  readonly name: string;
  /** The numbers in brackets. */
  readonly sizes: readonly number[];
  readonly isUnsigned: boolean;
}

const texts = new Set(
  ["char", "varchar", "nchar", "nvarchar", "varchar2", "nvarchar2", "character", "character varying", "bpchar"].concat([
    "text",
    "tinytext",
    "mediumtext",
    "longtext",
    "string",
    "clob",
    "nclob",
  ]),
);
const bits: Readonly<Record<string, number>> = {
  ...{ tinyint: 8, smallint: 16, int2: 16, mediumint: 24, int: 32, integer: 32, int4: 32, bigint: 64, int8: 64 },
};
const decimals = new Set(["decimal", "numeric", "number"]);
const doubles = new Set(["double", "double precision", "float8", "binary_double"]);
const singles = new Set(["float", "real", "float4", "binary_float"]);

/** Decimal digits that integers of so many bits may have. */
const digitsOfBits: Readonly<Record<number, number>> = { 8: 3, 16: 5, 24: 8, 32: 10, 64: 20 };

/**
 * Why values of one declared type may not fit into another of the same kind; null = all do, or the declarations do not tell.
 *
 * @param from  such as `varchar(200)`, `int(10) unsigned`, `numeric(20,4)`
 */
export function narrowing(from: string, to: string): string | null {
  const [source, target] = [declaredOf(from), declaredOf(to)];
  if (texts.has(source.name) && texts.has(target.name)) return shorterText(source, target);
  const [fromBits, toBits] = [own(bits, source.name), own(bits, target.name)];
  if (fromBits !== undefined && toBits !== undefined)
    return smallerInteger({ ...source, bits: fromBits }, { ...target, bits: toBits });
  if (isMoment(source) && (isMoment(target) || target.name === "date")) return shorterTime(source, target);
  if (doubles.has(source.name) && singles.has(target.name)) return `${to} keeps about 7 digits, ${from} about 16`;
  if (!decimals.has(source.name) && fromBits === undefined) return null;
  const digits = fromBits === undefined ? digitsOf(source) : { whole: digitsOfBits[fromBits] ?? 20, scale: 0 };
  if (toBits !== undefined)
    return digits && digits.scale === 0 ? null : `${to} has no digits behind the point, and values of ${from} may`;
  return decimals.has(target.name) ? fewerDigits(digits, digitsOf(target), { from, to }) : null;
}

function declaredOf(text: string): Declared {
  const trimmed = text.trim();
  const [found = "", words = "", sizes = ""] = /^([a-z][a-z0-9_ ]*)(?:\(([\d, ]+)\))?/i.exec(trimmed) ?? [];
  const [name = ""] = words.toLowerCase().split(" unsigned");
  // Of `varchar(max)` or `enum('a')` nothing is known.
  const isKnown = sizes !== "" || found === trimmed || name.length < words.length;
  return {
    name: isKnown ? cutEnd(name, / /) : "",
    sizes: sizes === "" ? [] : sizes.split(",").map(Number),
    isUnsigned: / unsigned/i.test(text),
  };
}

function shorterText({ sizes: [from] }: Declared, { sizes: [to] }: Declared): string | null {
  if (to === undefined || (from !== undefined && from <= to)) return null;
  const length = from === undefined ? "of any length" : `of up to ${from} characters`;
  return `texts ${length} go into ${to} characters; longer ones become dirty records`;
}

function isMoment({ name }: Declared): boolean {
  return /^(?:datetime2?|timestamp.*)$/.test(name);
}

function shorterTime(from: Declared, to: Declared): string | null {
  if (to.name === "date") return "times of day do not go into a date; those other than midnight become dirty records";
  const [given, kept] = [fractionOf(from), fractionOf(to)];
  if (given === null || kept === null || given <= kept) return null;
  return `fractions of a second of ${given} digits go into ${kept}; longer ones become dirty records`;
}

/** Digits of a second's fraction; null = what the name means without any differs from system to system. */
function fractionOf({ name, sizes: [digits] }: Declared): number | null {
  if (digits !== undefined) return digits;
  return name === "datetime" ? 0 : / time zone$/.test(name) ? 6 : null;
}

type Integer = Declared & { readonly bits: number };

function smallerInteger(from: Integer, to: Integer): string | null {
  const fits = from.isUnsigned === to.isUnsigned ? from.bits <= to.bits : from.isUnsigned && from.bits < to.bits;
  if (fits) return null;
  const range = ({ bits: size, isUnsigned }: Integer) => `${size} bits${isUnsigned ? " without a sign" : ""}`;
  return `integers of ${range(from)} go into ${range(to)}; those out of range become dirty records`;
}

interface Digits {
  readonly whole: number;
  readonly scale: number;
}

/** Null = as many as anybody likes. */
function digitsOf({ sizes: [precision, scale = 0] }: Declared): Digits | null {
  return precision === undefined ? null : { whole: precision - scale, scale };
}

function fewerDigits(from: Digits | null, to: Digits | null, name: { from: string; to: string }): string | null {
  if (!to) return null;
  if (!from)
    return `${name.from} has any number of digits, ${name.to} has ${to.whole} before the point and ${to.scale} behind`;
  if (from.whole > to.whole) return `${name.from} has ${from.whole} digits before the point, ${name.to} ${to.whole}`;
  return from.scale > to.scale
    ? `${name.from} has ${from.scale} digits behind the point, ${name.to} ${to.scale}`
    : null;
}
