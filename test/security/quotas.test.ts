import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callerIn } from "../e2e/source-workspaces.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

let sluice: TestSluice;
beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice.close());

const script = job(["stream", { column: [{ type: "string", value: "x" }], sliceRecordCount: 1 }], ["stream", {}]);

/** A workspace with these quotas, and the calls of its admin. */
async function bounded(name: string, quotas: object) {
  expect((await sluice.call("POST", "/v1/workspaces", { name })).status).toBe(201);
  const set = await sluice.call("PUT", `/v1/workspaces/${name}/quotas`, quotas);
  expect(set.status, set.text).toBe(200);
  return callerIn(sluice, name);
}

const refusal = { status: 429, body: { code: "QUOTA_EXCEEDED" } };

describe("a workspace", () => {
  it("stores as many jobs as its quota says, and changes them for ever", async () => {
    const call = await bounded("jobs", { jobs: 2, scriptBytes: 2000 });
    for (const name of ["a", "b", "a"])
      expect((await call("PUT", `/v1/jobs/${name}`, { script })).status).toBeLessThan(300);
    expect(await call("PUT", "/v1/jobs/c", { script })).toMatchObject(refusal);
    const long = `${JSON.stringify(script)}${" ".repeat(2000)}`;
    expect(await call("PUT", "/v1/jobs/a", { script: long })).toMatchObject({
      ...refusal,
      body: { code: "QUOTA_EXCEEDED", path: "script" },
    });
    expect(await call("POST", "/v1/runs", { script: long })).toMatchObject(refusal);
    const { body } = await call("GET", "/v1/workspaces/jobs/quotas");
    expect(body).toMatchObject({ jobs: { limit: 2, used: 2 }, scriptBytes: { limit: 2000, used: null } });
  });

  it("has as many data sources and tokens as its quota says", async () => {
    const call = await bounded("things", { dataSources: 1, tokens: 1 });
    const source = (name: string) => ({ name, type: "stream", properties: {} });
    expect((await call("POST", "/v1/data-sources", source("one"))).status).toBe(201);
    expect(await call("POST", "/v1/data-sources", source("two"))).toMatchObject(refusal);
    expect((await call("POST", "/v1/tokens", { name: "one", role: "viewer" })).status).toBe(201);
    expect(await call("POST", "/v1/tokens", { name: "two", role: "viewer" })).toMatchObject(refusal);
  });

  it("has as many runs under way as its quota says, and the same request again finds its run", async () => {
    const call = await bounded("runs", { queuedRuns: 1 });
    const slow = job(
      ["stream", { column: [{ type: "string", value: "x" }], sliceRecordCount: 100_000_000 }],
      ["stream", {}],
    );
    const first = await call("POST", "/v1/runs", { script: slow, idempotencyKey: "one" });
    expect(first.status, first.text).toBe(202);
    expect(await call("POST", "/v1/runs", { script: slow, idempotencyKey: "one" })).toMatchObject({ status: 202 });
    expect(await call("POST", "/v1/runs", { script })).toMatchObject({ status: 429, body: { recovery: "retry" } });
    expect((await sluice.call("POST", "/v1/runs", { script })).status).toBe(202);
    await call("POST", `/v1/runs/${first.body.id}/cancel`);
    await expect.poll(async () => (await call("POST", "/v1/runs", { script })).status, { timeout: 60_000 }).toBe(202);
  });

  it("is told its quotas, and sets none itself", async () => {
    const call = await bounded("own", {});
    expect((await call("GET", "/v1/workspaces/own/quotas")).status).toBe(200);
    expect((await call("PUT", "/v1/workspaces/own/quotas", { jobs: 9 })).status).toBe(403);
    expect((await call("GET", "/v1/workspaces/runs/quotas")).status).toBe(403);
    expect(await sluice.call("PUT", "/v1/workspaces/own/quotas", { jobs: -1 })).toMatchObject({ status: 400 });
    expect(await sluice.call("PUT", "/v1/workspaces/own/quotas", { job: 1 })).toMatchObject({ status: 400 });
    expect((await sluice.call("GET", "/v1/workspaces/nowhere/quotas")).status).toBe(404);
  });
});
