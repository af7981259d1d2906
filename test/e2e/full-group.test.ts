import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

let sluice: TestSluice;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sluice-full-group-"));
  const manifest = await readFile(path.resolve(import.meta.dirname, "../../s.yaml"), "utf8");
  const manifestFile = path.join(folder, "s.yaml");
  const narrow = manifest.replace(/(?<before>-shard-vpc\n[\s\S]*?reservedConcurrency: )\d+/, "$<before>1");
  expect(narrow).not.toBe(manifest);
  await writeFile(manifestFile, narrow);
  sluice = await startSluice({ manifestFile, environment: { SLUICE_RESOURCE_GROUPS: "default=4,vpc=1" } });
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  const properties = { endpoint: sluice.cloud.endpoints.tablestore, instanceName: "shop", accessId, accessKey };
  await sluice.call("POST", "/v1/data-sources", { name: "far", type: "ots", properties, resourceGroup: "vpc" });
  await sluice.call("POST", "/v1/data-sources", { name: "near", type: "ots", properties });
});
afterAll(async () => {
  await sluice.close();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a run that takes up the group's only function for as long as it lasts; 1 MB/s, each record 8 bytes. */
async function occupy(records: number): Promise<string> {
  const slow = job(
    ["stream", { sliceRecordCount: records, column: [{ type: "long", value: "1" }] }],
    ["stream", { print: false }],
    { speed: { concurrent: 1, throttle: true, mbps: "1" } },
  );
  const id = await sluice.start({ script: { ...slow, extend: { resourceGroup: "vpc" } } });
  const read = async () => (await sluice.call("GET", `/v1/runs/${id}`)).body.run.counters.read;
  await expect.poll(read).toBeGreaterThan(0);
  return id;
}

/** How often the api function has asked the group's function so far. */
const tries = () =>
  sluice.cloud
    .calls()
    .filter(({ caller, resource }) => caller === "sluice-dev-api" && resource === "sluice-dev-shard-vpc")
    .reduce((sum, { count }) => sum + count, 0);

/** Tests the connectivity of what is behind the group, again where it was told to: a turn lasts ten seconds, and a busy machine may take longer to cancel a run. */
async function askUntilFree(): ReturnType<TestSluice["call"]> {
  for (;;) {
    const answer = await sluice.call("POST", "/v1/data-sources/far/test", {});
    if (answer.body.code !== "SOURCE_BUSY") return answer;
    expect(answer).toMatchObject({ status: 503, body: { recovery: "retry" } });
  }
}

describe("a connectivity test while runs take up the resource group", () => {
  it("waits for its turn", async () => {
    const id = await occupy(60_000_000);
    const before = tries();
    const asked = askUntilFree();
    // Refused, and asked again.
    await expect.poll(tries).toBeGreaterThan(before + 1);
    await sluice.call("POST", `/v1/runs/${id}/cancel`);
    sluice.cloud.killInstances("sluice-dev-shard-vpc");
    const { status, body } = await asked;
    expect({ status, ok: body.ok }, JSON.stringify(body)).toEqual({ status: 200, ok: true });
    expect((await sluice.ended(id)).run.state).toBe("cancelled");
  });

  it("says that the group is full when its turn does not come in time, and others go on", async () => {
    const id = await occupy(60_000_000);
    const [full, batch, near] = await Promise.all([
      sluice.call("POST", "/v1/data-sources/far/test", {}),
      sluice.call("POST", "/v1/data-source-batches/test", { names: ["far", "near"] }),
      sluice.call("POST", "/v1/data-sources/near/test", {}),
    ]);
    expect(full).toMatchObject({
      ...{ status: 503, body: { code: "SOURCE_BUSY", recovery: "retry", hint: expect.stringContaining("again") } },
    });
    expect(full.body.detail).toMatch(/resource group "vpc" is full/);
    expect(batch.body.items).toMatchObject([
      { name: "far", ok: false, error: { code: "SOURCE_BUSY" } },
      { name: "near", ok: true },
    ]);
    expect(near.body.ok).toBe(true);
    await sluice.call("POST", `/v1/runs/${id}/cancel`);
    expect((await sluice.ended(id)).run.state).toBe("cancelled");
  });
});
