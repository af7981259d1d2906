/**
 * Waits before the next attempt: twice as long as before the last one, with chance in it, so that many who were refused
 * together do not come back together.
 *
 * @param attempt  1-based number of the one that failed
 * @param baseMs   about half of the first wait
 */
export async function backOff(attempt: number, baseMs = 50): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, baseMs * 2 ** attempt * (0.5 + Math.random())));
}
