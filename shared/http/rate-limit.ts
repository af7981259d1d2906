import { TransientError } from "../model/errors.js";

/** Too many requests; the answer carries `Retry-After`. */
export class RateLimited extends TransientError {
  constructor(readonly retryAfterSeconds: number) {
    super("RATE_LIMITED", `too many requests: the next one is taken in ${retryAfterSeconds} s`);
  }
}

/** Buckets that are looked after at most; beyond that the full ones, which know nothing, are thrown away. */
const MAX_BUCKETS = 10_000;

/** Token buckets by name, in the memory of this instance: each fills with `perSecond` and holds twice that. */
export interface RateLimit {
  /** @throws RateLimited when the bucket is empty */
  take(name: string, perSecond: number): void;
  /**
   * Takes nothing, and refuses who has taken too much.
   *
   * @throws RateLimited when the bucket is empty
   */
  check(name: string, perSecond: number): void;
}

/**
 * Makes buckets, all of them full.
 *
 * @param now  epoch ms
 */
export function createRateLimit(now: () => number): RateLimit {
  const buckets = new Map<string, { left: number; at: number }>();
  const leftIn = (name: string, perSecond: number) => {
    const { left, at } = buckets.get(name) ?? { left: 2 * perSecond, at: now() };
    return Math.min(2 * perSecond, left + (Math.max(0, now() - at) / 1000) * perSecond);
  };
  const refuseEmpty = (left: number, perSecond: number) => {
    if (left < 1) throw new RateLimited(Math.ceil((1 - left) / perSecond));
  };
  return {
    take(name, perSecond) {
      if (buckets.size >= MAX_BUCKETS)
        for (const one of [...buckets.keys()]) if (leftIn(one, perSecond) >= 2 * perSecond) buckets.delete(one);
      const left = leftIn(name, perSecond);
      buckets.set(name, { left: left < 1 ? left : left - 1, at: now() });
      refuseEmpty(left, perSecond);
    },
    check(name, perSecond) {
      refuseEmpty(leftIn(name, perSecond), perSecond);
    },
  };
}
