import type { KeyColumn, KeyRange, KeyValue } from "./key-range.js";
import { middleKey } from "./midpoint.js";

/** Cheap questions about an indexed key; each is one look into the index. */
export interface KeyProbe {
  /** The smallest key in the range that is at least `guess`, which may be a prefix. */
  firstFrom(guess: KeyValue, range: KeyRange): Promise<KeyValue | null>;
  /** The largest key below `key`. */
  lastBefore(key: KeyValue): Promise<KeyValue | null>;
  /** The server's own estimate of the keys in `(after, upTo]`; null when it gives none. */
  estimate(range: KeyRange): Promise<number | null>;
}

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
/** Keys that crowd at one end of a 64-bit span need this many cuts before the crowd itself is cut. */
const CUTS_TO_FIND_A_CROWD = 80;
/** Smaller pieces are not worth another look. */
const SMALL_PIECE = 64;

/**
 * Cuts a key into at most `count` contiguous ranges of similar row count, by cutting the fattest piece in the middle of its
 * values again and again and then joining neighbours. All bounds are keys that exist in the table, compared by the server
 * itself, so that collations, gaps and skew lose nothing.
 *
 * @param ends   smallest and largest key of interest
 * @returns ranges in ascending order, no gap, no overlap; the first and the last one are open to the outside
 */
export async function planRanges(
  probe: KeyProbe,
  key: readonly KeyColumn[],
  ends: { readonly first: KeyValue; readonly last: KeyValue },
  count: number,
): Promise<PlannedRange[]> {
  const whole = (await probe.estimate({ after: null, upTo: ends.last })) ?? 0;
  let pieces: Piece[] = [{ after: null, ...ends, rows: whole, solid: false }];
  const wanted = count * PIECES_PER_RANGE;
  for (let cuts = 0; count > 1 && pieces.length < wanted + CUTS_TO_FIND_A_CROWD && cuts < 2 * wanted + 200; cuts++) {
    const fattest = pieces.filter((piece) => !piece.solid).reduce<Piece | null>(fatter, null);
    if (!fattest || fattest.rows <= SMALL_PIECE) break;
    if (pieces.filter((piece) => piece.rows > SMALL_PIECE).length >= wanted) break;
    const parts = await cut(probe, key, fattest);
    pieces = pieces.flatMap((piece) => (piece === fattest ? parts : [piece]));
  }
  return join(pieces, count);
}

function fatter(best: Piece | null, piece: Piece): Piece {
  return best === null || piece.rows > best.rows ? piece : best;
}

async function cut(probe: KeyProbe, key: readonly KeyColumn[], piece: Piece): Promise<Piece[]> {
  const right = await firstKeyOfUpperHalf(probe, key, piece);
  const left = right && (await probe.lastBefore(right));
  if (!right || !left) return [{ ...piece, solid: true }];
  const below = { after: piece.after, upTo: left };
  const above = { after: left, upTo: piece.last };
  const [lower, upper] = [(await probe.estimate(below)) ?? 0, (await probe.estimate(above)) ?? 0];
  return [
    { after: piece.after, first: piece.first, last: left, rows: lower, solid: same(piece.first, left) },
    { after: left, first: right, last: piece.last, rows: upper, solid: same(right, piece.last) },
  ];
}

/** In a collation with an order of its own a guess may miss the piece; the second one takes all letters as small. */
async function firstKeyOfUpperHalf(probe: KeyProbe, key: readonly KeyColumn[], piece: Piece): Promise<KeyValue | null> {
  const small = (value: KeyValue) => value.map((part, at) => (key[at]?.kind === "text" ? part.toLowerCase() : part));
  const guesses = [middleKey(key, piece.first, piece.last), middleKey(key, small(piece.first), small(piece.last))];
  for (const guess of guesses) {
    if (!guess) continue;
    const found = await probe.firstFrom(guess, { after: piece.after, upTo: piece.last });
    if (found && !same(found, piece.first)) return found;
  }
  return null;
}

function same(one: KeyValue, other: KeyValue): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at]);
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
