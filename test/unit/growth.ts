const TRIES = 3;
const PIECES = 16;

/** Work that grows in proportion is about 1; in the square of the size, sixteen. */
export const LINEAR = 5;

/**
 * How much longer one large piece of work takes than small ones of the same size in all. Both last about as long and are
 * measured several times, of which the quickest counts, so that a busy machine changes little.
 */
export function growth(size: number, work: (size: number) => void): number {
  const large = quickest(() => work(PIECES * size));
  const small = quickest(() => {
    for (let i = 0; i < PIECES; i++) work(size);
  });
  return large / small;
}

/** {@link growth} of work that answers later, measured until one try is in proportion. */
export async function growthLater(size: number, work: (size: number) => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIES && least >= LINEAR; i++) {
    const since = performance.now();
    for (let piece = 0; piece < PIECES; piece++) await work(size);
    const between = performance.now();
    await work(PIECES * size);
    least = Math.min(least, (performance.now() - between) / (between - since));
  }
  return least;
}

/** Milliseconds of the quickest of some tries. */
export function quickest(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIES; i++) {
    const since = performance.now();
    work();
    best = Math.min(best, performance.now() - since);
  }
  return best;
}
