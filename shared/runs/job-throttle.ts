import { createThrottle, type Throttle } from "../engine/throttle.js";
import type { RunPlan } from "../model/run-record.js";
import { updateThrottle } from "../store/throttle-store.js";
import { LOOK_MS } from "./pulse.js";
import type { Services } from "./services.js";
import { isThrottled, type ShareTable, shareOf, shareOut } from "./throttle-shares.js";
import type { ShardOrder } from "./wake.js";

/** One shard's part of the job-wide speed limits. */
export interface JobThrottle {
  readonly throttle: Throttle;
  /** Asks for a share by what the shard did since it last asked. */
  renew(): Promise<void>;
  /** Gives the share back. */
  leave(): Promise<void>;
}

const nothing: ShareTable = { bytes: {}, records: {} };

/** Joins the holders of the job's limits with an even share; without limits nothing is ever asked or slowed. */
export async function joinThrottle(services: Services, order: ShardOrder, plan: RunPlan): Promise<JobThrottle> {
  const { run, shard, of } = order;
  const limits = plan.throttle;
  const throttle = createThrottle(shareOf(limits, nothing, shard));
  if (!isThrottled(limits)) return { throttle, renew: async () => undefined, leave: async () => undefined };

  async function ask(wantedBytes: number, wantedRecords: number, holdMs: number): Promise<void> {
    const at = services.now();
    const table = await updateThrottle(services.documents, run, nothing, (current) => ({
      bytes: shareOut(limits.bytesPerSecond ?? 0, current.bytes, { shard, wanted: wantedBytes, at, holdMs }),
      records: shareOut(limits.recordsPerSecond ?? 0, current.records, { shard, wanted: wantedRecords, at, holdMs }),
    }));
    throttle.setShare(shareOf(limits, table, shard));
  }

  const HOLD_MS = 5 * LOOK_MS;
  await ask((limits.bytesPerSecond ?? 0) / of, (limits.recordsPerSecond ?? 0) / of, HOLD_MS);
  return {
    throttle,
    async renew() {
      const { bytes, records, waited } = throttle.demand();
      // Room to grow by half between two requests; who had to wait wants all there is.
      const wanted = (used: number) => (waited ? Number.MAX_SAFE_INTEGER : (used * 1.5 * 1000) / LOOK_MS);
      await ask(wanted(bytes), wanted(records), HOLD_MS);
    },
    leave: () => ask(0, 0, 0),
  };
}
