import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { odps } from "../../shared/connectors/odps/index.js";
import { batchOf, type Column } from "../../shared/model/batch.js";
import type { Json, JsonObject } from "../../shared/model/json.js";
import { type Progress, startOfSplit } from "../../shared/model/progress.js";
import { batchesOf, planned, recordsOf, sideOf, splitRefOf } from "../conformance/drive.js";
import { type LocalMaxcompute, startLocalMaxcompute } from "../servers/local-maxcompute.js";
import { getRows, makeProject, putRows, sql } from "../servers/maxcompute-client.js";

const project = "sluice_dev";
const columns: Column[] = [{ name: "id", type: "long" }];
const reader = odps.reader!;
const writer = odps.writer!;

let local: LocalMaxcompute;
beforeAll(async () => {
  local = await startLocalMaxcompute();
});
afterAll(() => local.close());

let made = 0;
let table = "";
beforeEach(async () => {
  local.faults.clear();
  local.setClock(null);
  table = `wish_${++made}`;
  await sql(local, project, `create table ${table} (id bigint)`);
  await putRows(local, { project, table }, ["bigint"], [[0n]]);
});

const writeSide = (parameter: JsonObject = {}) =>
  sideOf(odps, writer.params, local.source(), { table, column: ["*"], truncate: true, ...parameter });
const readSide = (parameter: JsonObject = {}) =>
  sideOf(odps, reader.params, local.source(), { table, column: ["*"], ...parameter });
const ids = async () => (await getRows(local, { project, table })).map(([id]) => Number(id)).sort((a, b) => a - b);

const run = { runId: "r", exactlyOnce: "auto", columns } as const;

/** One attempt at a split: batches of one record each, flushed, to its end or left before it. */
async function attempt(
  side: ReturnType<typeof writeSide>,
  prepared: Awaited<ReturnType<typeof writer.prepare>>,
  over: {
    split?: number;
    splits?: number;
    attempt?: number;
    progress?: Progress;
    ids: readonly number[];
    dies?: boolean;
  },
): Promise<{ token: Json; durable: Progress | null; resumed: boolean }> {
  const { ids: values, dies, ...ref } = over;
  const session = await writer.open(side, splitRefOf(prepared, columns, [], { ...run, ...ref }));
  let durable: Progress | null = null;
  const from = session.resumeFrom ?? over.progress ?? startOfSplit;
  const left = values.slice(Number(from.checkpoint ?? 0));
  for (const [at, id] of left.entries()) {
    const checkpoint = Number(from.checkpoint ?? 0) + at + 1;
    await session.write(batchOf([[String(id)]], { columns, checkpoint, dirty: [] }));
    durable = (await session.flush()).durable ?? durable;
  }
  if (dies) return { token: null, durable, resumed: session.resumeFrom === undefined };
  return { token: (await session.close()).token ?? null, durable, resumed: session.resumeFrom === undefined };
}

describe("writing", () => {
  it("waits for quotas, repeats what the service could not do, and finds a commit whose answer was lost", async () => {
    const side = writeSide();
    for (const status of [429, 500, 503] as const)
      local.faults.add("maxcompute", "PutBlock", { kind: "status", status });
    local.faults.add("maxcompute", "CommitUpload", { kind: "dropResponse" });
    local.faults.add("maxcompute", "BeginUpload", { kind: "dropResponse" });
    local.faults.add("maxcompute", "LookAtUpload", { kind: "twice" });
    const prepared = await writer.prepare(side, run);
    const { token } = await attempt(side, prepared, { ids: [1, 2] });
    await writer.finish?.(side, { ...run, prepared }, [token]);
    expect(local.faults.list()).toEqual([]);
    expect(await ids()).toEqual([1, 2]);
  });

  it("counts only blocks that were told, whatever an attempt that died has sent", async () => {
    const side = writeSide({ truncate: false });
    const prepared = await writer.prepare(side, run);
    const first = await attempt(side, prepared, { split: 1, splits: 2, ids: [1, 2, 3], dies: true });
    // The second attempt knows of one block only.
    const one = await attempt(side, prepared, { split: 0, splits: 2, ids: [10] });
    const progress: Progress = {
      ...first.durable!,
      checkpoint: 1,
      staged: (first.durable!.staged as never[]).map((session: { blocks: Json[] }) => ({
        ...session,
        blocks: session.blocks.slice(0, 1),
      })) as Json,
    };
    const two = await attempt(side, prepared, { split: 1, splits: 2, attempt: 2, progress, ids: [1, 2, 3] });
    expect(await ids()).toEqual([0]);
    for (const _ of [1, 2]) await writer.finish?.(side, { ...run, prepared }, [one.token, two.token]);
    expect(await ids()).toEqual([0, 1, 2, 3, 10]);
  });

  it.each([true, false])("begins anew when its session has expired, truncate %s", async (truncate) => {
    const side = writeSide({ truncate });
    const prepared = await writer.prepare(side, run);
    const died = await attempt(side, prepared, { ids: [1, 2], dies: true });
    local.setClock(Date.now() + 25 * 3_600_000);
    const again = await attempt(side, prepared, { attempt: 2, progress: died.durable!, ids: [1, 2] });
    expect(again.resumed).toBe(false);
    for (const _ of [1, 2]) await writer.finish?.(side, { ...run, prepared }, [again.token]);
    expect(await ids()).toEqual(truncate ? [1, 2] : [0, 1, 2]);
  });

  it("publishes nothing when records of a finished split are gone", async () => {
    const side = writeSide();
    const prepared = await writer.prepare(side, run);
    const { token } = await attempt(side, prepared, { ids: [1] });
    local.setClock(Date.now() + 25 * 3_600_000);
    await expect(writer.finish?.(side, { ...run, prepared }, [token])).rejects.toThrow(
      /has expired with records in it.*nothing was published/,
    );
    local.setClock(null);
    expect(await ids()).toEqual([0]);
  });

  describe("partitions that records tell", () => {
    const keyed: Column[] = [
      { name: "id", type: "long" },
      { name: "pt", type: "string" },
    ];
    const keyedRun = { ...run, columns: keyed };
    /** Of all splits of a run. */
    const agreements = () => {
      const found = new Map<string, string>();
      return async (name: string, make: () => Promise<string>) => {
        const value = found.get(name) ?? (await make());
        found.set(name, value);
        return value;
      };
    };
    const idsOf = async (pt: string) =>
      (await getRows(local, { project, table: `told_${table}`, partition: `pt=${pt}` })).map(([id]) => Number(id));

    async function begin(truncate: boolean) {
      const name = `told_${table}`;
      await sql(local, project, `create table ${name} (id bigint) partitioned by (pt string)`);
      await sql(local, project, `alter table ${name} add partition (pt='a') partition (pt='b') partition (pt='c')`);
      for (const pt of ["a", "b", "c"])
        await putRows(local, { project, table: name, partition: `pt=${pt}` }, ["bigint"], [[0n], [1n]]);
      const side = writeSide({ table: name, column: ["id", "pt"], truncate, maxRetryTime: 1 });
      return { side, prepared: await writer.prepare(side, keyedRun) };
    }

    async function wholeSplit(
      { side, prepared }: Awaited<ReturnType<typeof begin>>,
      over: NonNullable<Parameters<typeof splitRefOf>[3]> & { rows: readonly (readonly string[])[] },
    ): Promise<Json> {
      const { rows, ...ref } = over;
      const session = await writer.open(side, splitRefOf(prepared, keyed, [], { ...keyedRun, ...ref }));
      await session.write(batchOf(rows, { columns: keyed, checkpoint: 1, dirty: [] }));
      return (await session.close()).token ?? null;
    }

    const rowsOf = (split: number) => ["a", "b", "d"].map((pt, at) => [String(10 * (split + 1) + at), pt]);

    it("are replaced each in one step: a run that fails in the middle leaves each as it was or as it is to be", async () => {
      const begun = await begin(true);
      const agree = agreements();
      const tokens = [
        await wholeSplit(begun, { split: 0, splits: 2, agree, rows: rowsOf(0) }),
        await wholeSplit(begun, { split: 1, splits: 2, agree, rows: rowsOf(1) }),
      ];
      const { side, prepared } = begun;
      const finish = () => writer.finish?.(side, { ...keyedRun, prepared }, tokens);
      // One commit of three does not come to pass, nor does another try.
      local.faults.add("maxcompute", "CommitUpload", { kind: "status", status: 500 });
      await expect(finish()).rejects.toThrow(/A fault was asked for/);
      const found = { a: await idsOf("a"), b: await idsOf("b"), d: await idsOf("d") };
      const isOld = [found.a, found.b, found.d].map((ids) => ids.join() === "0,1" || ids.length === 0);
      expect(isOld.filter((is) => is)).toHaveLength(1);
      const fresh = { a: [10, 20], b: [11, 21], d: [12, 22] };
      const before = { a: [0, 1], b: [0, 1], d: [] };
      for (const pt of ["a", "b", "d"] as const) expect([before[pt], fresh[pt]]).toContainEqual(found[pt]);
      for (const _ of [1, 2]) await finish();
      expect([await idsOf("a"), await idsOf("b"), await idsOf("c"), await idsOf("d")]).toEqual([
        [10, 20],
        [11, 21],
        [0, 1],
        [12, 22],
      ]);
    });

    it("get a session each, whatever the number of splits, and another one when it has expired", async () => {
      const begun = await begin(false);
      const agree = agreements();
      await wholeSplit(begun, { split: 0, splits: 3, agree, rows: [] });
      local.setClock(Date.now() + 1);
      const first = await wholeSplit(begun, { split: 1, splits: 3, agree, rows: [["5", "a"]] });
      local.setClock(Date.now() + 25 * 3_600_000);
      const second = await wholeSplit(begun, { split: 2, splits: 3, agree, rows: [["6", "b"]] });
      const { side, prepared } = begun;
      const finish = (tokens: Json[]) => writer.finish?.(side, { ...keyedRun, prepared }, tokens);
      await expect(finish([null, first, second])).rejects.toThrow(/partition pt=a has expired with records in it/);
      const again = await wholeSplit(begun, { split: 1, splits: 3, attempt: 2, agree, rows: [["5", "a"]] });
      await finish([null, again, second]);
      expect([await idsOf("a"), await idsOf("b")]).toEqual([
        [0, 1, 5],
        [0, 1, 6],
      ]);
    });
  });

  it.each<[string, JsonObject, RegExp]>([
    ["a column that is not there", { column: ["id", "nope"] }, /has no column nope; there are id/],
    ["a partition of a table without", { partition: "pt=1" }, /is partitioned by \(none\), not by pt/],
    ["a table that is not there", { table: "nobody" }, /Table not found/],
  ])("refuses %s before anything is begun", async (_, parameter, message) => {
    await expect(writer.check?.(writeSide(parameter), run)).rejects.toThrow(message);
  });

  it("refuses keys of a partition that are not all there, and columns that must not be null and are not written", async () => {
    await sql(
      local,
      project,
      `create table keyed_${table} (id bigint, must string not null) partitioned by (a string, b string)`,
    );
    const side = (parameter: JsonObject) => writeSide({ table: `keyed_${table}`, ...parameter });
    await expect(writer.check?.(side({ column: ["id", "must", "a"] }), run)).rejects.toThrow(
      /so b must be there as well/,
    );
    await expect(writer.check?.(side({ column: ["id", "must", "a", "b"], partition: "a=1,b=2" }), run)).rejects.toThrow(
      /choose one of them/,
    );
    await expect(writer.check?.(side({ column: ["id"], partition: "a=1,b=2" }), run)).rejects.toThrow(
      /must takes no NULL and is not written/,
    );
    await expect(writer.check?.(side({ column: ["*"], partition: "a=1" }), run)).rejects.toThrow(/give a value for b/);
    const format = { partitionColumnMapping: [{ name: "c", dateFormat: "yyyy" }] };
    await expect(writer.check?.(side({ column: ["id", "must", "a", "b"], ...format }), run)).rejects.toThrow(
      /c is no key of the partitions among the columns; these are a, b/,
    );
  });
});

describe("signing", () => {
  /** What a client signs with, as the service gets it. */
  async function scopeOf(properties: JsonObject): Promise<string> {
    const scopes: string[] = [];
    const spy = createServer((request, response) => {
      scopes.push(/^ODPS ([^:]+):/.exec(request.headers.authorization ?? "")?.[1] ?? "");
      response.end("<Tables><Marker/></Tables>");
    }).listen(0, "127.0.0.1");
    await once(spy, "listening");
    const endpoint = `http://127.0.0.1:${(spy.address() as AddressInfo).port}/api`;
    const source = odps.source.schema.parse({ ...local.source(), ...properties, endpoint });
    await odps.catalog!.tables(source, { search: "", limit: 1, page: null }, new AbortController().signal);
    spy.closeAllConnections();
    await new Promise((resolve) => spy.close(resolve));
    return scopes.join();
  }

  it("is by version 2, or by version 4 where the data source says so, and either is right", async () => {
    expect(await scopeOf({ regionId: "cn-hangzhou" })).toBe("LTAIlocal");
    const four = { regionId: "cn-hangzhou", signatureVersion: "4" };
    expect(await scopeOf(four)).toMatch(/^LTAIlocal\/\d{8}\/cn-hangzhou\/odps\/aliyun_v4_request$/);
    const side = sideOf(odps, reader.params, { ...local.source(), ...four }, { table, column: ["*"] });
    expect(await recordsOf(reader, side)).toEqual([["0"]]);
    const wrong = { ...local.source(), ...four, accessKey: "wrong-secret-9" };
    await expect(recordsOf(reader, sideOf(odps, reader.params, wrong, { table, column: ["*"] }))).rejects.toMatchObject(
      {
        code: "ACCESS_DENIED",
      },
    );
    expect(() => odps.source.schema.parse({ ...local.source(), signatureVersion: "4" })).toThrow(
      /required with signatureVersion 4/,
    );
  });
});

it.each(["2", "4"])(
  "reads and writes with the token of a temporary key, signed by version %s",
  async (signatureVersion) => {
    const temporary = { ...local.source(), securityToken: "token-of-today", regionId: "cn-hangzhou", signatureVersion };
    const side = sideOf(odps, writer.params, temporary, { table, column: ["*"], truncate: true });
    const prepared = await writer.prepare(side, run);
    const { token } = await attempt(side, prepared, { ids: [4] });
    await writer.finish?.(side, { ...run, prepared }, [token]);
    expect(await recordsOf(reader, sideOf(odps, reader.params, temporary, { table, column: ["*"] }))).toEqual([["4"]]);
    const old = { ...temporary, securityToken: "token-of-yesterday" };
    await expect(
      writer.prepare(sideOf(odps, writer.params, old, { table, column: ["*"], truncate: true }), run),
    ).rejects.toMatchObject({
      code: "ACCESS_DENIED",
    });
  },
);

describe("reading", () => {
  it("goes on behind the last record when the answer breaks off", async () => {
    await putRows(
      local,
      { project, table },
      ["bigint"],
      Array.from({ length: 50_000 }, (_, i) => [BigInt(i + 1)]),
    );
    local.faults.add("maxcompute", "ReadRecords", { kind: "dropResponse" });
    local.faults.add("maxcompute", "ReadRecords", { kind: "status", status: 500 });
    for (const isCompress of [true, false]) {
      const records = await recordsOf(reader, readSide({ isCompress }), 3);
      expect(records.map(([id]) => Number(id)).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 50_001 }, (_, i) => i),
      );
    }
    expect(local.faults.list()).toEqual([]);
  });

  it("says so when the table was replaced, and when the session is over", async () => {
    const [split] = await planned(reader, readSide(), 1);
    await sql(local, project, `truncate table ${table}`);
    await expect(batchesOf(reader, readSide(), split!)).rejects.toThrow(/was changed while it was being read/);
    await putRows(local, { project, table }, ["bigint"], [[5n]]);
    const [other] = await planned(reader, readSide(), 1);
    local.setClock(Date.now() + 25 * 3_600_000);
    await expect(batchesOf(reader, readSide(), other!)).rejects.toThrow(/sessions live 24 hours/);
  });

  it("refuses a partitioned table without partition, with the levels it has", async () => {
    await sql(local, project, `create table parts_${table} (id bigint) partitioned by (pt string, hh string)`);
    const side = (parameter: JsonObject) => readSide({ table: `parts_${table}`, ...parameter });
    await expect(reader.split(side({}), 1)).rejects.toThrow(
      /partitioned by pt, hh; name partitions, such as pt=\*,hh=\*/,
    );
    await expect(reader.split(side({ partition: "pt=1,hh=*" }), 1)).rejects.toThrow(/has no partition pt=1,hh=\*/);
    expect(await reader.split(side({ partition: "pt=1,hh=*", successOnNoPartition: true }), 1)).toMatchObject({
      splits: [],
    });
    await expect(reader.split(readSide({ partition: "pt=1" }), 1)).rejects.toThrow(/has no partitions; leave it out/);
  });

  it("reads and writes a schema of a project with three layers", async () => {
    await makeProject(local, "layers", { "odps.schema.model.enabled": "true" });
    await sql(local, "layers", "create schema if not exists sales");
    await sql(local, "layers", "create table sales.made (id bigint) partitioned by (pt string)");
    const source = local.source("layers");
    const target = sideOf(odps, writer.params, source, {
      schema: "sales",
      table: "made",
      column: ["*"],
      truncate: true,
      partition: "pt=1",
    });
    const prepared = await writer.prepare(target, run);
    const { token } = await attempt(target, prepared, { ids: [7] });
    await writer.finish?.(target, { ...run, prepared }, [token]);
    const from = sideOf(odps, reader.params, source, {
      schema: "sales",
      table: "made",
      column: ["id", "pt"],
      partition: "pt=*",
    });
    expect(await recordsOf(reader, from)).toEqual([["7", "1"]]);
    const where = sideOf(odps, reader.params, source, {
      schema: "sales",
      table: "made",
      column: ["id"],
      where: "id > 6",
    });
    expect(await recordsOf(reader, where)).toEqual([["7"]]);
  });
});
