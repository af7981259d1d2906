import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

let sluice: TestSluice;
beforeAll(async () => {
  sluice = await startSluice({ environment: { SLUICE_RESOURCE_GROUPS: "default=64,vpc=2" } });
  await makeTable("orders");
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  const properties = { endpoint: sluice.cloud.endpoints.tablestore, instanceName: "shop", accessId, accessKey };
  const { status } = await sluice.call("POST", "/v1/data-sources", {
    name: "shop",
    type: "ots",
    properties,
    resourceGroup: "vpc",
  });
  expect(status).toBe(201);
});
afterAll(() => sluice.close());

async function makeTable(tableName: string): Promise<void> {
  await sluice.tables().createTable({
    tableMeta: { tableName, primaryKey: [{ name: "id", type: "INTEGER" }] },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1 },
    // The declarations want enum members where the SDK takes their names.
  } as never);
}

const rows = [
  "stream",
  {
    sliceRecordCount: 50,
    column: [
      { type: "long", random: "1,1000000000" },
      { type: "string", value: "x" },
    ],
  },
] as [string, object];
const intoShop = [
  "ots",
  {
    datasource: "shop",
    table: "orders",
    writeMode: "PutRow",
    primaryKey: [{ name: "id", type: "INT" }],
    column: [{ name: "name", type: "STRING" }],
  },
] as [string, object];

/** Functions that were invoked on behalf of a run. */
function invoked(): string[] {
  return sluice.cloud
    .calls()
    .filter(({ service, caller }) => service === "fc" && caller !== null)
    .map(({ resource }) => resource);
}

describe("a job whose data source names a resource group", () => {
  it("is planned, worked on and published by the group's own function, within its cap", async () => {
    const script = job(rows, intoShop, { speed: { concurrent: 8 } });
    const { run } = await sluice.run(script);
    expect(run).toMatchObject({ state: "succeeded", concurrent: 2, error: null });
    expect(new Set(invoked())).toEqual(new Set(["sluice-dev-planner", "sluice-dev-shard-vpc", "sluice-dev-reducer"]));
    const ownCalls = sluice.cloud.calls().filter(({ caller }) => caller === "sluice-dev-shard-vpc");
    expect(ownCalls.length).toBeGreaterThan(0);
  });

  it("is freed at once when the group's function dies", async () => {
    // Slow enough for the kill to meet it reading.
    const slow = job(
      ["stream", { sliceRecordCount: 6_000_000, column: [{ type: "long", value: "1" }] }],
      ["stream", { print: false }],
      { speed: { concurrent: 1, throttle: true, mbps: "1" } },
    );
    const id = await sluice.start({ script: { ...slow, extend: { resourceGroup: "vpc" } } });
    await expect
      .poll(async () => (await sluice.call("GET", `/v1/runs/${id}`)).body.run.counters.read)
      .toBeGreaterThan(0);
    sluice.cloud.killInstances("sluice-dev-shard-vpc");
    expect((await sluice.ended(id)).run).toMatchObject({ state: "succeeded", counters: { read: 6_000_000 } });
  });
});

describe("a resource group nobody declared", () => {
  it("is refused, and the known ones are listed", async () => {
    const script = { ...job(rows, ["stream", { print: false }]), extend: { resourceGroup: "mill" } };
    const { run } = await sluice.run(script);
    expect(run).toMatchObject({ state: "failed", error: { code: "CONFIG_INVALID", path: "extend.resourceGroup" } });
    expect(run.error?.message).toContain("known are default, vpc");
    const source = { name: "other", type: "ots", properties: {}, resourceGroup: "mill" };
    const refused = await sluice.call("POST", "/v1/data-sources", source);
    expect(refused).toMatchObject({ status: 400, body: { code: expect.stringContaining("INVALID") } });
  });
});

describe("a data source", () => {
  it("shows its group", async () => {
    const { body } = await sluice.call("GET", "/v1/data-sources/shop");
    expect(body).toMatchObject({ name: "shop", resourceGroup: "vpc" });
  });
});
