import { findCuts, type OtsKeyProbe } from "./cut.js";
import { compareKeys, compareParts, fromSdkKey, type Key, type KeyPart, keyFrom } from "./key.js";
import { getPage, type OtsTable } from "./page.js";
import type { OtsRange } from "./range.js";

/**
 * Finds points on the first key column that cut a range into about `pieces`, none of them empty.
 *
 * @returns points strictly inside the range, in its direction; none for an empty range or a single value
 */
export async function findSplitPoints(table: OtsTable, range: OtsRange, pieces: number): Promise<KeyPart[]> {
  if (pieces < 2) return [];
  const [low, high] = range.isBackward ? [range.end, range.begin] : [range.begin, range.end];
  const [first] = await firstParts(table, { begin: low, end: high, isBackward: false }, 1);
  const [last] = await firstParts(table, { begin: high, end: low, isBackward: true }, 1);
  if (!first || !last) return [];
  const cuts = await findCuts(probeOf(table, low, high), { first, last }, pieces);
  const inside = cuts.filter((cut) => {
    const key = keyFrom(cut, table.keys);
    return compareKeys(low, key) < 0 && compareKeys(key, high) < 0;
  });
  return range.isBackward ? inside.reverse() : inside;
}

function probeOf(table: OtsTable, low: Key, high: Key): OtsKeyProbe {
  return {
    async atOrAfter(part) {
      const begin = keyFrom(part, table.keys);
      if (compareKeys(begin, high) >= 0) return null;
      return (await firstParts(table, { begin, end: high, isBackward: false }, 1))[0] ?? null;
    },
    async before(part) {
      const begin = keyFrom(part, table.keys);
      if (compareKeys(begin, low) <= 0) return null;
      // Ranges include their begin: with a key of one column the row itself comes first.
      const found = await firstParts(table, { begin, end: low, isBackward: true }, 2);
      return found.find((one) => compareParts(one, part) < 0) ?? null;
    },
  };
}

/** First key values of the first rows of a range. */
async function firstParts(table: OtsTable, range: OtsRange, limit: number): Promise<KeyPart[]> {
  const columnsToGet = table.keys.slice(0, 1).map(({ name }) => name);
  const parts: KeyPart[] = [];
  let begin: Key | null = range.begin;
  while (begin && parts.length < limit) {
    const { rows, next } = await getPage(table, { ...range, begin }, { columnsToGet, limit });
    for (const row of rows) parts.push(...fromSdkKey(row.primaryKey ?? []).slice(0, 1));
    begin = next;
  }
  return parts;
}
