import type { SplitRef, WriteReport, WriteSession } from "../connectors/contract.js";
import type { Batch } from "../model/batch.js";
import { InternalError } from "../model/errors.js";
import type { Json } from "../model/json.js";
import type { Counters, Progress } from "../model/progress.js";
import type { WaitTimes } from "../model/run.js";
import { type DirtyGate, type DirtyLimit, dirtyGate, withoutExcess } from "./dirty-limit.js";
import { type PipeClock, pipe } from "./pipe.js";
import type { ThrottleGate } from "./throttle.js";

/** What moving one split needs. */
export interface SplitWork extends DirtyLimit {
  read(from: Json): AsyncIterable<Batch>;
  open(split: SplitRef): Promise<WriteSession>;
  /** The attempt, without what concerns its dirty records, which the collector provides. */
  readonly split: Omit<SplitRef, "keepDirty" | "admitDirty">;
  readonly throttle: ThrottleGate;
  /** Asks to stop at the next batch: the work so far is made durable. */
  readonly stop: AbortSignal;
  /** The split belongs to somebody else by now: nothing may be written any more. Implies `stop`. */
  readonly lost: AbortSignal;
  /** Kept up to date while the split is worked on; the caller reads it at its own pace. */
  readonly meter: SplitMeter;
}

/** Live figures of a split at work. */
export interface SplitMeter {
  /** Safely in the target, with a place to go on from. */
  durable: Progress;
  /** Safely in the target, whether or not the source can be resumed there. */
  reached: Progress;
  /** Seen so far, possibly ahead of `durable`. */
  live: Counters;
  /** Dirty records counted before this attempt. */
  dirtyBefore: number;
  readonly waitMs: PipeClock;
}

/** How the work on a split ended, if it did not throw. */
export type SplitOutcome =
  | { readonly kind: "done"; readonly progress: Progress; readonly token: Json }
  | { readonly kind: "overLimit"; readonly progress: Progress }
  /** `isStuck`: records were read, but nobody can go on behind any of them. */
  | { readonly kind: "stopped"; readonly progress: Progress; readonly isStuck: boolean };

/** A meter at the start of an attempt. */
export function startMeter(progress: Progress): SplitMeter {
  const { counters } = progress;
  return {
    durable: progress,
    reached: progress,
    live: counters,
    dirtyBefore: counters.dirty,
    waitMs: { reader: 0, writer: 0 },
  };
}

/** The meter's waiting times as a value. */
export function waitTimes({ waitMs }: SplitMeter): WaitTimes {
  return { reader: Math.round(waitMs.reader), writer: Math.round(waitMs.writer) };
}

/**
 * Streams one split from reader to writer until it ends, is told to stop, or has too many dirty records.
 *
 * @throws whatever reader or writer throw; the session is aborted then, and `meter.durable` says what is safe
 */
export async function runSplit(work: SplitWork): Promise<SplitOutcome> {
  const { meter } = work;
  const gate = dirtyGate(work);
  const session = await openSession(work, gate);
  const before = meter.durable.counters.read;
  try {
    const verdict = session.isComplete ? "end" : await move(work, session, gate);
    if (verdict === "end") return await finish(work, session, gate);
    const seen = meter.live.read;
    const progress = await settle(work, session);
    if (verdict === "overLimit") return endOverLimit(work);
    meter.live = meter.reached.counters;
    return { kind: verdict, progress, isStuck: seen > before && progress.counters.read === before };
  } finally {
    await session.abort();
  }
}

async function finish(work: SplitWork, session: WriteSession, gate: DirtyGate): Promise<SplitOutcome> {
  const { meter } = work;
  const since = performance.now();
  const closed = await session.close();
  meter.waitMs.writer += performance.now() - since;
  note(meter, closed);
  if (gate.isShut()) return endOverLimit(work);
  meter.durable = meter.reached;
  assertComplete(meter);
  meter.live = meter.durable.counters;
  const kind = work.overLimit(meter.live.dirty) ? "overLimit" : "done";
  return { kind, progress: meter.durable, token: closed.token ?? null };
}

/** Too many dirty records end the run: all that were found count, and of the others those that are in the target. */
function endOverLimit({ meter, dirty }: SplitWork): SplitOutcome {
  const { counters } = meter.reached;
  const found = Math.max(counters.dirty, meter.dirtyBefore + dirty.found);
  meter.live = { ...counters, read: counters.read + found - counters.dirty, dirty: found };
  return { kind: "overLimit", progress: meter.durable };
}

/** A writer that loses count must not pass for one that wrote everything. */
function assertComplete({ durable, live }: SplitMeter): void {
  const confirmed = durable.counters.read;
  if (confirmed !== live.read)
    throw new InternalError("INTERNAL", `${live.read} records were read, but the writer confirms ${confirmed}`);
}

async function openSession(work: SplitWork, gate: DirtyGate): Promise<WriteSession> {
  const { meter, dirty } = work;
  const session = await work.open({
    ...work.split,
    keepDirty: (records, at) => dirty.keep(records, at),
    admitDirty: gate.admit,
  });
  meter.durable = session.resumeFrom ?? meter.durable;
  meter.reached = meter.durable;
  meter.live = meter.durable.counters;
  meter.dirtyBefore = meter.live.dirty;
  try {
    if (work.split.attempt > 1) await dirty.startFrom(meter.durable);
    return session;
  } catch (error) {
    await session.abort();
    throw error;
  }
}

/** Moves batches until the source ends or something says stop. */
async function move(work: SplitWork, session: WriteSession, gate: DirtyGate): Promise<"end" | "stopped" | "overLimit"> {
  const { meter, stop } = work;
  const breathe = breathing();
  try {
    for await (const whole of pipe(work.read(meter.durable.checkpoint), meter.waitMs)) {
      await breathe();
      const batch = withoutExcess(work, whole);
      await work.throttle.take(batch.bytes, batch.count, stop);
      if (stop.aborted) return "stopped";
      countRead(meter, batch);
      note(meter, await session.write(batch));
      meter.live = { ...meter.live, dirty: Math.max(meter.live.dirty, meter.dirtyBefore + work.dirty.found) };
      if (gate.isShut() || work.overLimit(meter.live.dirty)) return "overLimit";
    }
  } catch (error) {
    // Readers are interrupted in the middle of a query: its failure is no news then.
    if (!stop.aborted) throw error;
  }
  // A source that was interrupted may also just end early: that is no end of the split.
  return stop.aborted ? "stopped" : "end";
}

/** Two sides that never wait would starve timers, and with them heartbeat and cancel: lets them run every few milliseconds. */
function breathing(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < 20) return;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  };
}

function countRead(meter: SplitMeter, batch: Batch): void {
  const { live } = meter;
  meter.live = { ...live, read: live.read + batch.count + batch.dirty.length, bytes: live.bytes + batch.bytes };
}

function note(meter: SplitMeter, { durable }: WriteReport): void {
  if (!durable) return;
  meter.reached = durable;
  meter.live = { ...meter.live, written: durable.counters.written };
  // Without a checkpoint a later attempt reads from the start: counters and staged work up to here would count twice.
  if (durable.checkpoint !== null) meter.durable = durable;
}

/** Makes the work so far durable, so that counters and target agree; a shard that lost its split must not. */
async function settle(work: SplitWork, session: WriteSession): Promise<Progress> {
  if (!work.lost.aborted) note(work.meter, await session.flush());
  return work.meter.durable;
}
