import { isSame, type KeyCutter, keyCutter } from "./cut-keys.js";
import type { KeyProbe } from "./key-probe.js";
import type { KeyColumn, KeyRange, KeyValue } from "./key-range.js";

/** A range with the rows it is believed to hold. */
export interface PlannedRange extends KeyRange {
  readonly rows: number;
}

interface Piece {
  readonly after: KeyValue | null;
  /** Smallest and largest key inside; both exist in the table. */
  readonly first: KeyValue;
  readonly last: KeyValue;
  readonly rows: number;
  /** Nothing more to cut. */
  readonly solid: boolean;
}

/** Fine pieces per wanted range: enough to even out estimates, which are good for small ranges only. */
const PIECES_PER_RANGE = 4;
/** Where texts are cut into many pieces at a time, the fattest may hold this much more than a range should. */
const FAT = 1.5;
/** Keys that crowd at one end of a 64-bit span need this many cuts before the crowd itself is cut. */
const CUTS_TO_FIND_A_CROWD = 80;
/** Smaller pieces are not worth another look. */
const SMALL_PIECE = 64;

/** Which keys are cut, into how many ranges at most. */
export interface RangeOptions {
  /** Smallest and largest key of interest. */
  readonly ends: { readonly first: KeyValue; readonly last: KeyValue };
  readonly count: number;
}

/**
 * Cuts a key into at most `count` contiguous ranges of similar row count, by cutting the fattest piece again and again and then
 * joining neighbours. All bounds are keys that exist in the table, compared by the server itself, so that alphabets, collations,
 * gaps and skew lose nothing.
 *
 * @returns ranges in ascending order, no gap, no overlap; the first and the last one are open to the outside
 */
export async function planRanges(
  probe: KeyProbe,
  key: readonly KeyColumn[],
  { ends, count }: RangeOptions,
): Promise<PlannedRange[]> {
  const whole = (await probe.estimate({ after: null, upTo: ends.last })) ?? 0;
  let pieces: Piece[] = [{ after: null, ...ends, rows: whole, solid: isSame(ends.first, ends.last) }];
  const cutter = keyCutter(probe, key);
  const wanted = count * PIECES_PER_RANGE;
  for (
    let cuts = 0;
    count > 1 && pieces.length < 2 * wanted + CUTS_TO_FIND_A_CROWD && cuts < 2 * wanted + 200;
    cuts++
  ) {
    const fattest = pieces.filter((piece) => !piece.solid).reduce<Piece | null>(fatter, null);
    if (!fattest || fattest.rows <= SMALL_PIECE || isFine(pieces, fattest, count)) break;
    const parts = await cut(probe, cutter, fattest);
    pieces = pieces.flatMap((piece) => (piece === fattest ? parts : [piece]));
  }
  return join(pieces, count);
}

function isFine(pieces: readonly Piece[], fattest: Piece, count: number): boolean {
  const total = pieces.reduce((sum, { rows }) => sum + rows, 0);
  const large = pieces.filter(({ rows }) => rows > SMALL_PIECE).length;
  return large >= count * PIECES_PER_RANGE && fattest.rows <= (total / count) * FAT;
}

function fatter(best: Piece | null, piece: Piece): Piece {
  return best === null || piece.rows > best.rows ? piece : best;
}

async function cut(probe: KeyProbe, cutter: KeyCutter, piece: Piece): Promise<Piece[]> {
  const parts: Piece[] = [];
  let { after, first } = piece;
  const add = async (last: KeyValue) => {
    const rows = (await probe.estimate({ after, upTo: last })) ?? 0;
    parts.push({ after, first, last, rows, solid: isSame(first, last) });
  };
  for (const next of await cutter.keysIn(piece)) {
    const last = await probe.lastBefore(next);
    if (!last) continue;
    await add(last);
    after = last;
    first = next;
  }
  if (parts.length === 0) return [{ ...piece, solid: true }];
  await add(piece.last);
  return parts;
}

function join(pieces: readonly Piece[], count: number): PlannedRange[] {
  const total = pieces.reduce((sum, piece) => sum + piece.rows, 0);
  const ranges: PlannedRange[] = [];
  let after: KeyValue | null = null;
  let rows = 0;
  let seen = 0;
  for (const [at, piece] of pieces.entries()) {
    rows += piece.rows;
    seen += piece.rows;
    const isLast = at === pieces.length - 1;
    const next = pieces[at + 1]?.rows ?? 0;
    const goal = (total * (ranges.length + 1)) / count;
    // Close where the goal is nearer now than after the next piece.
    if (!isLast && (ranges.length === count - 1 || goal - seen > seen + next - goal)) continue;
    ranges.push({ after, upTo: isLast ? null : piece.last, rows });
    after = piece.last;
    rows = 0;
  }
  return ranges;
}
