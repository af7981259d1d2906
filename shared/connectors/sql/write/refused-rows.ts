import type { DataRecord } from "../../../model/batch.js";
import type { RowRefusal } from "./refusal.js";

/** A row that the server did not take: its index among the rows of the attempt, and why. */
export interface RefusedRow<R = RowRefusal> {
  readonly index: number;
  readonly why: R;
}

/** How loading several rows at once ended: all taken but those listed, or none, with the rows that the server named. */
export type Attempt<R = RowRefusal> =
  | { readonly kind: "taken"; readonly refused?: readonly RefusedRow<R>[] }
  | { readonly kind: "refused"; readonly suspects: readonly number[] };

/** How a system loads rows inside an open transaction. */
export interface RowLoader<T = DataRecord, R = RowRefusal> {
  /** Loads several rows; when it answers `refused`, nothing of them is left behind. */
  loadAll(rows: readonly T[]): Promise<Attempt<R>>;
  /** Loads one row by the strictest statement there is: null when it was taken, else why not. */
  loadOne(row: T): Promise<R | null>;
}

/** A part this small is quicker tried row by row than halved further. */
const FEW = 4;

/**
 * Loads all rows that the server accepts and finds those it does not, without sending the whole batch row by row:
 * rows that the server named are tried singly and the rows between them together; where it named none, the rows are halved.
 * The order of the rows is kept throughout, so that of two rows with the same key the later one wins where that matters.
 *
 * @param known  how a first attempt at all rows ended, if there was one already
 * @returns what was refused, in ascending order
 */
export async function loadOrRefuse<T, R>(
  loader: RowLoader<T, R>,
  rows: readonly T[],
  known?: Attempt<R>,
): Promise<RefusedRow<R>[]> {
  const refused: RefusedRow<R>[] = [];
  // What a trigger says names rows by a count of its own: once all that were named are taken, names mean nothing any more.
  let isMisled = false;
  await loadPart(0, rows.length, known);
  return refused;

  async function loadPart(from: number, to: number, before?: Attempt<R>): Promise<void> {
    if (to - from <= FEW && before?.kind !== "taken") return loadSingly(from, to);
    const attempt = before ?? (await loader.loadAll(rows.slice(from, to)));
    if (attempt.kind === "taken") {
      for (const { index, why } of attempt.refused ?? []) refused.push({ index: from + index, why });
      return;
    }
    // A row that is none of these says nothing about them.
    const inside = isMisled ? [] : attempt.suspects.filter((index) => index < to - from);
    const named = inside.map((index) => from + index).sort((a, b) => a - b);
    if (named.length > (to - from) / 2) return loadSingly(from, to);
    if (named.length === 0) {
      const middle = (from + to) >> 1;
      await loadPart(from, middle);
      return loadPart(middle, to);
    }
    await loadAround(from, to, named);
  }

  async function loadAround(from: number, to: number, named: readonly number[]): Promise<void> {
    const before = refused.length;
    let next = from;
    for (const suspect of named) {
      if (suspect > next) await loadPart(next, suspect);
      await loadSingly(suspect, suspect + 1);
      next = suspect + 1;
    }
    isMisled ||= refused.length === before;
    if (next < to) await loadPart(next, to);
  }

  async function loadSingly(from: number, to: number): Promise<void> {
    for (const [at, row] of rows.slice(from, to).entries()) {
      const why = await loader.loadOne(row);
      if (why !== null) refused.push({ index: from + at, why });
    }
  }
}
