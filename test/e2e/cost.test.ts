import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

let sluice: TestSluice;
beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice.close());

const script = (concurrent: number) =>
  job(
    ["stream", { sliceRecordCount: 20_000, column: [{ type: "string", random: "100,200" }] }],
    ["stream", { print: false }],
    { speed: { concurrent } },
  );

describe("the cost of a run", () => {
  it("counts what its functions used, and never shrinks", async () => {
    const { run } = await sluice.run(script(2));
    expect(run.cost).toMatchObject({ pricesAsOf: "2024-08-27" });
    const cost = async () => (await sluice.call("GET", `/v1/runs/${run.id}`)).body.run.cost;
    // The request itself, the planner, two shards, a reducer or more.
    await expect.poll(async () => (await cost()).requests).toBeGreaterThanOrEqual(5);
    const { vcpuSeconds, gbSeconds, usd } = await cost();
    expect(vcpuSeconds).toBeGreaterThan(0.01);
    expect(gbSeconds).toBeGreaterThan(vcpuSeconds * 0.99);
    expect(usd).toBeGreaterThan(0);
    expect(vcpuSeconds).toBeGreaterThanOrEqual(run.cost?.vcpuSeconds ?? 0);
  });

  it("is estimated beforehand", async () => {
    const { body } = await sluice.call("POST", "/v1/plan", { script: script(2) });
    expect(body.estimatedRows).toBe(40_000);
    expect(body.cost).toMatchObject({ requests: 5, assumption: expect.stringContaining("50,000 records") });
  });

  it("is left out of lists", async () => {
    const { body } = await sluice.call("GET", "/v1/runs");
    expect(body.items[0]).toMatchObject({ cost: null });
  });
});
