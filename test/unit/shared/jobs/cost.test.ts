import { describe, expect, it } from "vitest";
import { costOf, estimateCost } from "../../../../shared/jobs/cost.js";

const none = { bytesPerSecond: null, recordsPerSecond: null };

describe("the cost of a run", () => {
  it("is that of the price list's own example", () => {
    const shard = { function: "sluice-prod-shard", ms: 300_000, vcpu: 1, memoryMb: 2048 };
    expect(
      costOf(
        Array.from({ length: 8 }, () => shard),
        2,
      ),
    ).toEqual({
      vcpuSeconds: 2400,
      gbSeconds: 4800,
      requests: 10,
      usd: 0.0624015,
      pricesAsOf: "2024-08-27",
    });
  });

  it("is nothing when nothing was done", () => {
    expect(costOf([], 0)).toMatchObject({ vcpuSeconds: 0, gbSeconds: 0, requests: 0, usd: 0 });
  });
});

describe("an estimate", () => {
  it("needs rows or bytes", () => {
    expect(estimateCost({ rows: null, bytes: null, concurrent: 4, throttle: none })).toBeNull();
  });

  it("counts the slower of records and bytes, a second per shard, and planning and publishing", () => {
    const estimate = estimateCost({ rows: 1_000_000, bytes: 400_000_000, concurrent: 4, throttle: none });
    expect(estimate).toMatchObject({ vcpuSeconds: 40 + 4 + 1, gbSeconds: 40 + 4 + 2, requests: 7 });
    expect(estimate?.assumption).toContain("10 MB a second");
  });

  it("lets all shards wait for a throttle", () => {
    const throttle = { bytesPerSecond: null, recordsPerSecond: 1000 };
    const estimate = estimateCost({ rows: 100_000, bytes: null, concurrent: 4, throttle });
    expect(estimate?.vcpuSeconds).toBe(100 * 4 + 4 + 1);
  });
});
