import { afterAll, beforeAll, expect, test } from "vitest";
import { postgresql } from "../../shared/connectors/postgresql/index.js";
import type { Batch, DirtyRecord } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";
import { batchesOf, planned, splitRefOf } from "./drive.js";
import { type PostgresqlTestBed, postgresqlTestBed } from "./postgresql-test-bed.js";

let bed: PostgresqlTestBed;

const body = `id int PRIMARY KEY, big bigint, n numeric(10,2), f double precision, b boolean, raw bytea, t text, v varchar(20), c char(5),
  d date, ts timestamp(3), tz timestamptz, tags text[], j jsonb, gone interval`;

beforeAll(async () => {
  bed = await postgresqlTestBed();
  await bed.database.query(`CREATE TABLE given (${body})`);
  await bed.database.query(`INSERT INTO given SELECT i, i * 1e15, i / 7.0, i / 3.0, i % 2 = 0, decode(md5(i::text), 'hex'),
      CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN E'tab\\there\\nline\\r\\\\N' WHEN 3 THEN '你好🦥' ELSE repeat('x', 700) END,
      'v' || i, 'c', date '2024-01-01' + i, timestamp '2024-01-01' + i * interval '1001 ms', timestamptz '2024-01-01 00:00+08' + i * interval '1 h',
      ARRAY['a b', NULL, i::text], jsonb_build_object('i', i), i * interval '1 day'
    FROM generate_series(1, 3000) AS s(i)`);
});
afterAll(() => bed.database.drop());

interface Copied {
  readonly batches: readonly Batch[];
  readonly dirty: readonly DirtyRecord[];
  readonly written: number | undefined;
}

/** Moves batches as an engine does, from reader to writer without a look at their rows. */
async function copied(
  to: string,
  more: { readonly reader?: JsonObject; readonly writer?: JsonObject } = {},
): Promise<Copied> {
  const { reader, writer } = postgresql;
  if (!reader || !writer) throw new Error("the connector has both sides");
  const zone = { timeZone: "+08:00" };
  const reading = bed.reading({ table: "given", ...more.reader }, zone);
  const writing = { ...bed.writing({ table: to, ...more.writer }), ...zone };
  const columns = await reader.columns(reading);
  const [split] = await planned(reader, reading, 1);
  if (!split) throw new Error("there is a split");
  const batches = await batchesOf(reader, reading, split);
  const runId = `native-${to}`;
  const prepared = await writer.prepare(writing, { runId, exactlyOnce: "auto", columns });
  const dirty: DirtyRecord[] = [];
  const session = await writer.open(writing, splitRefOf(prepared, columns, dirty, { runId, clock: "+08:00" }));
  for (const batch of batches) await session.write(batch);
  const { durable } = await session.close();
  return { batches, dirty, written: durable?.counters.written };
}

const printed = (table: string, where = "true") =>
  bed.database.texts(`SELECT t::text FROM ${table} t WHERE ${where} ORDER BY id`);

const wentNative = ({ batches }: Copied) => batches.filter(({ native }) => native !== undefined).length;

test("Rows between columns of the same types go as they came, by insert and by way of a stage", async () => {
  const expected = await printed("given");
  for (const [at, writer] of [{}, { writeMode: "update" }].entries()) {
    const to = await bed.table(body);
    const found = await copied(to, { writer });
    expect(wentNative(found)).toBe(found.batches.length);
    expect(found.dirty).toEqual([]);
    expect(found.written).toBe(3_000);
    expect(await printed(to), `mode ${at}`).toEqual(expected);
  }
});

test("Rows that the server refuses are dirty with the cells that records have, and their neighbours arrive", async () => {
  const to = await bed.table(`${body}, CHECK (id % 500 <> 3), UNIQUE (c, d)`);
  await bed.database.query(`ALTER TABLE ${to} ALTER t SET NOT NULL`);
  const found = await copied(to, { reader: { where: "id <= 600" } });
  expect(found.batches.length).toBeGreaterThan(0);
  expect(found.dirty).toHaveLength(122);
  const checked = found.dirty.find(({ cells }) => cells[0] === "3");
  expect(checked).toMatchObject({ side: "writer", reason: "CONSTRAINT" });
  expect(checked?.cells.slice(4, 7)).toEqual([
    "false",
    Buffer.from("eccbc87e4b5ce2fe28308fd9f2a7baf3", "hex"),
    "你好🦥",
  ]);
  expect(found.dirty.filter(({ reason }) => reason === "NOT_NULL")).toHaveLength(120);
  expect(await printed(to)).toEqual(await printed("given", "id <= 600 AND id % 500 <> 3 AND t IS NOT NULL"));
});

test("Columns that hold less, or other zones, are looked at cell by cell as ever", async () => {
  const narrow = await bed.table(body.replace("numeric(10,2)", "numeric(10,1)"));
  const found = await copied(narrow, { reader: { where: "id <= 70" } });
  expect(wentNative(found)).toBe(0);
  // Of i / 7 with two digits, only every seventh has none behind the first.
  expect(found.dirty.every(({ column, reason }) => column === "n" && reason === "CONVERSION")).toBe(true);
  expect(found.dirty.length + (await printed(narrow)).length).toBe(70);
  expect(found.dirty.length).toBeGreaterThan(50);
});
