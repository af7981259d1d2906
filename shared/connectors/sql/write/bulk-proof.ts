/** One thing that a bulk path must do, tried on a scratch table. */
export interface BulkTrial {
  /** What the server did when it did not do so, such as "a value that is too long is cut without a word". */
  readonly fault: string;
  /** True when it did. */
  holds(): Promise<boolean>;
}

/**
 * Proves a bulk path before a run relies on it: systems that speak another's protocol take its bulk statements too, and may commit, cut, clamp or
 * skip without a word. Whatever is not as documented means the slower path that reports each fault.
 *
 * @param trials  in order, each on what those before have left
 * @returns null when all hold, else the first fault
 */
export async function proveBulk(trials: readonly BulkTrial[]): Promise<string | null> {
  for (const { fault, holds } of trials) if (!(await holds())) return fault;
  return null;
}
