import type { KeyProbe } from "./key-probe.js";
import type { KeyColumn, KeyValue } from "./key-range.js";
import { middleKey } from "./midpoint.js";
import { type Alphabet, areAlike, guessTexts, thinned } from "./text-guesses.js";

/** A stretch of an index; both ends are keys that exist. */
export interface Stretch {
  readonly after: KeyValue | null;
  readonly first: KeyValue;
  readonly last: KeyValue;
  readonly rows: number;
}

/** One stretch is cut at this many keys at most: each costs a look and an estimate. */
const MOST_CUTS = 32;
/** Where no guess finds a key, the index is walked this far, and this often for a whole table. */
const STEPS_OF_A_WALK = 1000;
const MOST_WALKS = 24;
/** Characters that are remembered. */
const MOST_SEEN = 4000;

/** Finds keys at which a stretch can be cut; keeps in mind which characters the table's texts are made of. */
export interface KeyCutter {
  /** Keys behind the first and up to the last one of a stretch, in the server's order; none when there is nothing to cut. */
  keysIn(stretch: Stretch): Promise<readonly KeyValue[]>;
}

/**
 * A cutter for a key. Numbers, dates and bytes have a middle. A text has none that arithmetic could find: its alphabet and
 * its collation are the table's own, so keys are looked up by many guesses at once, made of characters that the table holds.
 */
export function keyCutter(probe: KeyProbe, key: readonly KeyColumn[]): KeyCutter {
  const seen = key.map(() => new Set<string>());
  let walks = 0;
  return { keysIn };

  async function keysIn(stretch: Stretch): Promise<readonly KeyValue[]> {
    const { first, last } = stretch;
    learn([first, last]);
    for (const [at, column] of key.entries()) {
      const [low, high] = [first[at], last[at]];
      if (low === undefined || high === undefined) return [];
      if (low === high) continue;
      const found = column.kind === "text" ? await textKeys(stretch, at) : await middle(stretch);
      if (found.length > 0) return found;
      if (column.kind !== "text") return [];
      if (!areAlike(low, high) || at === key.length - 1) return walk(stretch);
    }
    return [];
  }

  async function middle({ after, first, last }: Stretch): Promise<readonly KeyValue[]> {
    const guess = middleKey(key, first, last);
    const found = guess && (await probe.firstFrom(guess, { after, upTo: last }));
    return found && !isSame(found, first) ? [found] : [];
  }

  async function textKeys({ first, last }: Stretch, at: number): Promise<readonly KeyValue[]> {
    const alphabet: Alphabet = { seen: seen[at] ?? new Set(), maxCodePoint: probe.maxCodePoint?.(at) ?? 0x7f };
    const texts = guessTexts(first[at] ?? "", last[at] ?? "", alphabet);
    const guesses = texts.map((text) => [...first.slice(0, at), text]);
    const found = await probe.firstFromEach(guesses, { after: first, upTo: last });
    learn(found);
    return thinned(found, MOST_CUTS);
  }

  /** Never far: walking is reading. */
  async function walk({ first, last, rows }: Stretch): Promise<readonly KeyValue[]> {
    if (walks >= MOST_WALKS) return [];
    walks++;
    const steps = Math.min(STEPS_OF_A_WALK, Math.floor(rows / 2));
    const found = await probe.walk({ after: first, upTo: last }, steps);
    if (found) learn([found]);
    return found ? [found] : [];
  }

  function learn(values: readonly KeyValue[]): void {
    for (const value of values)
      for (const [at, text] of value.entries()) {
        const known = seen[at];
        if (key[at]?.kind !== "text" || !known) continue;
        for (const character of [...text].slice(0, 64)) if (known.size < MOST_SEEN) known.add(character);
      }
  }
}

/** True for the same texts; what a collation holds to be equal may differ here. */
export function isSame(one: KeyValue, other: KeyValue): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at]);
}
