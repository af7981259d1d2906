import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MappedPair, PreviewRecord } from "../../shared/model/mapping.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { type ScratchPostgres, scratchPostgres } from "../servers/scratch-postgres.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";
import { openOdps } from "./odps-place.js";

let sluice: TestSluice;
let mysql: ScratchDatabase;
let pg: ScratchPostgres;

beforeAll(async () => {
  [sluice, mysql, pg] = await Promise.all([startSluice(), scratchDatabase(), scratchPostgres()]);
  await pg.query(`SET ROLE ${pg.source.username}`);
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  const { endpoints } = sluice.cloud;
  await sluice.bucket("shop");
  await sluice.register("mysql", "mysql", mysql.source);
  await sluice.register("pg", "postgresql", pg.source);
  await sluice.register("files", "oss", { endpoint: endpoints.oss, bucket: "shop", accessId, accessKey });
  const [, table] = [await fill(), await sluice.tables().createTable(small)];
  expect(table).toBeDefined();
  await sluice.register("shop", "ots", { endpoint: endpoints.tablestore, instanceName: "shop", accessId, accessKey });
});
afterAll(async () => {
  await sluice.close();
  await Promise.all([mysql.drop(), pg.drop()]);
});

const small = {
  tableMeta: { tableName: "small", primaryKey: [{ name: "id", type: "INTEGER" }] },
  reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
  tableOptions: { timeToLive: -1, maxVersions: 1 },
  // The declarations want enum members where the SDK takes their names.
} as never;

/** Rows of which some do not fit into the targets below, each for a reason of its own. */
async function fill(): Promise<void> {
  await mysql.query(
    `CREATE TABLE orders (id INT PRIMARY KEY, name VARCHAR(40), qty BIGINT, amount DECIMAL(14,4), code VARCHAR(20),
       paid DATETIME(3), seen TIMESTAMP NULL, raw VARBINARY(20))`,
  );
  const rows = [
    [1, "plain", 5, "12.5", "17", "2024-01-02 03:04:05.678", "2024-07-01 00:00:00", Buffer.from([0, 255])],
    [2, "a name that is too long for the target", 5, "1", "18", null, null, null],
    [3, "blanks    ", 2_147_483_648, "1", "19", null, null, null],
    [4, "öß€", -1, "123456.5", "20", null, null, null],
    [5, null, 1, "1", "21", null, null, null],
    [6, "word", 1, "1", "not a number", null, null, null],
    [7, "round", 1, "1.2345", "23", "9999-12-31 23:59:59.999", null, Buffer.alloc(0)],
    [8, "last", 1, "-99.99", "-24", null, null, Buffer.from("ä")],
  ];
  await mysql.connection.query("INSERT INTO orders VALUES ?", [rows]);
}

const read: [string, object] = ["mysql", { datasource: "mysql", table: "orders", column: ["*"] }];
const anyDirty = { errorLimit: { record: "100" } };

async function asked(what: "mapping" | "preview", script: object) {
  const answer = await sluice.call("POST", `/v1/${what}`, { script });
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
}

const verdicts = (pairs: readonly MappedPair[]) =>
  Object.fromEntries(pairs.map((one) => [one.from?.name, one.verdict]));
const reasonOf = (pairs: readonly MappedPair[], name: string) =>
  pairs.find(({ from }) => from?.name === name)?.reasons.join("; ") ?? "";
const dirtyOf = (records: readonly PreviewRecord[]) =>
  records.flatMap(({ cells, dirty }) => (dirty ? [`${cells[0]} ${dirty.reason} ${dirty.column}`] : []));

/** What a run of the script finds dirty. */
async function dirtyOfRun(script: object): Promise<string[]> {
  const { run } = await sluice.run(script);
  expect(run, JSON.stringify(run.error)).toMatchObject({ state: "succeeded" });
  return (await sluice.dirty(run.id)).map(({ cells, reason, column }) => `${cells[0]} ${reason} ${column}`).sort();
}

const inPg = `id int PRIMARY KEY, name varchar(10) NOT NULL, qty int, amount numeric(7,2), code int, paid timestamp(0), seen timestamptz, raw bytea`;
const inMysql = `id INT PRIMARY KEY, name VARCHAR(10) NOT NULL, qty INT, amount DECIMAL(7,2), code INT, paid DATETIME, seen TIMESTAMP NULL, raw VARBINARY(1)`;

describe("the mapping of a job", () => {
  it("says of each pair what becomes of its values, and why", async () => {
    await pg.query(`CREATE TABLE mapped (${inPg.replace("raw bytea", "raw date")})`);
    const { columns, width, problems } = await asked(
      "mapping",
      job(read, ["postgresql", { datasource: "pg", table: "mapped", column: ["*"] }]),
    );
    expect(width).toEqual({ reader: 8, writer: 8 });
    expect(verdicts(columns)).toEqual({
      ...{ id: "ok", name: "lossy", qty: "lossy", amount: "lossy", code: "lossy", paid: "lossy", seen: "ok" },
      raw: "impossible",
    });
    expect(columns[1]).toMatchObject({
      from: { name: "name", type: "varchar(40)", nullable: true, isKey: false },
      to: { name: "name", type: "character varying(10)", nullable: false, isKey: false },
    });
    expect(columns[0]).toMatchObject({ from: { isKey: true, nullable: false }, to: { isKey: true, nullable: false } });
    expect(reasonOf(columns, "name")).toMatch(/up to 40 characters go into 10.*may be null and name takes no null/);
    expect(reasonOf(columns, "qty")).toContain("64 bits go into 32 bits");
    expect(reasonOf(columns, "amount")).toContain("10 digits before the point");
    expect(reasonOf(columns, "raw")).toContain("cannot become date");
    expect(problems).toEqual([]);
  });

  it("shows columns that have no partner, and a key that an update needs", async () => {
    await pg.query("CREATE TABLE keyed (id int, day date, name text, PRIMARY KEY (id, day))");
    const target = { datasource: "pg", table: "keyed", column: ["id", "name"], writeMode: "update" };
    const few = { ...(read[1] as object), column: ["id", "name", "qty"] };
    const { columns, width, problems } = await asked("mapping", job(["mysql", few], ["postgresql", target]));
    expect(width).toEqual({ reader: 3, writer: 2 });
    expect(columns[2]).toMatchObject({ from: { name: "qty" }, to: null, verdict: "impossible" });
    expect(problems).toEqual([expect.stringContaining("the reader gives 3 columns, the writer takes 2")]);
    const fitting = { ...few, column: ["id", "name"] };
    const second = await asked("mapping", job(["mysql", fitting], ["postgresql", target]));
    expect(second.problems).toEqual([expect.stringContaining("of which day is not written")]);
  });

  it("knows only types of a statement, and takes any column into a file", async () => {
    const query = { datasource: "mysql", querySql: "select id, name from orders" };
    const { columns, width } = await asked(
      "mapping",
      job(["mysql", query], ["oss", { datasource: "files", object: "x" }]),
    );
    expect(width).toEqual({ reader: 2, writer: null });
    expect(columns[1]).toMatchObject({ verdict: "ok", from: { nullable: null, isKey: null } });
  });
});

describe("a preview", () => {
  it("into PostgreSQL marks what a run finds dirty, and shows the rest as the table has it then", async () => {
    await pg.query(`CREATE TABLE arrived (${inPg})`);
    const script = job(read, ["postgresql", { datasource: "pg", table: "arrived", column: ["*"] }], anyDirty);
    const { records, isAll } = await asked("preview", script);
    expect(isAll).toBe(true);
    expect(await pg.texts("SELECT count(*) FROM arrived")).toEqual([["0"]]);
    expect(dirtyOf(records).sort()).toEqual(await dirtyOfRun(script));
    expect(dirtyOf(records)).toHaveLength(7);
    const columns = "id, name, qty, amount, code, paid, seen, encode(raw, 'base64')";
    const rows = await pg.texts(`SELECT ${columns} FROM arrived ORDER BY id`);
    const taken = records.filter(({ dirty }: PreviewRecord) => dirty === null);
    expect(taken.map(({ cells }: PreviewRecord) => cells[0])).toEqual(rows.map(([id]) => id));
    expect(taken.map(({ cells }: PreviewRecord) => cells[4])).toEqual(rows.map(([, , , , code]) => code));
    expect(taken[0]?.cells.slice(0, 3)).toEqual(rows[0]?.slice(0, 3));
  });

  it("into MySQL marks what a run finds dirty", async () => {
    await mysql.query(`CREATE TABLE arrived (${inMysql})`);
    const script = job(read, ["mysql", { datasource: "mysql", table: "arrived", column: ["*"] }], anyDirty);
    const { records } = await asked("preview", script);
    expect(await mysql.query("SELECT count(*) FROM arrived")).toEqual([["0"]]);
    expect(dirtyOf(records).sort()).toEqual(await dirtyOfRun(script));
    expect(dirtyOf(records).length).toBeGreaterThan(4);
  });

  it("into Tablestore and MaxCompute does the same", async () => {
    const odps = await openOdps(sluice);
    await odps.sql(
      "create table arrived (id bigint, name string, qty int, amount decimal(7,2), code int, paid timestamp)",
    );
    const column = ["id", "name", "qty", "amount", "code", "paid"];
    const from: [string, object] = ["mysql", { datasource: "mysql", table: "orders", column }];
    const typed = column
      .slice(1)
      .map((name) => ({ name, type: name === "name" || name === "paid" ? "STRING" : "INT" }));
    const targets: [string, object][] = [
      ["odps", { datasource: "mc", table: "arrived", truncate: false, column: ["*"] }],
      [
        "ots",
        {
          datasource: "shop",
          table: "small",
          primaryKey: [{ name: "id", type: "INT" }],
          column: typed,
          writeMode: "PutRow",
        },
      ],
    ];
    for (const target of targets) {
      const script = job(from, target, anyDirty);
      const { records } = await asked("preview", script);
      expect(dirtyOf(records).sort(), target[0]).toEqual(await dirtyOfRun(script));
      expect(records).toHaveLength(8);
      expect(dirtyOf(records).length, target[0]).toBeGreaterThan(0);
    }
    const { records } = await asked("preview", job(from, targets[0] ?? from, anyDirty));
    expect(records[0].cells).toEqual(["1", "plain", "5", "12.5", "17", "2024-01-02 03:04:05.678"]);
    await odps.sql("create table parted (id bigint) partitioned by (name string)");
    const keyed = { datasource: "mc", table: "parted", truncate: false, column: ["id", "name"] };
    const parted = job(
      ["mysql", { datasource: "mysql", table: "orders", column: ["id", "name"] }],
      ["odps", keyed],
      anyDirty,
    );
    const preview = (await asked("preview", parted)).records;
    expect(preview[0].cells).toEqual(["1", "plain"]);
    expect(dirtyOf(preview)).toEqual(["5 NOT_NULL name"]);
  });

  it("into a file shows the lines of the file", async () => {
    const write = { datasource: "files", object: "out/orders", fileFormat: "csv", dateFormat: "yyyy/MM/dd" };
    const script = job(read, ["oss", write], anyDirty);
    const { records } = await asked("preview", script);
    expect((await sluice.run(script)).run).toMatchObject({ state: "succeeded" });
    const bucket = await sluice.bucket("shop");
    const [object] = (await bucket.list({ prefix: "out/orders", "max-keys": 2 }, {})).objects ?? [];
    const { content } = await bucket.get(object?.name ?? "");
    expect(records.map(({ text }: PreviewRecord) => text).join("")).toBe(content.toString());
  });

  it("ends with the records that were asked for, and marks what the reader finds dirty", async () => {
    const bucket = await sluice.bucket("shop");
    await bucket.put("in/a.csv", Buffer.from("1,x\nno,y\n3,z\n"));
    const column = [
      { index: 0, type: "long" },
      { index: 1, type: "string" },
    ];
    const from: [string, object] = ["oss", { datasource: "files", object: ["in/a.csv"], fileFormat: "csv", column }];
    const script = job(from, ["stream", { print: false }], anyDirty);
    const all = await asked("preview", script);
    expect(dirtyOf(all.records)).toEqual([expect.stringMatching(/^no CONVERSION/)]);
    const { body } = await sluice.call("POST", "/v1/preview", { script, limit: 2 });
    expect(body).toMatchObject({ isAll: false });
    expect(body.records).toHaveLength(2);
  });

  it("is not for who may not see records", async () => {
    const { body: token } = await sluice.call("POST", "/v1/tokens", { name: "dev", role: "developer" });
    const script = job(read, ["stream", {}]);
    const call = async (path: string) =>
      (
        await fetch(`${sluice.cloud.endpoints.api}${path}`, {
          method: "POST",
          headers: { authorization: `Bearer ${token.token}`, "content-type": "application/json" },
          body: JSON.stringify({ script }),
        })
      ).status;
    expect(await call("/v1/preview")).toBe(403);
    expect(await call("/v1/mapping")).toBe(200);
  });
});
