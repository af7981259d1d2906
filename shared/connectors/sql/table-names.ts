import { UserError } from "../../model/errors.js";

/** More tables than this in one job is a slip of the keyboard, not a job. */
export const MOST_TABLES = 10_000;
/** In characters, of one entry: no system has longer names, schema and all. */
const LONGEST_NAME = 1_000;

const RANGE = /\[(\d+)-(\d+)\]/g;

/**
 * Expands table entries: comma lists, and ranges such as `orders_[00-15]` or `shop.orders_[3-1]_old`.
 * A start with a leading zero pads all numbers to its width; reversed bounds are swapped; several ranges multiply.
 * How many tables there would be is known before any is named.
 *
 * @param path    where the entries stand, for errors
 * @param budget  how many tables there may be
 * @throws UserError CONFIG_INVALID for an empty name, one of more than 1,000 characters, or more tables than `budget`
 */
export function expandTables(entries: readonly string[], path: string, budget = MOST_TABLES): string[] {
  const names = entries.flatMap((entry) => entry.split(",", MOST_TABLES + 1)).map((name) => name.trim());
  if (names.includes("")) throw invalid("a table name is empty", path);
  const long = names.find((name) => name.length > LONGEST_NAME);
  if (long !== undefined)
    throw invalid(
      `a table name has ${long.length} characters, of at most ${LONGEST_NAME}: "${long.slice(0, 60)}…"`,
      path,
    );
  refuseTooMany(names, path, budget);
  return names.flatMap(expandName);
}

/**
 * Refuses more tables than a job may name.
 *
 * @throws UserError CONFIG_INVALID with the entry at which they become too many
 */
function refuseTooMany(names: readonly string[], path: string, budget: number): void {
  let tables = 0;
  for (const name of names) {
    const ranges = rangesOf(name);
    if (ranges.some(({ high }) => !Number.isSafeInteger(high)))
      throw invalid(`a number in the range of "${name.slice(0, 60)}" has more than 15 digits`, path);
    tables += ranges.reduce((product, { low, high }) => product * (high - low + 1), 1);
    if (tables > budget)
      throw invalid(`"${name.slice(0, 60)}" names more than ${MOST_TABLES} tables, with those before it`, path);
  }
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly low: number;
  readonly high: number;
  readonly width: number;
}

function rangesOf(name: string): Range[] {
  return [...name.matchAll(RANGE)].map(({ 0: whole, 1: from = "", 2: to = "", index }) => {
    const [low, high] = [Number(from), Number(to)].sort((a, b) => a - b) as [number, number];
    return { start: index, end: index + whole.length, low, high, width: from.startsWith("0") ? from.length : 0 };
  });
}

function expandName(name: string): string[] {
  let heads = [""];
  let from = 0;
  for (const { start, end, low, high, width } of rangesOf(name)) {
    const fixed = name.slice(from, start);
    const numbers = Array.from({ length: high - low + 1 }, (_, i) => String(low + i).padStart(width, "0"));
    heads = heads.flatMap((head) => numbers.map((number) => `${head}${fixed}${number}`));
    from = end;
  }
  return heads.map((head) => `${head}${name.slice(from)}`);
}

function invalid(message: string, path: string): UserError {
  return new UserError("CONFIG_INVALID", message, { path });
}
