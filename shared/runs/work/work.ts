import { parameterKeys } from "../../connectors/params/describe.js";
import { createDirtyCollector, type DirtyRoom } from "../../engine/dirty-collector.js";
import { runSplit, type SplitMeter, type SplitOutcome, startMeter, waitTimes } from "../../engine/run-split.js";
import { onClockOf } from "../../model/clock.js";
import { counted } from "../../model/counted.js";
import { InternalError, type SluiceError, TransientError, toErrorReport, UserError } from "../../model/errors.js";
import type { RunRecord } from "../../model/run.js";
import type { SplitRow } from "../../model/split.js";
import type { Stored } from "../../platform/documents.js";
import { isoNow, type Services } from "../../services.js";
import { dirtyFilesOf } from "../dirty-records.js";
import { failRun } from "../end/abort.js";
import { type OpenPlan, openPlan } from "../open-plan.js";
import { inLife, type ShardOrder, splitSetOf, startShard, successorOf, wakeReducer } from "../wake.js";
import { createClaims, MAX_FAILURES, storeHeld } from "./claim.js";
import { dirtyLimitOf, overLimitError, roomLeftBy } from "./dirty-limit.js";
import { dirtyKeptOf, type Heartbeat, startHeartbeat } from "./heartbeat.js";
import { type JobThrottle, joinThrottle } from "./job-throttle.js";
import type { NoteUsage } from "./metered.js";
import { namer, openPlaced, placedBatches } from "./placed-session.js";
import { type Seat, takeSeat } from "./seat.js";

/** Dirty records kept per run, at most; the rest is counted. */
const MAX_DIRTY_KEPT = 1_000_000;

/** What a shard works with, from its first to its last split. */
interface Shard {
  readonly services: Services;
  readonly order: ShardOrder;
  readonly record: RunRecord;
  readonly open: OpenPlan;
  readonly seat: Seat;
  readonly throttle: JobThrottle;
  readonly dirtyRoom: DirtyRoom;
  /** Epoch ms: when it began, and when it must hand over to a successor. */
  readonly startedAt: number;
  readonly deadline: number;
  readonly noteUsage: NoteUsage;
}

/**
 * Works through the splits of a run: claims one, moves it, claims the next, until there is none left or time runs out.
 * Safe to be called twice with the same order, or without need: who finds its seat taken goes again.
 */
export async function workOnRun(
  services: Services,
  order: ShardOrder,
  limits: Pick<Shard, "deadline" | "noteUsage">,
): Promise<void> {
  const startedAt = services.now();
  const { value: record } = await services.runs.get(order.run);
  if (record.state !== "running") return;
  const seat = await takeSeat(services, order);
  if (!seat) return;
  const next = { ...order, shard: successorOf(order.shard) };
  try {
    const shard = { services, order, record, seat, startedAt, ...limits };
    if ((await workFromSeat(shard)) && (await seat.leaveTo(next.shard))) await startShard(services, record, next);
  } finally {
    await seat.leave();
  }
}

/** @returns true when work is left that a successor must do */
async function workFromSeat(begun: Omit<Shard, "open" | "throttle" | "dirtyRoom">): Promise<boolean> {
  const { services, order, record } = begun;
  const open = await openPlan(record, services.secretBox);
  const throttle = await joinThrottle(services, order, open.plan);
  const dirtyRoom = { left: Math.ceil(MAX_DIRTY_KEPT / Math.max(1, record.concurrent)) };
  const shard: Shard = { ...begun, open, throttle, dirtyRoom };
  let isHandedOver: boolean;
  try {
    isHandedOver = await workThrough(shard);
  } finally {
    await throttle.leave();
  }
  if (!isHandedOver) await reportEnd(shard);
  return isHandedOver;
}

/** @returns true when work is left that a successor must do */
async function workThrough(shard: Shard): Promise<boolean> {
  const { services, order } = shard;
  const claimer = { shard: order.shard, start: order.index / order.of, mayClaim: shard.seat.isHeld };
  const claims = createClaims(services, splitSetOf(shard.record), claimer);
  for (;;) {
    if (services.now() >= shard.deadline) return true;
    if (!(await shard.seat.confirm())) return false;
    const found = await claims.next();
    if (found.kind === "nothing") return false;
    if (found.kind === "later") {
      await new Promise((resolve) => setTimeout(resolve, Math.min(1000, Math.max(10, found.at - services.now()))));
      const run = await services.runs.find(order.run);
      if (run?.value.state !== "running") return false;
      continue;
    }
    const next = await workOnSplit(shard, found.split);
    if (next !== "next") return next === "handOver";
  }
}

/** The last to go wakes the reducer: it ends the run, or settles it when it was aborted. */
async function reportEnd({ services, order, record, noteUsage }: Shard): Promise<void> {
  // Before the run can end: its report is complete, but for these last milliseconds.
  await noteUsage();
  const [splits, run] = await Promise.all([services.splits.all(splitSetOf(record)), services.runs.find(order.run)]);
  const isDone = splits.every(({ value }) => value.state === "done");
  if (isDone) await wakeReducer(services, order.run, inLife(record, "done"));
  else if (run?.value.state === "aborting") await wakeReducer(services, order.run, `left-${order.shard}`);
}

/** What the shard does after a split. */
type Next = "next" | "handOver" | "leave";

async function workOnSplit(shard: Shard, split: Stored<SplitRow>): Promise<Next> {
  const { services, open, record } = shard;
  const { value } = split;
  // Claimed first, then looked: a run that is settled while nobody holds a split must find nobody beginning one.
  const isOver = (await services.runs.get(value.run)).value.state !== "running";
  // Nor may a claim count that took longer than its seat was held.
  if (isOver || !shard.seat.isHeld()) return giveBack(shard, split);
  const refusal = refusalOf(value, open.run.prepared);
  if (refusal) return giveUp(shard, split, refusal);
  const claimedAt = services.now();
  const meter = startMeter(value.progress);
  const id = { run: record.id, number: value.number };
  const dirty = createDirtyCollector(dirtyFilesOf(services.objects), id, shard.dirtyRoom);
  const beat = startHeartbeat(services, { split, meter, dirty, noSeat: shard.seat.lost, deadline: shard.deadline });
  const figures = (): Partial<SplitRow> => ({
    progress: meter.durable,
    live: meter.live,
    waitMs: waitTimes(meter),
    dirtyKept: dirtyKeptOf(value, meter, dirty),
  });
  try {
    const outcome = await move(shard, split.value, { meter, dirty, beat });
    const stored = await beat.end();
    const ended = { ...stored, value: { ...stored.value, ...figures() } };
    if (outcome.kind === "stopped" && outcome.isStuck && isOutOfTime(shard, beat, claimedAt))
      return await giveUp(shard, ended, tooLong(value));
    return await conclude(shard, ended, { outcome, beat });
  } catch (error) {
    const stored = await beat.end();
    if (beat.lost.aborted) return "next";
    // What was found behind the last commit was not written either: it is found again, or does not count.
    meter.live = meter.reached.counters;
    await dirty.startFrom(meter.reached).catch(() => undefined);
    const hasMoved = meter.durable.counters.read > value.progress.counters.read;
    const failures = hasMoved ? 0 : stored.value.failures;
    return await recover(shard, { ...stored, value: { ...stored.value, ...figures(), failures } }, error);
  }
}

/** True when the shard's time is up although it had nearly all of it for this split: a successor would get no further. */
function isOutOfTime({ startedAt, deadline }: Shard, beat: Heartbeat, claimedAt: number): boolean {
  return beat.reason() === "deadline" && !beat.lost.aborted && claimedAt - startedAt < (deadline - startedAt) / 10;
}

function tooLong({ number }: SplitRow): SluiceError {
  return new UserError(
    "SPLIT_FAILED",
    `split ${number} takes longer than a function may run, and its source cannot be resumed in the middle: give the table a key, name a splitPk, or cut the query into several`,
  );
}

/** Frees a split that was claimed and not begun. */
async function giveBack({ services }: Shard, split: Stored<SplitRow>): Promise<Next> {
  const { value } = split;
  await services.splits.replace({
    ...split,
    value: { ...value, state: "pending", leaseUntil: 0, attempt: value.attempt - 1 },
  });
  return "leave";
}

function refusalOf(split: SplitRow, { repeatable = true }: { readonly repeatable?: boolean }): SluiceError | undefined {
  if (split.uncertain && !repeatable)
    return new UserError(
      "NOT_REPEATABLE",
      `split ${split.number} broke off and may have written records that cannot be told apart from new ones`,
    );
  if (split.failures >= MAX_FAILURES)
    return new InternalError(
      "SPLIT_FAILED",
      `split ${split.number} ended ${counted(split.failures, "time")} without progress; last error: ${split.error?.message ?? "the function instance was lost"}`,
    );
  return undefined;
}

/** What goes along while a split is moved. */
interface Moving {
  readonly meter: SplitMeter;
  readonly dirty: ReturnType<typeof createDirtyCollector>;
  readonly beat: Heartbeat;
}

function move(shard: Shard, row: SplitRow, { meter, dirty, beat }: Moving): Promise<SplitOutcome> {
  const { open, record, throttle } = shard;
  const { reader } = open.reader.connector;
  const { writer } = open.writer.connector;
  if (!reader || !writer) throw new InternalError("INTERNAL", "the plan names a connector without the side it needs");
  const readerSide = open.reader.side(beat.stop);
  const writerSide = open.writer.side(beat.lost);
  const limit = dirtyLimitOf(record);
  const named = namer(record, { reader: parameterKeys(reader.params), writer: parameterKeys(writer.params) });
  return runSplit({
    read: (from) => {
      const batches = reader.read(readerSide, row.spec, from);
      const { clock } = open.run;
      return placedBatches(
        writer.takesClocks || clock === undefined ? batches : onClockOf(batches, clock),
        named("reader"),
      );
    },
    open: (ref) => openPlaced(() => writer.open(writerSide, ref), named("writer")),
    split: {
      ...open.run,
      split: row.number,
      splits: record.splits.total,
      attempt: row.attempt,
      progress: row.progress,
      agree: (name, make) => shard.services.agreements.agree(splitSetOf(record), name, make),
    },
    dirty,
    throttle: throttle.throttle,
    stop: beat.stop,
    lost: beat.lost,
    overLimit: (count) => limit !== null && count > limit,
    roomInRun: roomLeftBy(shard.services, record, { number: row.number, beat }),
    meter,
  });
}

/** Writes the final word on a split that ended in an orderly way. */
async function conclude(
  shard: Shard,
  split: Stored<SplitRow>,
  { outcome, beat }: { readonly outcome: SplitOutcome; readonly beat: Heartbeat },
): Promise<Next> {
  const { services } = shard;
  if (beat.reason() === "lost") return "next";
  const ended = { owner: split.value.owner, leaseUntil: 0, uncertain: false, failures: 0, endedAt: isoNow(services) };
  if (outcome.kind === "done") {
    await storeHeld(services, split, { ...split.value, ...ended, state: "done", token: outcome.token, error: null });
    return "next";
  }
  await storeHeld(services, split, { ...split.value, ...ended, state: "pending", endedAt: null });
  if (outcome.kind === "overLimit") {
    const error = await overLimitError(services, shard.record, split.value);
    await failRun(services, shard.order.run, toErrorReport(error));
    return "leave";
  }
  return beat.reason() === "deadline" ? "handOver" : "leave";
}

/** Passing trouble puts the split back for later; anything else fails the run. */
async function recover(shard: Shard, split: Stored<SplitRow>, error: unknown): Promise<Next> {
  const { services } = shard;
  const { value } = split;
  const report = toErrorReport(error);
  services.log.warn("split broke off", {
    run: value.run,
    split: value.number,
    attempt: value.attempt,
    error: report.message,
  });
  if (!(error instanceof TransientError)) return giveUp(shard, split, error);
  const failures = value.failures + 1;
  const backOffMs = Math.min(30_000, 250 * 2 ** failures);
  const pending: SplitRow = {
    ...value,
    state: "pending",
    failures,
    uncertain: true,
    leaseUntil: services.now() + backOffMs,
    error: report,
  };
  await storeHeld(services, split, pending);
  return "next";
}

async function giveUp(shard: Shard, split: Stored<SplitRow>, error: unknown): Promise<Next> {
  const { services, order, open } = shard;
  const report = toErrorReport(error);
  const { live, uncertain } = split.value;
  const value: SplitRow = {
    ...split.value,
    state: "failed",
    leaseUntil: 0,
    // What a shard that died had read and not written is in no one's hands.
    live: { ...live, read: live.written + live.dirty },
    // What cannot be repeated could not be undone either: part of a batch may be there.
    uncertain: uncertain || open.run.prepared.repeatable === false,
    endedAt: isoNow(services),
    error: report,
  };
  await storeHeld(services, split, value);
  await failRun(services, order.run, report);
  return "leave";
}
