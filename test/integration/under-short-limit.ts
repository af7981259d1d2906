/**
 * Does the same under a short time limit and under none, at the same time: the short one ends first, or the limit is not kept,
 * however slow the machine is.
 *
 * @param work  ends when its signal fires
 * @returns what the short one came to
 */
export async function underShortLimit<T>(work: (signal: AbortSignal) => Promise<T>, limitMs: number): Promise<T> {
  const without = new AbortController();
  const long = work(without.signal);
  const short = work(AbortSignal.timeout(limitMs));
  const first = await Promise.race([short.then(() => "short"), long.then(() => "long")]);
  without.abort();
  await long;
  if (first === "long") throw new Error("what has no limit ended before what has one");
  return short;
}
