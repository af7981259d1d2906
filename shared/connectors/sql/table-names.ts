import { UserError } from "../../model/errors.js";

/** More tables than this in one entry is a slip of the keyboard, not a job. */
const MOST_TABLES = 10_000;

/**
 * Expands table entries: comma lists, and ranges such as `orders_[00-15]` or `shop.orders_[3-1]_old`.
 * A start with a leading zero pads all numbers to its width; reversed bounds are swapped; several ranges multiply.
 *
 * @param path  where the entries stand, for errors
 * @throws UserError CONFIG_INVALID for an empty name or a range of more than 10,000 tables
 */
export function expandTables(entries: readonly string[], path: string): string[] {
  const names = entries.flatMap((entry) => entry.split(",")).map((name) => name.trim());
  if (names.includes("")) throw new UserError("CONFIG_INVALID", "a table name is empty", { path });
  return names.flatMap((name) => expandRange(name, path));
}

function expandRange(name: string, path: string): string[] {
  const match = /^(.*?)\[(\d+)-(\d+)\](.*)$/.exec(name);
  if (!match) return [name];
  const [, head = "", from = "0", to = "0", tail = ""] = match;
  const [low, high] = [Number(from), Number(to)].sort((a, b) => a - b) as [number, number];
  if (high - low >= MOST_TABLES) {
    throw new UserError("CONFIG_INVALID", `"${name}" names more than ${MOST_TABLES} tables`, { path });
  }
  const width = from.startsWith("0") ? from.length : 0;
  const tails = expandRange(tail, path);
  const numbers = Array.from({ length: high - low + 1 }, (_, i) => String(low + i).padStart(width, "0"));
  return numbers.flatMap((number) => tails.map((rest) => `${head}${number}${rest}`));
}
