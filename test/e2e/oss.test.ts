import type OSS from "ali-oss";
import TableStore from "tablestore";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";
import { fresh } from "./fresh.js";

let sluice: TestSluice;
let bucket: OSS;
let landing: OSS;

beforeAll(async () => {
  sluice = await startSluice();
  [bucket, landing] = await Promise.all([sluice.bucket("shop"), sluice.bucket("sluice-dev-landing")]);
  const { accessKeyId, accessKeySecret } = sluice.cloud.credentials;
  const keys = { accessId: accessKeyId, accessKey: accessKeySecret };
  await sluice.register("shop", "oss", { endpoint: sluice.cloud.endpoints.oss, bucket: "shop", ...keys });
  await sluice.register("landing", "oss", {
    endpoint: sluice.cloud.endpoints.oss,
    bucket: "sluice-dev-landing",
    ...keys,
  });
  await sluice.register("tables", "ots", {
    endpoint: sluice.cloud.endpoints.tablestore,
    instanceName: "shop",
    ...keys,
  });
  await sluice.tables().createTable({
    tableMeta: { tableName: "orders", primaryKey: [{ name: "id", type: "INTEGER" }] },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1 },
  } as never);
});
afterAll(() => sluice.close());

const column = [
  { index: 0, type: "long" },
  { index: 1, type: "string" },
  { index: 2, type: "double" },
];
const toTables = (object: string, source = "shop", setting: object = {}) =>
  job(
    ["oss", { datasource: source, object, column, fieldDelimiter: ",", fileFormat: "csv" }],
    [
      "ots",
      {
        datasource: "tables",
        table: "orders",
        primaryKey: [{ name: "id", type: "INT" }],
        column: [
          { name: "name", type: "STRING" },
          { name: "amount", type: "DOUBLE" },
        ],
        writeMode: "PutRow",
      },
    ],
    { errorLimit: { record: "5" }, speed: { concurrent: 4 }, ...setting },
  );

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${from + i},"name, ""${from + i}""",${(from + i) / 4}`).join("\n");

async function rowCount(from: number, to: number): Promise<number> {
  const key = (n: number) => [{ id: TableStore.Long.fromNumber(n) }];
  let rows = 0;
  let start: unknown = key(from);
  while (start) {
    const page = await sluice.tables().getRange({
      tableName: "orders",
      direction: TableStore.Direction.FORWARD,
      inclusiveStartPrimaryKey: start,
      exclusiveEndPrimaryKey: key(to),
      limit: 5000,
      maxVersions: 1,
    } as never);
    rows += page.rows?.length ?? 0;
    const next = page.nextStartPrimaryKey as unknown as { name: string; value: unknown }[] | null;
    start = next?.map(({ name, value }) => ({ [name]: value }));
  }
  return rows;
}

describe("OSS to Tablestore", () => {
  it("reads one large CSV in several splits and keeps the bad lines with their place", async () => {
    const good = lines(0, 120_000).split("\n");
    good[7] = "seven,bad,1";
    good[60_000] = "60000,too few";
    await bucket.put("in/orders.csv", Buffer.from(`${good.join("\n")}\n`));
    const { run, splits } = await sluice.run(toTables("in/orders.csv"));
    expect(run).toMatchObject({
      state: "succeeded",
      delivery: "idempotent",
      counters: { read: 120_000, written: 119_998, dirty: 2 },
    });
    expect(splits.length).toBeGreaterThan(1);
    expect((await sluice.dirty(run.id)).map(({ key, reason }) => [key, reason])).toEqual([
      ["in/orders.csv:8", "CONVERSION"],
      ["in/orders.csv:60001", "MISSING_COLUMN"],
    ]);
    expect(await rowCount(0, 120_000)).toBe(119_998);
  });

  it("stops at the error limit by the shard's own count, not only when the run's is summed", async () => {
    const bad = Array.from({ length: 400_000 }, (_, i) => `x${i},bad,1`);
    await bucket.put("in/bad.csv", Buffer.from(`${bad.join("\n")}\n`));
    const { run } = await sluice.run(toTables("in/bad.csv", "shop", { speed: { concurrent: 1 } }));
    expect(run).toMatchObject({ state: "failed", error: { code: "ERROR_LIMIT_EXCEEDED" } });
    expect(run.counters.dirty).toBeGreaterThan(5);
    expect(run.counters.read).toBeLessThan(bad.length / 4);
  });
});

describe("an upload", () => {
  it("starts the subscribed jobs once per object version, whatever the platform delivers", async () => {
    const script = toTables("${oss.key}", "landing");
    const name = fresh("landed");
    const key = `landing/${name}-1.csv`;
    const stored = await sluice.call("PUT", `/v1/jobs/${name}`, {
      script,
      subscription: { bucket: "sluice-dev-landing", prefix: `landing/${name}`, suffix: ".csv" },
    });
    expect(stored.status).toBe(201);
    sluice.cloud.deliverAgain(3);
    await landing.put(key, Buffer.from(lines(200_000, 200_100)));
    await landing.put("landing/other.csv", Buffer.from(lines(1, 2)));
    await landing.put(`landing/${name}-1.txt`, Buffer.from(lines(1, 2)));
    const runs = async () => (await sluice.call("GET", `/v1/runs?job=${name}`)).body.items;
    await expect.poll(async () => (await runs())[0]?.state).toBe("succeeded");
    await new Promise((resolve) => setTimeout(resolve, 500));
    sluice.cloud.deliverAgain(1);
    expect(await runs()).toHaveLength(1);
    expect((await runs())[0].trigger).toMatchObject({
      kind: "upload",
      bucket: "sluice-dev-landing",
      key,
    });
    expect(await rowCount(200_000, 200_100)).toBe(100);
    await landing.put(key, Buffer.from(lines(200_100, 200_150)));
    await expect.poll(async () => (await runs()).length).toBe(2);
    await expect.poll(() => rowCount(200_000, 200_150)).toBe(150);
  });
});

describe("a subscription", () => {
  it("draws a warning where the deployed trigger does not look", async () => {
    const warningsOf = async (bucket: string, prefix: string) => {
      const name = fresh("subscribed");
      const { body } = await sluice.call("PUT", `/v1/jobs/${name}`, {
        script: toTables("${oss.key}", "landing"),
        subscription: { bucket, prefix, suffix: "" },
      });
      return body.warnings.map(({ message }: { message: string }) => message);
    };
    expect(await warningsOf("sluice-dev-landing", "landing/orders")).toEqual([]);
    const advice = [expect.stringContaining("looks in bucket sluice-dev-landing below landing/")];
    expect(await warningsOf("sluice-dev-landing", "orders/")).toEqual(advice);
    expect(await warningsOf("elsewhere", "landing/")).toEqual(advice);
  });
});

describe("OSS as target", () => {
  const numbers = [
    { type: "long", value: "7" },
    { type: "string", random: "10,10" },
  ];
  const toBucket = (records: number, object: string, writeMode: string, concurrent = 2) =>
    job(
      ["stream", { sliceRecordCount: records, column: numbers }],
      ["oss", { datasource: "shop", object, fileFormat: "csv", fieldDelimiter: ",", writeMode, header: ["n", "text"] }],
      { speed: { concurrent } },
    );
  const objects = async (prefix: string) => (await bucket.listV2({ prefix, "max-keys": "1000" }, {})).objects ?? [];

  it("shows nothing until everything is there, then all of it", async () => {
    const prefix = `out/${fresh("big")}`;
    const id = await sluice.start({ script: toBucket(2_000_000, prefix, "truncate") });
    await expect
      .poll(async () => (await sluice.call("GET", `/v1/runs/${id}`)).body.run.counters.read)
      .toBeGreaterThan(500_000);
    expect(await objects(prefix)).toEqual([]);
    const { run } = await sluice.ended(id);
    expect(run).toMatchObject({ state: "succeeded", delivery: "publish", counters: { written: 4_000_000 } });
    const written = await objects(prefix);
    expect(written).toHaveLength(2);
    expect(written.reduce((sum, { size }) => sum + size, 0)).toBe(
      2 * ("n,text\n".length + 2_000_000 * "7,abcdefghij\n".length),
    );
  });

  it("leaves nothing behind after a cancel", async () => {
    const prefix = `out/${fresh("cancelled")}`;
    const id = await sluice.start({ script: toBucket(200_000_000, prefix, "append") });
    await expect
      .poll(async () => (await sluice.call("GET", `/v1/runs/${id}`)).body.run.counters.read)
      .toBeGreaterThan(500_000);
    await sluice.call("POST", `/v1/runs/${id}/cancel`);
    expect((await sluice.ended(id)).run.state).toBe("cancelled");
    expect(await objects(prefix)).toEqual([]);
    // The declarations lag behind the SDK here.
    const uploads = await (
      bucket as unknown as { listUploads(query: object): Promise<{ uploads?: { name: string }[] }> }
    ).listUploads({ "max-uploads": 100 });
    expect((uploads.uploads ?? []).filter(({ name }) => name.startsWith(prefix))).toEqual([]);
  });

  it("replaces, adds to, or refuses what is there, as writeMode says", async () => {
    const prefix = `modes/${fresh("x")}`;
    await sluice.run(toBucket(10, prefix, "append", 1));
    await sluice.run(toBucket(10, prefix, "append", 1));
    expect(await objects(prefix)).toHaveLength(2);
    const refused = await sluice.run(toBucket(10, prefix, "nonConflict", 1));
    expect(refused.run).toMatchObject({
      state: "failed",
      error: { recovery: "fix", message: expect.stringContaining(prefix) },
    });
    await sluice.run(toBucket(10, prefix, "truncate", 1));
    expect(await objects(prefix)).toHaveLength(1);
  });

  it("is looked for by plan: the bucket, what is in the way, a table of Tablestore and its key", async () => {
    const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
    const lost = { endpoint: sluice.cloud.endpoints.oss, bucket: fresh("lost").replace("_", "-"), accessId, accessKey };
    await sluice.register("lost", "oss", lost);
    const prefix = `modes/${fresh("taken")}`;
    await bucket.put(`${prefix}x`, Buffer.from("1"));
    const rows: [string, object] = ["stream", { sliceRecordCount: 1, column: numbers }];
    const object = { object: prefix, fileFormat: "csv", writeMode: "nonConflict" };
    const keyed = { datasource: "tables", column: [{ name: "name", type: "STRING" }], writeMode: "PutRow" };
    const id = (type: string) => ({ primaryKey: [{ name: "id", type }] });
    const cases: [writer: [string, object], code: string][] = [
      [["oss", { ...object, datasource: "lost" }], "SOURCE_OBJECT_MISSING"],
      [["oss", { ...object, datasource: "shop" }], "ALREADY_EXISTS"],
      [["ots", { ...keyed, ...id("INT"), table: "nowhere" }], "SOURCE_OBJECT_MISSING"],
      [["ots", { ...keyed, ...id("STRING"), table: "orders" }], "CONFIG_INVALID"],
    ];
    for (const [writer, code] of cases)
      expect((await sluice.call("POST", "/v1/plan", { script: job(rows, writer) })).body).toMatchObject({ code });
  });
});
