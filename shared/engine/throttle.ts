/** What one shard may move: its share of the job's limits, per second; null = no limit. */
export interface Share {
  readonly bytesPerSecond: number | null;
  readonly recordsPerSecond: number | null;
}

/** Slows a pipe down to its share. */
export interface ThrottleGate {
  /** Waits until this much may pass; returns early when the signal fires. */
  take(bytes: number, records: number, signal: AbortSignal): Promise<void>;
  /** Takes effect at once, also for those who wait. A share of 0 stops. */
  setShare(share: Share): void;
  /** What was taken since the last call, and whether anybody had to wait: the demand that shares are handed out by. */
  demand(): { readonly bytes: number; readonly records: number; readonly waited: boolean };
}

/**
 * A debt grows by what wants to pass and shrinks with time; who owes waits. Idle time earns credit, so that pauses between
 * splits are made up for; since credit comes from time alone, no more than the limit ever passes.
 */
interface Debt {
  amount: number;
  rate: number | null;
}

const POLL_MS = 50;

/** Credit is kept for this long: the largest burst. */
const CREDIT_SECONDS = 1;

/**
 * Makes a throttle.
 *
 * @param share  initial share
 * @param now    milliseconds, monotonic
 */
export function createThrottle(share: Share, now: () => number = () => performance.now()): ThrottleGate {
  const bytes: Debt = { amount: 0, rate: share.bytesPerSecond };
  const records: Debt = { amount: 0, rate: share.recordsPerSecond };
  let settledAt = now();
  let seen = { bytes: 0, records: 0, waited: false };

  const settle = (): void => {
    const at = now();
    for (const debt of [bytes, records]) {
      const { amount, rate } = debt;
      debt.amount = rate === null ? 0 : Math.max(-rate * CREDIT_SECONDS, amount - (rate * (at - settledAt)) / 1000);
    }
    settledAt = at;
  };
  const waitMs = (): number =>
    Math.max(
      ...[bytes, records].map(({ amount, rate }) =>
        rate === null || amount <= 0 ? 0 : rate === 0 ? Number.POSITIVE_INFINITY : (amount / rate) * 1000,
      ),
    );

  return {
    async take(byteCount, recordCount, signal) {
      settle();
      bytes.amount += byteCount;
      records.amount += recordCount;
      seen.bytes += byteCount;
      seen.records += recordCount;
      for (settle(); waitMs() > 0 && !signal.aborted; settle()) {
        seen.waited = true;
        await new Promise((resolve) => setTimeout(resolve, Math.min(POLL_MS, waitMs())));
      }
    },
    setShare(next) {
      settle();
      bytes.rate = next.bytesPerSecond;
      records.rate = next.recordsPerSecond;
    },
    demand() {
      const taken = seen;
      seen = { bytes: 0, records: 0, waited: false };
      return taken;
    },
  };
}
