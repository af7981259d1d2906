import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";
import { callerIn, newWorkspace } from "./source-workspaces.js";

let sluice: TestSluice;
let properties: Record<string, string>;
const secret = `k${randomBytes(12).toString("hex")}`;

beforeAll(async () => {
  sluice = await startSluice({ environment: { SLUICE_RESOURCE_GROUPS: "default=4,vpc=2" } });
  await sluice.tables().createTable({
    tableMeta: { tableName: "events", primaryKey: [{ name: "id", type: "INTEGER" }] },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1 },
    // The declarations want enum members where the SDK takes their names.
  } as never);
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  properties = { endpoint: sluice.cloud.endpoints.tablestore, instanceName: "shop", accessId, accessKey };
  for (const [name, resourceGroup] of [
    ["near", null],
    ["far", "vpc"],
  ]) {
    const { status, text } = await sluice.call("POST", "/v1/data-sources", {
      ...{ name, type: "ots", properties, resourceGroup },
    });
    expect(status, text).toBe(201);
  }
  await sluice.register("rows", "stream", {});
});
afterEach(() => sluice.cloud.faults.clear());
afterAll(() => sluice.close());

/** How often the api function has called each function so far. */
function callsOfApi(): Record<string, number> {
  const own = sluice.cloud.calls().filter(({ service, caller }) => service === "fc" && caller === "sluice-dev-api");
  return Object.fromEntries(own.map(({ resource, count }) => [resource, count]));
}

/** Which functions the api function called while something was done, and how often. */
async function calledBy(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = callsOfApi();
  await work();
  const more = Object.entries(callsOfApi()).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(more.filter(([, count]) => count > 0));
}

/** True when the function itself read the data source's row. */
function hasRead(functionName: string): boolean {
  return sluice.cloud
    .calls()
    .some(
      ({ caller, operation, resource }) =>
        caller === functionName && operation === "GetRow" && resource.endsWith("/sluice_sources"),
    );
}

const groups = [
  { name: "near", functionName: "sluice-dev-shard" },
  { name: "far", functionName: "sluice-dev-shard-vpc" },
] as const;

describe.each(groups)("data source $name", ({ name, functionName }) => {
  it("is tested by its group's own function, which opens its secrets", async () => {
    const called = await calledBy(async () => {
      const { status, body } = await sluice.call("POST", `/v1/data-sources/${name}/test`, {});
      expect({ status, ok: body.ok }, JSON.stringify(body)).toEqual({ status: 200, ok: true });
    });
    expect(called).toEqual({ [functionName]: 1 });
    expect(hasRead(functionName)).toBe(true);
    const { body } = await sluice.call("GET", `/v1/data-sources/${name}`);
    expect(body.connectivity).toMatchObject({ ok: true });
  });

  it("is looked into by its group's own function", async () => {
    const called = await calledBy(async () => {
      const tables = await sluice.call("GET", `/v1/data-sources/${name}/tables`);
      expect(tables.body.items).toMatchObject([{ name: "events" }]);
      const columns = await sluice.call("GET", `/v1/data-sources/${name}/tables/events`);
      expect(columns.body.columns).toMatchObject([{ name: "id", key: 1 }]);
      const query = `readerSource=${name}&readerTable=events`;
      expect((await sluice.call("GET", `/v1/templates/ots/stream?${query}`)).text).toContain("id");
    });
    expect(called).toEqual({ [functionName]: 3 });
  });

  it("is planned with by its group's own function", async () => {
    const step = { datasource: name, table: "events", column: [{ name: "id" }] };
    const script = job(["ots", step], ["stream", { print: false }]);
    const called = await calledBy(async () => {
      const { status, body } = await sluice.call("POST", "/v1/plan", { script });
      expect({ status, reader: body.reader }, JSON.stringify(body)).toEqual({
        ...{ status: 200, reader: expect.objectContaining({ type: "ots", dataSources: [name] }) },
      });
      expect(body.mapping).toMatchObject([{ from: "id" }]);
    });
    expect(called).toEqual({ [functionName]: 1 });
  });

  it("is tested there before it is saved, its secret sealed on the way", async () => {
    const resourceGroup = name === "far" ? "vpc" : null;
    const wrong = { ...properties, accessKey: secret };
    const called = await calledBy(async () => {
      const { body } = await sluice.call("POST", "/v1/data-source-tests", {
        ...{ type: "ots", properties: wrong, resourceGroup },
      });
      expect(body.ok, JSON.stringify(body)).toBe(false);
      expect(JSON.stringify(body)).not.toContain(secret);
    });
    expect(called).toEqual({ [functionName]: 1 });
    expect(sluice.logs.join("\n")).not.toContain(secret);
  });
});

describe("a batch of tests", () => {
  it("costs one call for each resource group, and errors stay with their item", async () => {
    const names = ["near", "far", "rows", "nobody", "near"];
    const called = await calledBy(async () => {
      const { status, body } = await sluice.call("POST", "/v1/data-source-batches/test", { names });
      expect(status).toBe(200);
      expect(body.items).toMatchObject([
        { name: "near", ok: true },
        { name: "far", ok: true },
        { name: "rows", ok: false, error: { code: "UNSUPPORTED" } },
        { name: "nobody", ok: false, error: { code: "NOT_FOUND" } },
      ]);
    });
    expect(called).toEqual({ "sluice-dev-shard": 1, "sluice-dev-shard-vpc": 1 });
  });
});

describe("a system that accepts connections and never speaks", () => {
  it("costs a test's own time and not that of the request, which would be ended by the platform", async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => void sockets.add(socket.on("error", () => {})));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const account = { host: "127.0.0.1", port, database: "d", username: "u", password: secret };
    const { status, body } = await sluice.call("POST", "/v1/data-source-tests", {
      ...{ type: "mysql", properties: account },
    });
    expect({ status, ok: body.ok }).toEqual({ status: 200, ok: false });
    expect(body.steps.at(-1).hint).not.toBe("");
    for (const socket of sockets) socket.destroy();
    server.close();
  });
});

describe("errors on the way", () => {
  it("of planning keep code, message and path, those of a script their places", async () => {
    const plan = (parameter: object) =>
      sluice.call("POST", "/v1/plan", { script: job(["ots", parameter], ["stream", { print: false }]) });
    const gone = { datasource: "far", table: "nothing", column: [{ name: "id" }] };
    expect(await plan(gone)).toMatchObject({ status: 400, body: { code: "SOURCE_OBJECT_MISSING" } });
    const { status, body } = await plan({ datasource: "far" });
    expect({ status, code: body.code, issues: body.issues.length > 0 }).toEqual({
      ...{ status: 400, code: "SCRIPT_INVALID", issues: true },
    });
  });

  it("keep code, message and status", async () => {
    expect(await sluice.call("POST", "/v1/data-sources/rows/test", {})).toMatchObject({
      ...{ status: 400, body: { code: "UNSUPPORTED", recovery: "fix" } },
    });
    expect(await sluice.call("GET", "/v1/data-sources/far/tables/nothing")).toMatchObject({
      ...{ status: 400, body: { code: "SOURCE_OBJECT_MISSING" } },
    });
  });

  it("name the group that is gone", async () => {
    const body = { type: "ots", properties, resourceGroup: "mill" };
    expect(await sluice.call("POST", "/v1/data-source-tests", body)).toMatchObject({
      ...{ status: 400, body: { code: "CONFIG_INVALID", path: "resourceGroup" } },
    });
  });

  it("do not come from a platform that is busy for a moment", async () => {
    sluice.cloud.faults.add("fc", "InvokeFunction", { kind: "status", status: 429 });
    expect((await sluice.call("POST", "/v1/data-sources/near/test", {})).body).toMatchObject({ ok: true });
  });

  it("tell of a function that failed, without what it threw", async () => {
    sluice.cloud.killAt("sluice-dev-shard", { service: "tablestore", operation: "GetRow", when: "before" });
    const { status, body } = await sluice.call("POST", "/v1/data-sources/near/test", {});
    expect({ status, code: body.code }).toEqual({ status: 500, code: "INTERNAL" });
    expect((await sluice.call("POST", "/v1/data-sources/near/test", {})).body.ok).toBe(true);
  });
});

describe("a shared data source", () => {
  it("is tested for the workspace that it is shared with, while it is", async () => {
    const guest = await newWorkspace(sluice, "basic");
    const grants = `/v1/data-sources/far/grants/${guest.name}`;
    await sluice.call("PUT", grants, { environments: ["production"] });
    const test = () => callerIn(sluice, guest.name)("POST", "/v1/data-sources/default.far/test", {});
    expect((await test()).body).toMatchObject({ ok: true });
    await sluice.call("DELETE", grants);
    expect((await test()).status).toBe(404);
  });
});
