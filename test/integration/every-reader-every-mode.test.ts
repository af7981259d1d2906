import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Reader, Side, Writer } from "../../shared/connectors/contract.js";
import { mysql } from "../../shared/connectors/mysql/index.js";
import { oss } from "../../shared/connectors/oss/index.js";
import { ots } from "../../shared/connectors/ots/index.js";
import { postgresql } from "../../shared/connectors/postgresql/index.js";
import { stream } from "../../shared/connectors/stream/index.js";
import { createDirtyCollector } from "../../shared/engine/dirty-collector.js";
import { runSplit, startMeter } from "../../shared/engine/run-split.js";
import { createThrottle } from "../../shared/engine/throttle.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type Counters, startOfSplit, sumCounters } from "../../shared/model/progress.js";
import { agree, planned, sideOf } from "../conformance/drive.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { type ScratchPostgres, scratchPostgres } from "../servers/scratch-postgres.js";
import { startTablestore, type TestServer, tableOf } from "./local-cloud/tablestore-server.js";
import { type OssPlace, startOss } from "./oss-connector-server.js";

// What a run says it has written is in the target, whatever reads and whatever writes: told by the engine's own loop, looked up by other clients.

let database: ScratchDatabase;
let postgres: ScratchPostgres;
let lake: OssPlace;
let tablestore: TestServer;
let runs = 0;

/** One side of a copy, of whatever system. */
interface From {
  readonly reader: Reader<unknown, unknown>;
  readonly side: Side<unknown, unknown>;
}
interface To {
  readonly writer: Writer<unknown, unknown>;
  readonly side: Side<unknown, unknown>;
  /** Number of records that the target holds, and the sum of their ids; null = it keeps none. */
  totals(): Promise<{ count: number; sum: number } | null>;
}

const never = new AbortController().signal;
const pad = "x".repeat(1_000);
/** 1,200 records of 1,000 bytes are more than one chunk. */
const sizes = [0, 1, 1_200] as const;

beforeAll(async () => {
  [database, postgres, lake, tablestore] = await Promise.all([
    ...([scratchDatabase(), scratchPostgres()] as const),
    ...([startOss(), startTablestore()] as const),
  ]);
  await postgres.query(`SET ROLE ${postgres.source.username}`);
  for (const size of [...sizes, 3]) {
    const rows = size === 0 ? "SELECT 1, '' FROM DUAL WHERE FALSE" : `SELECT seq, '${pad}' FROM seq_1_to_${size}`;
    for (const [name, key] of [
      ["keyed", "PRIMARY KEY"],
      ["keyless", ""],
    ] as const) {
      await database.query(`CREATE TABLE ${name}_${size} (id INT ${key}, pad VARCHAR(1000))`);
      await database.query(`INSERT INTO ${name}_${size} ${rows}`);
    }
    await database.query(`CREATE VIEW seen_${size} AS SELECT id, pad FROM keyed_${size}`);
    await postgres.query(`CREATE TABLE keyed_${size} (id int PRIMARY KEY, pad varchar(1000));
      INSERT INTO keyed_${size} SELECT n, '${pad}' FROM generate_series(1, ${size}) n;
      CREATE TABLE keyless_${size} AS SELECT * FROM keyed_${size}; CREATE VIEW seen_${size} AS SELECT * FROM keyed_${size}`);
    const lines = Array.from({ length: size }, (_, i) => `${i + 1},${pad}\n`).join("");
    await lake.client.put(`in/${size}.csv`, Buffer.from(lines));
  }
});
afterAll(() => Promise.all([database.drop(), postgres.drop(), lake.close(), tablestore.stop()]));

/** Sides of one connector; the compiler cannot know that its reader gets sides of its own. */
function from(
  connector: typeof mysql | typeof postgresql | typeof oss | typeof stream,
  source: object,
  parameter: JsonObject,
): From {
  const reader = connector.reader as unknown as Reader<unknown, unknown>;
  return { reader, side: sideOf(connector as never, reader.params as never, source as JsonObject, parameter) };
}

function to(
  connector: typeof mysql | typeof postgresql | typeof oss | typeof stream | typeof ots,
  source: object,
  parameter: JsonObject,
  totals: To["totals"],
): To {
  const writer = connector.writer as unknown as Writer<unknown, unknown>;
  return {
    writer,
    side: sideOf(connector as never, writer.params as never, source as JsonObject, parameter),
    totals: totals,
  };
}

const columns = ["id", "pad"];
const typed = [
  { index: 0, type: "long" },
  { index: 1, type: "string" },
];
const invented = [
  { type: "long", random: "1,1" },
  { type: "string", value: pad },
];
const readers: Readonly<Record<string, (size: number) => From>> = {
  "a table with a key": (size) => from(mysql, database.source, { table: `keyed_${size}`, column: columns }),
  "a table without a key": (size) => from(mysql, database.source, { table: `keyless_${size}`, column: columns }),
  "a view": (size) => from(mysql, database.source, { table: `seen_${size}`, column: columns }),
  querySql: (size) => from(mysql, database.source, { querySql: [`SELECT id, pad FROM keyless_${size}`] }),
  "a table of PostgreSQL": (size) => from(postgresql, postgres.source, { table: `keyed_${size}`, column: columns }),
  "one without a key, by places": (size) =>
    from(postgresql, postgres.source, { table: `keyless_${size}`, column: columns, splitPk: "ctid" }),
  "a view of PostgreSQL": (size) => from(postgresql, postgres.source, { table: `seen_${size}`, column: columns }),
  "a CSV file": (size) => from(oss, lake.source, { object: `in/${size}.csv`, column: typed }),
  "an inventing stream": (size) => from(stream, {}, { sliceRecordCount: size, column: invented }),
};

async function newMysqlTarget(engine: string, writeMode: string, key: string): Promise<To> {
  const table = `to_${++runs}`;
  await database.query(`CREATE TABLE ${table} (id INT ${key}, pad VARCHAR(1000)) ENGINE = ${engine}`);
  const sql = `INSERT INTO done VALUES ('${table}')`;
  await database.query("CREATE TABLE IF NOT EXISTS done (name VARCHAR(20))");
  return to(mysql, database.source, { table, column: columns, writeMode, postSql: [sql] }, async () => {
    const [row] = await database.query(`SELECT COUNT(*), IFNULL(SUM(id), 0) FROM ${table}`);
    expect(await database.query("SELECT COUNT(*) FROM done WHERE name = ?", [table])).toEqual([["1"]]);
    return { count: Number(row?.[0]), sum: Number(row?.[1]) };
  });
}

async function newPostgresTarget(writeMode: string, key: string): Promise<To> {
  const table = `to_${++runs}`;
  await postgres.query(
    `CREATE TABLE ${table} (id int ${key}, pad varchar(1000)); CREATE TABLE IF NOT EXISTS done (name text)`,
  );
  const postSql = [`INSERT INTO done VALUES ('${table}')`];
  return to(postgresql, postgres.source, { table, column: columns, writeMode, postSql }, async () => {
    const [row] = await postgres.texts(`SELECT count(*), coalesce(sum(id), 0) FROM ${table}`);
    expect(await postgres.texts(`SELECT count(*) FROM done WHERE name = '${table}'`)).toEqual([["1"]]);
    return { count: Number(row?.[0]), sum: Number(row?.[1]) };
  });
}

const writers: Readonly<Record<string, () => Promise<To>>> = {
  ...Object.fromEntries(
    ["InnoDB", "MyISAM", "Aria"].flatMap((engine) =>
      ["insert", "replace", "update", "insert ignore"].map((mode) => [
        `${mode} into ${engine}`,
        () => newMysqlTarget(engine, mode, "PRIMARY KEY"),
      ]),
    ),
  ),
  "insert into a table without a key": () => newMysqlTarget("InnoDB", "insert", ""),
  ...Object.fromEntries(
    ["insert", "replace", "update", "ignore"].map((mode) => [
      `${mode} into PostgreSQL`,
      () => newPostgresTarget(mode, "PRIMARY KEY"),
    ]),
  ),
  "PostgreSQL without a key": () => newPostgresTarget("insert", ""),
  "a CSV object": async () => {
    const object = `out/${++runs}`;
    return to(oss, lake.source, { object, fileFormat: "csv", writeSingleObject: true }, async () => {
      const texts = await Promise.all((await lake.keys(object)).map((key) => lake.text(key)));
      const ids = texts
        .join("")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => Number(line.split(",")[0]));
      return { count: ids.length, sum: ids.reduce((sum, id) => sum + id, 0) };
    });
  },
  "a table of Tablestore": async () => {
    const table = `t${++runs}`;
    const client = tablestore.client();
    await client.createTable(tableOf(table, { id: "INTEGER" }));
    const parameter = {
      table,
      primaryKey: [{ name: "id", type: "int" }],
      column: [{ name: "pad", type: "string" }],
      writeMode: "PutRow",
    };
    const source = {
      ...{ endpoint: `http://127.0.0.1:${tablestore.port}`, instanceName: "unit" },
      ...{ accessId: "local-key", accessKey: "local-secret" },
    };
    return to(ots, source, parameter, async () => lookAtTablestore(table));
  },
  "a stream": async () => to(stream, {}, { print: false }, async () => null),
};

async function lookAtTablestore(table: string): Promise<{ count: number; sum: number }> {
  const { INF_MIN, INF_MAX } = await import("tablestore");
  let start: unknown = [{ id: INF_MIN }];
  const found = { count: 0, sum: 0 };
  while (start) {
    const page = await tablestore.client().getRange({
      ...{ tableName: table, direction: "FORWARD", maxVersions: 1, limit: 5_000 },
      ...{ inclusiveStartPrimaryKey: start, exclusiveEndPrimaryKey: [{ id: INF_MAX }] },
    } as never);
    for (const { primaryKey } of page.rows as unknown as { primaryKey?: { value: unknown }[] }[]) {
      if (!primaryKey) continue;
      found.count++;
      found.sum += Number(primaryKey[0]?.value);
    }
    start = page.nextStartPrimaryKey?.map(({ name, value }: { name: string; value: unknown }) => ({ [name]: value }));
  }
  return found;
}

async function copy({ reader, side }: From, target: To): Promise<Counters> {
  const run = { runId: `run-${++runs}`, exactlyOnce: "auto", columns: await reader.columns(side) } as const;
  const prepared = await target.writer.prepare(target.side, run);
  const splits = await planned(reader, side, 1);
  const all: Counters[] = [];
  const tokens = [];
  for (const [number, { spec }] of splits.entries()) {
    const files = { put: async () => undefined, list: async () => [], remove: async () => undefined };
    const place = { split: number, splits: splits.length, attempt: 1, progress: startOfSplit, agree };
    const outcome = await runSplit({
      read: (start) => reader.read(side, spec, start),
      open: (split) => target.writer.open(target.side, split),
      split: { ...run, prepared, ...place },
      dirty: createDirtyCollector(files, { run: run.runId, number }, { left: 10 }),
      throttle: createThrottle({ bytesPerSecond: null, recordsPerSecond: null }),
      ...{ stop: never, lost: never, overLimit: (dirty: number) => dirty > 0, meter: startMeter(startOfSplit) },
    });
    expect(outcome.kind).toBe("done");
    all.push(outcome.progress.counters);
    tokens.push(outcome.kind === "done" ? outcome.token : null);
  }
  await target.writer.finish?.(target.side, { ...run, prepared }, tokens);
  return sumCounters(all);
}

describe.each(Object.keys(writers))("into %s", (way) => {
  test.each(Object.keys(readers))(
    "from %s: none, one and many records arrive, and as many are counted",
    async (kind) => {
      for (const size of sizes) {
        const isInvented = kind === "an inventing stream";
        if (isInvented && size === 0) continue;
        // What is invented has one id for all.
        const takesAll = !isInvented || /without a key|object/.test(way);
        if (!takesAll && size > 1 && way.startsWith("insert into")) continue;
        const target = await writers[way]!();
        // Rows that go one by one take their time.
        const isSlow = /MyISAM|Aria/.test(way);
        const counters = await copy(readers[kind]!(isSlow ? Math.min(size, 3) : size), target);
        const read = isSlow ? Math.min(size, 3) : size;
        expect(counters).toMatchObject({ read, written: read, dirty: 0 });
        const found = await target.totals();
        if (found) expect(found.count).toBe(takesAll ? read : 1);
        if (found && !isInvented) expect(found.sum).toBe((read * (read + 1)) / 2);
      }
    },
  );
});
