import type { Batch, DirtyRecord } from "../../../model/batch.js";
import { advance, type Progress } from "../../../model/progress.js";
import type { SqlWriteTypes } from "../types.js";
import { forgetBroken, isLost, loadBrokenChunk, loadWithoutKnown } from "./broken-chunk.js";
import { type Chunk, dirtyRecords, rowsOf } from "./chunk.js";
import type { ChunkDelivery, DeliverySetting } from "./delivery.js";
import type { LedgerEntry } from "./ledger.js";
import { advanceLedger } from "./ledger-table.js";
import type { RefusedRow } from "./refused-rows.js";

const BUSY_RETRIES = 3;

/** Loads a chunk and commits it, together with the ledger, if the source can be resumed behind it. */
export async function deliver<X extends SqlWriteTypes>(session: ChunkDelivery<X>, chunk: Chunk): Promise<void> {
  if (session.isOver) return;
  const { plan } = session;
  if (!plan.isTransactional) return deliverSingly(session, chunk);
  const refused = await loadWhole(session, chunk);
  const dirty = [...dirtyOfReader(chunk), ...dirtyRecords(plan, chunk, refused)];
  if (dirty.length > 0 && !(await keepDirty(session, dirty))) return;
  session.progress = progressAfter(session.progress, chunk.batches, refused);
  session.isPending = true;
  // Where a repeat does no harm, a commit in between does none either.
  if (session.progress.checkpoint !== null || plan.mode !== "insert") await commit(session, { isComplete: false });
}

async function loadWhole<X extends SqlWriteTypes>(session: ChunkDelivery<X>, chunk: Chunk): Promise<RefusedRow[]> {
  const load = async () => (await loadWithoutKnown(session, chunk)) ?? session.loader.load(chunk);
  try {
    return session.isPending ? await load() : await withRetry(session, load);
  } catch (error) {
    if (!isLost(session, error) || session.isClosed) throw error;
    return loadBrokenChunk(session, chunk, error);
  }
}

/** @returns false when these are too many: what was not committed is taken back, and nothing more is written */
async function keepDirty<X extends SqlWriteTypes>(
  session: ChunkDelivery<X>,
  dirty: readonly DirtyRecord[],
): Promise<boolean> {
  const { split, line, progress, system } = session;
  const most = (await split.admitDirty?.(dirty.length)) ?? null;
  if (most === null) {
    await split.keepDirty(dirty, progress);
    return true;
  }
  session.isOver = true;
  session.isPending = false;
  await line.client.execute(system.writing.transactions.rollback);
  await split.keepDirty(dirty.slice(0, most), progress);
  return false;
}

/** Rows that cannot be taken back are judged one by one: the first that is too many is the last. */
async function deliverSingly<X extends SqlWriteTypes>(session: ChunkDelivery<X>, chunk: Chunk): Promise<void> {
  const { plan, split, loader, progress } = session;
  const ofReader = dirtyOfReader(chunk);
  const isTooMany = async (more: number) => more > 0 && ((await split.admitDirty?.(more)) ?? null) !== null;
  if (await isTooMany(ofReader.length)) return void (await keepDirty(session, ofReader));
  const refused: RefusedRow[] = [];
  let loaded = 0;
  for (const row of rowsOf(chunk)) {
    const why = await withRetry(session, () => loader.loadOne(row));
    loaded++;
    if (!why) continue;
    refused.push({ index: loaded - 1, why });
    session.isOver = await isTooMany(ofReader.length + refused.length);
    if (session.isOver) break;
  }
  const dirty = [...ofReader, ...dirtyRecords(plan, chunk, refused)];
  if (dirty.length > 0) await split.keepDirty(dirty, progress);
  session.progress = session.isOver
    ? progressInside(progress, chunk, { loaded, refused: refused.length })
    : progressAfter(progress, chunk.batches, refused);
  await commit(session, { isComplete: false });
}

/** Commits what was loaded, and notes it in the ledger. */
export async function commit<X extends SqlWriteTypes>(
  session: ChunkDelivery<X>,
  { isComplete }: Pick<LedgerEntry, "isComplete">,
): Promise<void> {
  const { line, plan, split, progress, system } = session;
  const { runId, attempt } = split;
  const row = { runId, split: split.split, attempt };
  if (plan.ledger) await advanceLedger(system, line.client, { row, entry: { progress, isComplete } });
  await line.client.execute(system.writing.transactions.commit);
  session.isPending = false;
  if (isComplete) forgetBroken(split);
  // News also where nobody can go on behind it (no checkpoint): the rows are in the target, and counted.
  session.news = progress;
}

function dirtyOfReader({ batches }: Chunk): DirtyRecord[] {
  return batches.flatMap(({ dirty }) => dirty);
}

function progressAfter(before: Progress, batches: readonly Batch[], refused: readonly RefusedRow[]): Progress {
  let first = 0;
  return batches.reduce((progress, batch) => {
    const last = first + batch.count;
    const count = refused.filter(({ index }) => index >= first && index < last).length;
    first = last;
    return advance(progress, batch, count);
  }, before);
}

/** In the middle of a chunk, where nobody can go on. */
function progressInside(
  { counters }: Progress,
  chunk: Chunk,
  { loaded, refused }: { readonly loaded: number; readonly refused: number },
): Progress {
  const dirty = dirtyOfReader(chunk).length;
  return {
    checkpoint: null,
    counters: {
      read: counters.read + dirty + loaded,
      written: counters.written + loaded - refused,
      dirty: counters.dirty + dirty + refused,
      bytes: counters.bytes + Math.round((chunk.bytes * loaded) / Math.max(1, chunk.count)),
    },
  };
}

/** A deadlock or a lock that was waited for too long is no failure: what it ended is done again. */
export async function withRetry<X extends SqlWriteTypes, T>(
  { line, system }: Pick<DeliverySetting<X>, "line" | "system">,
  work: () => Promise<T>,
  rollback = system.writing.transactions.rollback,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const mapped = system.errors.toSluiceError(error, "writing");
      if (mapped.code !== "SOURCE_BUSY" || tries > BUSY_RETRIES) throw error;
      await line.client.execute(rollback);
    }
  }
}
