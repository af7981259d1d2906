import { createThrottle, type ThrottleGate } from "../../engine/throttle.js";
import type { RunPlan } from "../../model/plan.js";
import type { Services } from "../../services.js";
import type { ShardOrder } from "../wake.js";
import { SHARE_MS } from "./pulse.js";
import { isThrottled, type ShareTable, shareOf, shareOut } from "./throttle-shares.js";

/** One shard's part of the job-wide speed limits. */
export interface JobThrottle {
  readonly throttle: ThrottleGate;
  /** Gives the share back. */
  leave(): Promise<void>;
}

const nothing: ShareTable = { bytes: {}, records: {} };

/** A share that is not renewed for this long goes to the others. */
const HOLD_MS = 8 * SHARE_MS;

/**
 * Joins the holders of the job's limits with an even share, and asks anew twice a second by what the shard did since.
 * Without limits nothing is ever asked or slowed.
 */
export async function joinThrottle(services: Services, order: ShardOrder, plan: RunPlan): Promise<JobThrottle> {
  const { run, shard, of } = order;
  const limits = plan.throttle;
  const throttle = createThrottle(shareOf(limits, nothing, shard));
  if (!isThrottled(limits)) return { throttle, leave: async () => undefined };

  async function ask(wantedBytes: number, wantedRecords: number, holdMs: number): Promise<void> {
    const at = services.now();
    const table = await services.throttles.update<ShareTable>(run, (current = nothing) => ({
      bytes: shareOut(limits.bytesPerSecond ?? 0, current.bytes, { shard, wanted: wantedBytes, at, holdMs }),
      records: shareOut(limits.recordsPerSecond ?? 0, current.records, { shard, wanted: wantedRecords, at, holdMs }),
    }));
    throttle.setShare(shareOf(limits, table ?? nothing, shard));
  }

  await ask((limits.bytesPerSecond ?? 0) / of, (limits.recordsPerSecond ?? 0) / of, HOLD_MS);
  let heldUntil = services.now() + HOLD_MS;
  const renewal = repeat(async () => {
    const { bytes, records, waited } = throttle.demand();
    // Room to grow by half between two requests; who had to wait wants all there is.
    const wanted = (used: number) => (waited ? Number.MAX_SAFE_INTEGER : (used * 1.5 * 1000) / SHARE_MS);
    try {
      await ask(wanted(bytes), wanted(records), HOLD_MS);
      heldUntil = services.now() + HOLD_MS;
    } catch (error) {
      services.log.warn("share not renewed", { run, shard, error: String(error) });
      if (services.now() > heldUntil) throttle.setShare(shareOf(limits, nothing, shard));
    }
  });
  return {
    throttle,
    async leave() {
      await renewal.end();
      await ask(0, 0, 0);
    },
  };
}

/** Repeats something, one call after the other, until it is ended; `end` waits for a call under way. */
function repeat(action: () => Promise<void>): { end(): Promise<void> } {
  let isEnded = false;
  let timer: NodeJS.Timeout;
  let running: Promise<void> = Promise.resolve();
  const schedule = (): void => {
    timer = setTimeout(() => {
      running = action().then(() => {
        if (!isEnded) schedule();
      });
    }, SHARE_MS);
  };
  schedule();
  return {
    async end() {
      isEnded = true;
      clearTimeout(timer);
      await running;
    },
  };
}
