const TRIES = 5;

/** Work that grows in proportion takes sixteen times as long; in the square of the size, 256 times. */
export const LINEAR = 100;

/**
 * How many times longer work takes at sixteen times the size. Each size is measured several times and its quickest try
 * counts, so that a busy machine changes little.
 */
export function growth(size: number, work: (size: number) => void): number {
  return quickest(() => work(16 * size)) / quickest(() => work(size));
}

function quickest(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIES; i++) {
    const since = performance.now();
    work();
    best = Math.min(best, performance.now() - since);
  }
  return best;
}
