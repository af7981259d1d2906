import { z } from "zod";
import { counted } from "../../model/counted.js";
import { UserError } from "../../model/errors.js";
import { fitsLong, isInteger } from "../../model/numbers.js";
import { param } from "../params/note.js";
import { compareKeys, compareParts, type Key, type KeyPart, keyFrom } from "./key.js";
import type { KeyType, OtsKeyColumn } from "./table.js";

const typeNames = { inf_min: "INF_MIN", inf_max: "INF_MAX", int: "INT", string: "STRING", binary: "BINARY" } as const;

/** A bound as scripts write it: `{"type":"string","value":"x"}`, `{"type":"INF_MIN"}`; binary values in base64. */
const bound = z.object({
  type: param(
    z
      .string()
      .trim()
      .toLowerCase()
      .pipe(z.enum(["inf_min", "inf_max", "int", "string", "binary"])),
    {
      help: "Of the key column; inf_min and inf_max stand before and after all values.",
      choices: Object.keys(typeNames),
    },
  ),
  value: param(z.union([z.string(), z.number()]).transform(String).optional(), {
    help: "The value; bytes in base64. None with inf_min and inf_max.",
  }),
});

/** `range` of the reader: half-open, in the direction from `begin` to `end`; an empty list leaves that side open. */
export const rangeSchema = z.object({
  begin: param(z.array(bound).max(4).default([]), { help: "The first key, inclusive; one entry per key column." }),
  end: param(z.array(bound).max(4).default([]), { help: "The last key, exclusive; before begin = read backward." }),
  split: param(z.array(bound).default([]), { help: "Where to cut, by values of the first key column." }),
});

type Bounds = z.infer<typeof rangeSchema>;

/** Rows from `begin` (inclusive) to `end` (exclusive), in the order in which they are read. */
export interface OtsRange {
  readonly begin: Key;
  readonly end: Key;
  readonly isBackward: boolean;
}

/**
 * Checks the bounds against the table's key and fills in what was left open.
 *
 * @returns the range, and the user's own split points as parts of the first key column
 * @throws UserError CONFIG_INVALID naming the bound at fault
 */
export function resolveRange(bounds: Bounds, columns: readonly OtsKeyColumn[]): { range: OtsRange; points: KeyPart[] } {
  const given = { begin: partsOf(bounds.begin, "begin", columns), end: partsOf(bounds.end, "end", columns) };
  const isBackward = startsAtEnd(given.begin, given.end);
  const open = { begin: isBackward ? "INF_MAX" : "INF_MIN", end: isBackward ? "INF_MIN" : "INF_MAX" } as const;
  // A bound of fewer parts than the key stands for all rows with this beginning: half-open like the others.
  const rest: KeyPart = { type: open.begin };
  const fill = (side: "begin" | "end"): Key =>
    columns.map((_, index) => given[side][index] ?? (given[side].length === 0 ? { type: open[side] } : rest));
  const range = { begin: fill("begin"), end: fill("end"), isBackward };
  if (compareKeys(range.begin, range.end) === 0) {
    throw invalid("range", "begin and end are the same, so that the range is empty");
  }
  return { range, points: pointsOf(bounds.split, range, columns) };
}

/**
 * Cuts a range at places of the first key column.
 *
 * @param points  strictly inside the range, in its direction; each starts a new piece (ends one, read backward)
 */
export function cutRange(range: OtsRange, points: readonly KeyPart[], columns: readonly OtsKeyColumn[]): OtsRange[] {
  const places = [range.begin, ...points.map((point) => keyFrom(point, columns)), range.end];
  return places.slice(1).map((end, index) => ({ ...range, begin: places[index] ?? range.begin, end }));
}

function startsAtEnd(begin: readonly KeyPart[], end: readonly KeyPart[]): boolean {
  for (const [index, part] of begin.entries()) {
    const other = end[index];
    const order = other ? compareParts(part, other) : part.type === "INF_MAX" ? 1 : 0;
    if (order !== 0) return order > 0;
  }
  return begin.length === 0 && end[0]?.type === "INF_MIN";
}

function partsOf(bounds: Bounds["begin"], side: string, columns: readonly OtsKeyColumn[]): KeyPart[] {
  if (bounds.length > columns.length) {
    throw invalid(
      `range.${side}`,
      `${counted(bounds.length, "value")} for a key of ${counted(columns.length, "column")}`,
    );
  }
  return bounds.map((one, index) => partOf(one, `range.${side}[${index}]`, columns[index]));
}

function pointsOf(split: Bounds["split"], range: OtsRange, columns: readonly OtsKeyColumn[]): KeyPart[] {
  const points = split.map((one, index) => partOf(one, `range.split[${index}]`, columns[0]));
  const sign = range.isBackward ? -1 : 1;
  let before = range.begin;
  for (const [index, point] of points.entries()) {
    const key = keyFrom(point, columns);
    if (compareKeys(before, key) * sign >= 0 || compareKeys(key, range.end) * sign >= 0) {
      throw invalid(`range.split[${index}]`, "split points must lie inside the range and follow its direction");
    }
    before = key;
  }
  return points;
}

function partOf({ type, value }: Bounds["begin"][number], path: string, column: OtsKeyColumn | undefined): KeyPart {
  const name = typeNames[type];
  if (name === "INF_MIN" || name === "INF_MAX") return { type: name };
  if (value === undefined) throw invalid(path, `a value of type ${type} is missing`);
  if (column && name !== column.type) {
    throw invalid(path, `${type} given, but key column ${column.name} is of type ${column.type}`);
  }
  if (!isValueOf(name, value)) throw invalid(path, `"${value}" is not a value of type ${type}`);
  return { type: name, value };
}

function isValueOf(type: KeyType, value: string): boolean {
  if (type === "INT") return isInteger(value) && fitsLong(value, "int64");
  return type === "STRING" || /^[A-Za-z0-9+/]*={0,2}$/.test(value);
}

function invalid(path: string, message: string): UserError {
  return new UserError("CONFIG_INVALID", `${path}: ${message}`, { path });
}
