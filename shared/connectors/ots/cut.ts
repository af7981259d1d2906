import { between } from "./between.js";
import { compareParts, type KeyPart } from "./key.js";

/** Asks a table for values of the first key column that really occur; null = none there. */
export interface OtsKeyProbe {
  /** The smallest value at or after `part`. */
  atOrAfter(part: KeyPart): Promise<KeyPart | null>;
  /** The largest value before `part`. */
  before(part: KeyPart): Promise<KeyPart | null>;
}

/** Values that occur, both inclusive. */
interface Stretch {
  readonly first: KeyPart;
  readonly last: KeyPart;
}

/** Cutting again and again what is crowded ends after so many rounds. */
const ROUNDS = 6;

/**
 * Finds places to cut the values from `first` to `last` into about `pieces` that are not empty.
 * Even in value at first; where values are crowded, the crowded stretches are cut again between the values found.
 *
 * @param stretch  smallest and largest value, both of which occur
 * @returns ascending values that occur, each the first of a piece; without that of the first piece
 */
export async function findCuts(probe: OtsKeyProbe, stretch: Stretch, pieces: number): Promise<KeyPart[]> {
  let stretches: readonly Stretch[] = [stretch];
  let missing = pieces - 1;
  for (let round = 0; round < ROUNDS && missing > 0; round++) {
    const wide = stretches.filter(({ first, last }) => compareParts(first, last) < 0);
    if (wide.length === 0) break;
    const each = Math.ceil(missing / wide.length) + 1;
    const parts = wide.slice(0, Math.ceil(missing / (each - 1)));
    const cut = await Promise.all(parts.map((one) => cutEvenly(probe, one, each)));
    stretches = [...stretches.filter((one) => !parts.includes(one)), ...cut.flat()].sort((a, b) =>
      compareParts(a.first, b.first),
    );
    missing = pieces - stretches.length;
  }
  return stretches.slice(1).map(({ first }) => first);
}

async function cutEvenly(probe: OtsKeyProbe, { first, last }: Stretch, pieces: number): Promise<Stretch[]> {
  const points = Array.from({ length: pieces - 1 }, (_, index) =>
    between(first, last, { step: index + 1, steps: pieces }),
  );
  const found = await Promise.all(points.map((point) => probe.atOrAfter(point)));
  const starts = [first];
  for (const start of found) {
    const previous = starts.at(-1);
    if (start && previous && compareParts(previous, start) < 0 && compareParts(start, last) <= 0) starts.push(start);
  }
  return Promise.all(
    starts.map(async (start, index) => {
      const next = starts[index + 1];
      return { first: start, last: next ? ((await probe.before(next)) ?? start) : last };
    }),
  );
}
