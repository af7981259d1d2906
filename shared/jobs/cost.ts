import type { PlanCost, RunCost } from "../model/cost.js";
import type { Throttle } from "../model/job.js";
import type { Usage } from "../store/usage-store.js";

/**
 * List prices of Function Compute, which bills "CU".
 *
 * Source: Alibaba Cloud, "Function Compute: billing overview", in force since the date below; the first tier, without
 * discounts, resource plans or free quotas. Disk of 512 MB is free; idle instances, outbound traffic, Tablestore and
 * OSS come on top.
 */
const prices = {
  asOf: "2024-08-27",
  usdPerCu: 0.00002,
  cuPerVcpuSecond: 1,
  cuPerGbSecond: 0.15,
  cuPerRequest: 75 / 10_000,
} as const;

/**
 * What invocations cost at list price.
 *
 * @param others  invocations whose time is not known: only the requests count
 */
export function costOf(usages: readonly Usage[], others: number): RunCost {
  const vcpuSeconds = usages.reduce((sum, { ms, vcpu }) => sum + (ms / 1000) * vcpu, 0);
  const gbSeconds = usages.reduce((sum, { ms, memoryMb }) => sum + (ms / 1000) * (memoryMb / 1024), 0);
  const requests = usages.length + others;
  const cu = vcpuSeconds * prices.cuPerVcpuSecond + gbSeconds * prices.cuPerGbSecond + requests * prices.cuPerRequest;
  return {
    vcpuSeconds: rounded(vcpuSeconds, 3),
    gbSeconds: rounded(gbSeconds, 3),
    requests,
    usd: rounded(cu * prices.usdPerCu, 8),
    pricesAsOf: prices.asOf,
  };
}

/** What an estimate takes a shard to be and to move; a plan says so. */
const assumed = { vcpu: 1, memoryMb: 1024, recordsPerSecond: 50_000, bytesPerSecond: 10_000_000 } as const;

const ASSUMPTION =
  "each shard, of 1 vCPU and 1 GB, moves 50,000 records or 10 MB a second, whichever takes longer; 1 s more for its start, and 2 s for planning and publishing";

/** What is known of a job before it runs. */
export interface Amount {
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly concurrent: number;
  readonly throttle: Throttle;
}

/** Estimates a run's cost; null when neither rows nor bytes are known. */
export function estimateCost({ rows, bytes, concurrent, throttle }: Amount): PlanCost | null {
  if (rows === null && bytes === null) return null;
  const { recordsPerSecond, bytesPerSecond, vcpu, memoryMb } = assumed;
  const work = Math.max((rows ?? 0) / recordsPerSecond, (bytes ?? 0) / bytesPerSecond);
  // A throttle is one for all shards, and they wait for it together.
  const waiting = Math.max(over(rows, throttle.recordsPerSecond), over(bytes, throttle.bytesPerSecond)) * concurrent;
  const shardMs = (Math.max(work, waiting) / concurrent + 1) * 1000;
  const shard: Usage = { function: "shard", ms: shardMs, vcpu, memoryMb };
  const small: Usage = { function: "dispatcher", ms: 1000, vcpu: 0.5, memoryMb: 1024 };
  const usages = [...Array.from({ length: concurrent }, () => shard), small, { ...small, function: "reducer" }];
  return { ...costOf(usages, 1), assumption: ASSUMPTION };
}

function over(amount: number | null, perSecond: number | null): number {
  return amount === null || perSecond === null ? 0 : amount / perSecond;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
