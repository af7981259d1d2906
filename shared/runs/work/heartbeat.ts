import type { DirtyCollector } from "../../engine/dirty-collector.js";
import { type SplitMeter, waitTimes } from "../../engine/run-split.js";
import type { SplitRow } from "../../model/split.js";
import type { Stored } from "../../platform/documents.js";
import type { Services } from "../../services.js";
import { wakeReducer } from "../wake.js";
import { LEASE_MS, storeHeld } from "./claim.js";
import { LOOK_MS } from "./pulse.js";

/** Why a shard stops before its split is done. */
export type StopReason = "runEnded" | "deadline" | "noSeat" | "lost";

/** What a heartbeat watches over. */
export interface WatchedSplit {
  readonly split: Stored<SplitRow>;
  readonly meter: SplitMeter;
  readonly dirty: DirtyCollector;
  /** Fires when the shard must leave its split because it has lost its seat. */
  readonly noSeat: AbortSignal;
  /** Epoch ms at which the shard must hand over. */
  readonly deadline: number;
}

/** The pulse of one split at work: keeps the claim, reports figures, brings news of the run. */
export interface Heartbeat {
  readonly stop: AbortSignal;
  readonly lost: AbortSignal;
  reason(): StopReason | undefined;
  /** Stores the figures now, out of turn. */
  report(): Promise<void>;
  /** Ends the pulse; the split as last stored, to be replaced by the final word. */
  end(): Promise<Stored<SplitRow>>;
}

/** Starts the pulse of a claimed split. */
export function startHeartbeat(services: Services, watched: WatchedSplit): Heartbeat {
  const stop = new AbortController();
  const lost = new AbortController();
  const ended = new AbortController();
  // Each replaces the split as the one before has stored it.
  const oneAtATime = inTurn();
  let { split } = watched;
  const tellDirty = dirtyNews(services, split.value);
  const halt = (reason: StopReason): void => {
    if (reason === "lost") lost.abort(reason);
    if (!stop.signal.aborted) stop.abort(reason);
  };

  async function checkRun(): Promise<void> {
    const found = await services.runs.find(split.value.run);
    if (found?.value.state !== "running") halt("runEnded");
    if (services.now() >= watched.deadline) halt("deadline");
  }

  async function report(): Promise<void> {
    await checkRun();
    const value = reported(split.value, watched, services.now());
    const stored = await storeHeld(services, split, value);
    if (stored) split = stored;
    else halt("lost");
    await tellDirty(value.live.dirty);
  }

  async function beat(): Promise<void> {
    for (let count = 1; !ended.signal.aborted; count++) {
      await pause(LOOK_MS, ended.signal);
      if (ended.signal.aborted) return;
      try {
        await oneAtATime.add(count % 2 === 1 ? report : checkRun);
      } catch (error) {
        noteFailure(services, split.value, error);
        if (services.now() > split.value.leaseUntil) halt("lost");
      }
    }
  }

  // Whatever the store answers or not.
  watched.noSeat.addEventListener("abort", () => halt("noSeat"), { signal: ended.signal });
  const beating = beat();
  return {
    stop: stop.signal,
    lost: lost.signal,
    reason: () => stop.signal.reason as StopReason | undefined,
    report: () => oneAtATime.add(report),
    async end() {
      ended.abort();
      await beating;
      await oneAtATime.add(async () => undefined);
      return split;
    },
  };
}

/** Has the run judged whenever a split has more dirty records than before. */
function dirtyNews(services: Services, { run, progress }: SplitRow): (dirty: number) => Promise<void> {
  let reported = progress.counters.dirty;
  return async (dirty) => {
    if (dirty <= reported) return;
    reported = dirty;
    await wakeReducer(services, run, `dirty-${Math.floor(services.now() / 1000)}`);
  };
}

function noteFailure({ log }: Services, { run, number: split }: SplitRow, error: unknown): void {
  log.warn("heartbeat failed", { run, split, error: String(error) });
}

/** Does one thing after the other; whoever adds one is told how it ended. */
function inTurn(): { add(work: () => Promise<void>): Promise<void> } {
  let last: Promise<void> = Promise.resolve();
  return {
    add(work) {
      const done = last.then(work);
      last = done.catch(() => undefined);
      return done;
    },
  };
}

/** The split with the meter's figures; progress since the last report clears the failures. */
function reported(row: SplitRow, { meter, dirty }: WatchedSplit, now: number): SplitRow {
  const isMoving = meter.durable.counters.read > row.progress.counters.read;
  return {
    ...row,
    progress: meter.durable,
    live: meter.live,
    waitMs: waitTimes(meter),
    dirtyKept: dirtyKeptOf(row, meter, dirty),
    failures: isMoving ? 0 : row.failures,
    leaseUntil: now + LEASE_MS,
  };
}

/** Dirty records kept for a split, those of earlier attempts included; never more than count. */
export function dirtyKeptOf(row: SplitRow, meter: SplitMeter, dirty: DirtyCollector): number {
  return Math.min(meter.live.dirty, Math.min(meter.dirtyBefore, row.dirtyKept) + dirty.kept);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done, { once: true });
  });
}
