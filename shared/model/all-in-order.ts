/**
 * Waits for all of them, so that of several failures always the same one is told: the first by position, not by time.
 *
 * @throws the reason of the first that failed, once none is under way any more
 */
export async function allInOrder<T extends readonly unknown[]>(
  promises: T,
): Promise<{ -readonly [Key in keyof T]: Awaited<T[Key]> }> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
