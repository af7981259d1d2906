import type { Share } from "../../engine/throttle.js";
import type { Throttle as Limits } from "../../model/job.js";

/** What one shard holds and wants, per second. */
export interface ShareHolder {
  readonly held: number;
  readonly wanted: number;
  /** Epoch ms; a holder that is not heard of after this has gone. */
  readonly until: number;
}

/** All holders of one limit, by shard. */
export type Holders = Readonly<Record<string, ShareHolder>>;

/** Who asks, for what, when. */
export interface ShareRequest {
  readonly shard: string;
  /** What the shard could use per second; Infinity when it had to wait. */
  readonly wanted: number;
  /** Epoch ms. */
  readonly at: number;
  /** How long the answer holds. */
  readonly holdMs: number;
}

/**
 * Hands out one limit by demand: who wants little gets that, the others share the rest evenly.
 * A shard that is to get more waits until others have let go, so that what is held never exceeds the limit.
 *
 * @returns the holders after the request; the asker's `held` is what it may use from now on
 */
export function shareOut(limit: number, holders: Holders, request: ShareRequest): Holders {
  const { shard, at, holdMs } = request;
  const alive = Object.entries(holders).filter(([name, holder]) => name !== shard && holder.until > at);
  const others = alive.reduce((sum, [, holder]) => sum + holder.held, 0);
  const fair = fairShare(limit, [...alive.map(([, holder]) => holder.wanted), request.wanted], request.wanted);
  const held = Math.max(0, Math.min(fair, limit - others));
  const wanted = Math.min(request.wanted, limit);
  return { ...Object.fromEntries(alive), [shard]: { held, wanted, until: at + holdMs } };
}

/** Water-filling: the level up to which everybody's want is met, applied to one of them. */
function fairShare(limit: number, wants: readonly number[], mine: number): number {
  let rest = limit;
  let left = wants.length;
  for (const want of [...wants].sort((a, b) => a - b)) {
    const level = rest / left;
    if (want >= level) return Math.min(mine, level);
    rest -= want;
    left -= 1;
  }
  // Everybody has enough: what is over is spread, so that a sudden need does not wait for the next heartbeat.
  return mine + rest / wants.length;
}

/** Shares of both limits of a job. */
export interface ShareTable {
  readonly bytes: Holders;
  readonly records: Holders;
}

/** True when the job has any limit at all. */
export function isThrottled(limits: Limits): boolean {
  return limits.bytesPerSecond !== null || limits.recordsPerSecond !== null;
}

/** The share that a shard holds according to the table; no limit where the job has none. */
export function shareOf(limits: Limits, table: ShareTable, shard: string): Share {
  return {
    bytesPerSecond: limits.bytesPerSecond === null ? null : (table.bytes[shard]?.held ?? 0),
    recordsPerSecond: limits.recordsPerSecond === null ? null : (table.records[shard]?.held ?? 0),
  };
}
