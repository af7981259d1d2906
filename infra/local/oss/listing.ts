import { afterPrefix } from "./keys.js";

/** One row of what is listed, in bytewise order of `sort`. */
export interface Listed<T> {
  readonly name: string;
  readonly sort: Buffer;
  readonly value: T;
}

/** Rows from a position on, in order. */
export type ListingScan<T> = (from: Buffer) => AsyncIterable<Listed<T>>;

/** What to list. */
export interface ListQuery {
  readonly prefix: string;
  /** "" = no grouping */
  readonly delimiter: string;
  /** Rows before this position are skipped. */
  readonly from: Buffer;
  /** Entries and common prefixes together, >= 1. */
  readonly limit: number;
}

/** One page of a listing. */
export interface ObjectPage<T> {
  readonly entries: readonly Listed<T>[];
  readonly prefixes: readonly string[];
  /** The last entry or common prefix of the page; null = the page is empty. */
  readonly last: { readonly name: string; readonly entry: Listed<T> | null } | null;
  readonly isTruncated: boolean;
}

/**
 * Lists one page. What shares the text between the prefix and the next delimiter becomes one common prefix, and is skipped rather than read.
 */
export async function listObjectPage<T>(scan: ListingScan<T>, query: ListQuery): Promise<ObjectPage<T>> {
  const entries: Listed<T>[] = [];
  const prefixes: string[] = [];
  let last: ObjectPage<T>["last"] = null;
  let position: Buffer | null = later(query.from, Buffer.from(query.prefix));
  while (position !== null) {
    const from: Buffer = position;
    position = null;
    for await (const entry of scan(from)) {
      if (!entry.name.startsWith(query.prefix)) break;
      if (entries.length + prefixes.length >= query.limit) return { entries, prefixes, last, isTruncated: true };
      const common = commonPrefix(entry.name, query);
      if (common === null) {
        entries.push(entry);
        last = { name: entry.name, entry };
        continue;
      }
      prefixes.push(common);
      last = { name: common, entry: null };
      position = afterPrefix(Buffer.from(common));
      break;
    }
  }
  return { entries, prefixes, last, isTruncated: false };
}

/** The first position behind a marker; a marker that is a common prefix of this listing hides everything under it. */
export function positionAfter(marker: string, query: Pick<ListQuery, "prefix" | "delimiter">): Buffer {
  if (marker === "") return Buffer.alloc(0);
  if (commonPrefix(marker, query) === marker) return afterPrefix(Buffer.from(marker));
  return Buffer.from(`${marker}\0`);
}

/** The text up to and with the first delimiter behind the prefix; null = there is none. */
export function commonPrefix(
  name: string,
  { prefix, delimiter }: Pick<ListQuery, "prefix" | "delimiter">,
): string | null {
  if (delimiter === "" || !name.startsWith(prefix)) return null;
  const at = name.indexOf(delimiter, prefix.length);
  return at < 0 ? null : name.slice(0, at + delimiter.length);
}

function later(left: Buffer, right: Buffer): Buffer {
  return Buffer.compare(left, right) >= 0 ? left : right;
}
