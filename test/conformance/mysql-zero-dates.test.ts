import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysql } from "../../shared/connectors/mysql/index.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { batchesOf, planned, recordsOf, sideOf, splitRefOf } from "./drive.js";

const reader = mysql.reader!;
const writer = mysql.writer!;
const columns = "id INT PRIMARY KEY, d DATE, dt DATETIME(3), ts TIMESTAMP NULL, t TIME, v VARCHAR(30)";
let database: ScratchDatabase;

beforeAll(async () => {
  database = await scratchDatabase();
  await database.query("SET sql_mode = ''");
  for (const table of ["zero", "copy"]) await database.query(`CREATE TABLE ${table} (${columns})`);
  await database.query(`INSERT INTO zero VALUES
    (1, '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '00:00:00', '0000-00-00'),
    (2, '2024-00-00', '2024-05-00 00:00:00', '2024-05-06 01:02:03', '01:00:00', NULL),
    (3, NULL, '2024-05-06 01:02:03.5', NULL, NULL, 'x')`);
});
afterAll(() => database.drop());

const { host, port } = { host: "h", port: 3306 };
const side = (source: JsonObject) => sideOf(mysql, reader.params, source, { table: "zero", column: ["*"] });

describe("zero dates", () => {
  test("go from table to table and into text as they are", async () => {
    const from = side({ ...database.source });
    const target = sideOf(mysql, writer.params, database.source, { table: "copy", column: ["*"] });
    const given = await reader.columns(from);
    const prepared = await writer.prepare(target, { runId: "zero", exactlyOnce: false, columns: given });
    const session = await writer.open(target, splitRefOf(prepared, given, [], { runId: "zero" }));
    for (const split of await planned(reader, from, 1)) {
      for (const batch of await batchesOf(reader, from, split)) await session.write(batch);
    }
    await session.close();
    const all = "SELECT id, CAST(d AS CHAR), CAST(dt AS CHAR), CAST(ts AS CHAR), t, v FROM";
    expect(await database.query(`${all} copy ORDER BY id`)).toEqual(await database.query(`${all} zero ORDER BY id`));
    expect((await recordsOf(reader, from))[0]?.slice(1, 3)).toEqual(["0000-00-00", "0000-00-00 00:00:00.000"]);
  });

  test("are null when the source asks for that, with a time of day as well", async () => {
    for (const word of ["convertToNull", "CONVERT_TO_NULL"]) {
      const records = await recordsOf(reader, side({ ...database.source, properties: { zeroDateTimeBehavior: word } }));
      expect(records.map((row) => row.slice(1))).toEqual([
        [null, null, null, "00:00:00", "0000-00-00"],
        ["2024-00-00", "2024-05-00 00:00:00.000", expect.stringContaining("2024-05-06"), "01:00:00", null],
        [null, "2024-05-06 01:02:03.500", null, null, "x"],
      ]);
    }
  });

  test("are so by the option of a JDBC URL, a DataX job's included; other words of it leave them", () => {
    const url = (behaviour: string) => `jdbc:mysql://${host}:${port}/d?zeroDateTimeBehavior=${behaviour}&useSSL=false`;
    const parsed = (behaviour: string) =>
      mysql.source.schema.parse({ jdbcUrl: url(behaviour), username: "u" }).nullsZeroDates;
    expect(["convertToNull", "CONVERT_TO_NULL", "round", "EXCEPTION"].map(parsed)).toEqual([true, true, false, false]);
    const connection = [{ table: ["t"], jdbcUrl: [url("convertToNull")] }];
    const taken = mysql.source.fromInline?.({ username: "u", password: "p", column: ["*"], connection });
    expect(mysql.source.schema.parse(taken?.sources.inline_1).nullsZeroDates).toBe(true);
  });
});
