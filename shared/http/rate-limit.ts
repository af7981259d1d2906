import { TransientError } from "../model/errors.js";

/** Too many requests; the answer carries `Retry-After`. */
export class RateLimited extends TransientError {
  constructor(readonly retryAfterSeconds: number) {
    super("RATE_LIMITED", `too many requests: the next one is taken in ${retryAfterSeconds} s`);
  }
}

/** Buckets that are looked after at most; beyond that the full ones, which know nothing, are thrown away. */
const MAX_BUCKETS = 10_000;

/**
 * Token buckets by caller, in the memory of this instance: each fills with `perSecond` and holds twice that.
 *
 * @param now  epoch ms
 */
export function createRateLimit(now: () => number) {
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    /** @throws RateLimited when the caller's bucket is empty */
    take(caller: string, perSecond: number): void {
      const at = now();
      const size = 2 * perSecond;
      const refilled = ({ left, at: since }: { left: number; at: number }) =>
        Math.min(size, left + (Math.max(0, at - since) / 1000) * perSecond);
      if (buckets.size >= MAX_BUCKETS)
        for (const [name, bucket] of buckets) if (refilled(bucket) >= size) buckets.delete(name);
      const found = buckets.get(caller);
      const left = found ? refilled(found) : size;
      buckets.set(caller, { left: Math.max(0, left < 1 ? left : left - 1), at });
      if (left < 1) throw new RateLimited(Math.ceil((1 - left) / perSecond));
    },
  };
}
