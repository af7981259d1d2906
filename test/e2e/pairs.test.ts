import TableStore from "tablestore";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { type ScratchPostgres, scratchPostgres } from "../servers/scratch-postgres.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

let sluice: TestSluice;
let mysql: ScratchDatabase;
let pg: ScratchPostgres;

const systems = ["mysql", "pg", "oss", "ots"] as const;
type System = (typeof systems)[number];

/** What every system can hold: an integer beyond 2^53, digits, letters of several scripts, an empty text, a null. */
const records: readonly (readonly (string | null)[])[] = [
  ["-9007199254740993", "12.50", "grüße, 数据 🦥", "x"],
  ["0", "-0.01", 'a,"b"\tc\\N', ""],
  ["9007199254740993", null, "line\nend", "y"],
];

beforeAll(async () => {
  [sluice, mysql, pg] = await Promise.all([startSluice(), scratchDatabase(), scratchPostgres()]);
  await pg.query(`SET ROLE ${pg.source.username}`);
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  const { endpoints } = sluice.cloud;
  await sluice.bucket("shop");
  await sluice.register("mysql", "mysql", mysql.source);
  await sluice.register("pg", "postgresql", pg.source);
  await sluice.register("oss", "oss", { endpoint: endpoints.oss, bucket: "shop", accessId, accessKey });
  await sluice.register("ots", "ots", { endpoint: endpoints.tablestore, instanceName: "shop", accessId, accessKey });
  await Promise.all(systems.flatMap((from) => [make(`given_${from}`), ...systems.map((to) => make(`${from}_${to}`))]));
  const values = records.map((row) => [...row]);
  await mysql.connection.query("INSERT INTO given_mysql VALUES ?", [values]);
  await pg.texts(
    "INSERT INTO given_pg SELECT * FROM unnest($1::bigint[], $2::numeric[], $3::text[], $4::text[])",
    [0, 1, 2, 3].map((at) => records.map((row) => row[at])),
  );
});
afterAll(async () => {
  await sluice.close();
  await Promise.all([mysql.drop(), pg.drop()]);
});

/** A place of that name in every system. */
async function make(name: string): Promise<void> {
  await mysql.query(
    `CREATE TABLE ${name} (id BIGINT PRIMARY KEY, amount DECIMAL(10,2), note VARCHAR(50), mark VARCHAR(5))`,
  );
  await pg.query(
    `CREATE TABLE ${name} (id bigint PRIMARY KEY, amount numeric(10,2), note varchar(50), mark varchar(5))`,
  );
  await sluice.tables().createTable({
    tableMeta: { tableName: name, primaryKey: [{ name: "id", type: "INTEGER" }] },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1 },
  } as never);
}

const names = ["id", "amount", "note", "mark"];
const csv = { fileFormat: "csv", fieldDelimiter: ",", nullFormat: "\\N" };

function readerOf(system: System, name: string): [string, object] {
  if (system === "mysql") return ["mysql", { datasource: "mysql", table: name, column: names }];
  if (system === "pg") return ["postgresql", { datasource: "pg", table: name, column: names }];
  const column = names.map((_, index) => ({ index, type: index === 0 ? "long" : "string" }));
  if (system === "oss") return ["oss", { datasource: "oss", object: `${name}/*`, ...csv, column }];
  const range = { begin: [{ type: "INF_MIN" }], end: [{ type: "INF_MAX" }] };
  return ["ots", { datasource: "ots", table: name, column: names.map((one) => ({ name: one })), range }];
}

function writerOf(system: System, name: string): [string, object] {
  if (system === "mysql") return ["mysql", { datasource: "mysql", table: name, column: names, writeMode: "insert" }];
  if (system === "pg") return ["postgresql", { datasource: "pg", table: name, column: names }];
  if (system === "oss") return ["oss", { datasource: "oss", object: `${name}/part`, ...csv, writeMode: "truncate" }];
  const column = names.slice(1).map((one) => ({ name: one, type: "STRING" }));
  const primaryKey = [{ name: "id", type: "INT" }];
  return ["ots", { datasource: "ots", table: name, primaryKey, column, writeMode: "PutRow" }];
}

async function moved(from: System, to: System, { source, target }: { source: string; target: string }): Promise<void> {
  const { run } = await sluice.run(job(readerOf(from, source), writerOf(to, target)));
  expect(run, `${from} → ${to}: ${run.error?.message}`).toMatchObject({
    state: "succeeded",
    counters: { read: 3, written: 3, dirty: 0 },
  });
}

/** What is there, looked at with the servers' own clients. */
async function found(system: System, name: string): Promise<(string | null)[][]> {
  if (system === "mysql")
    return (await mysql.query(`SELECT * FROM ${name} ORDER BY id`)).map((row) =>
      row.map((cell) => cell?.toString() ?? null),
    );
  if (system === "pg") return pg.texts(`SELECT * FROM ${name} ORDER BY id`);
  if (system === "ots") return rowsOfTable(name);
  // A file is read back into PostgreSQL, whose own COPY it would not be.
  await pg.query(`CREATE TABLE back_${name} (LIKE ${name})`);
  await moved("oss", "pg", { source: name, target: `back_${name}` });
  return pg.texts(`SELECT * FROM back_${name} ORDER BY id`);
}

async function rowsOfTable(name: string): Promise<(string | null)[][]> {
  const found = await sluice.tables().getRange({
    ...{ tableName: name, direction: "FORWARD", maxVersions: 1, limit: 10 },
    inclusiveStartPrimaryKey: [{ id: TableStore.INF_MIN }],
    exclusiveEndPrimaryKey: [{ id: TableStore.INF_MAX }],
  } as never);
  // The SDK's rows, which its types do not declare.
  const { rows } = found as unknown as {
    rows: {
      primaryKey: { value: { toString(): string } }[];
      attributes: { columnName: string; columnValue: unknown }[];
    }[];
  };
  return rows.map(({ primaryKey, attributes }) => [
    String(primaryKey[0]?.value),
    ...names.slice(1).map((one) => {
      const cell = attributes.find(({ columnName }) => columnName === one)?.columnValue;
      return cell === undefined ? null : String(cell);
    }),
  ]);
}

it("Records go from each of MySQL, PostgreSQL, OSS and Tablestore to each, and are the same", async () => {
  await moved("mysql", "oss", { source: "given_mysql", target: "given_oss" });
  await moved("mysql", "ots", { source: "given_mysql", target: "given_ots" });
  for (const from of systems)
    await Promise.all(systems.map((to) => moved(from, to, { source: `given_${from}`, target: `${from}_${to}` })));
  for (const from of systems)
    for (const to of systems) expect(await found(to, `${from}_${to}`), `${from} → ${to}`).toEqual(records);
});
