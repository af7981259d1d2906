/** Rows cut into parts that can be loaded, and single rows that cannot. */
export interface Breakage {
  /** `[from, to)`, ascending, without the breakers. */
  readonly parts: readonly (readonly [from: number, to: number])[];
  /** Indexes of rows at which the connection breaks, each tried twice alone. */
  readonly breakers: readonly number[];
}

/** With more of them it is no row's fault. */
const MOST_BREAKERS = 20;

/**
 * Finds the rows at which a connection breaks: one that breaks at the same place twice is no passing trouble, and would break every later
 * attempt too. Proxies and firewalls with limits of their own do so, and servers that fail at a certain value.
 *
 * @param survives  tries rows on a connection that is whole, leaving no trace, and tells whether it held
 * @returns null when the connection holds this time, or breaks at too many rows
 */
export async function findBreakage<T>(
  rows: readonly T[],
  survives: (rows: readonly T[]) => Promise<boolean>,
): Promise<Breakage | null> {
  const parts: [number, number][] = [];
  const breakers: number[] = [];
  if (await survives(rows)) return null;
  await search(0, rows.length);
  return breakers.length > MOST_BREAKERS ? null : { parts, breakers };

  /** The rows are known to break together. */
  async function search(from: number, to: number): Promise<void> {
    if (breakers.length > MOST_BREAKERS) return;
    if (to - from <= 1) {
      if (await survives(rows.slice(from, to))) parts.push([from, to]);
      else breakers.push(from);
      return;
    }
    const middle = (from + to) >> 1;
    for (const [first, end] of [
      [from, middle],
      [middle, to],
    ] as const) {
      if (await survives(rows.slice(first, end))) parts.push([first, end]);
      else await search(first, end);
    }
  }
}
