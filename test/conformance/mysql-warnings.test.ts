import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { mysql } from "../../shared/connectors/mysql/index.js";
import type { Column } from "../../shared/model/batch.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { sideOf, writeAll } from "./drive.js";

const writer = mysql.writer!;
let database: ScratchDatabase;

beforeAll(async () => {
  database = await scratchDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  await database.query("DROP TABLE IF EXISTS t");
});

const columns: Column[] = [
  { name: "id", type: "long" },
  { name: "s", type: "string" },
];
/** What MariaDB refuses in a strict session, MySQL only warns of: here bytes that no one has compressed. */
async function table(engine: string): Promise<void> {
  const unpacked = "u LONGBLOB AS (IF(LEFT(s, 3) = 'bad', UNCOMPRESS(s), NULL)) STORED";
  await database.query(`CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(40), ${unpacked}) ENGINE = ${engine}`);
}

const rows = Array.from({ length: 400 }, (_, i) => [String(i), i % 150 === 7 ? "bad data" : "good"]);
const wrong = ["157", "307", "7"];

async function write(writeMode: string) {
  const session = ["SET max_error_count = 0"];
  const side = sideOf(mysql, writer.params, database.source, { table: "t", column: ["id", "s"], writeMode, session });
  return writeAll(writer, side, columns, [rows]);
}

test.each([["insert"], ["replace"], ["update"], ["insert ignore"]])(
  "what the server bends in mode %s and only warns of is dirty with the warning, and taken back",
  async (writeMode) => {
    await table("InnoDB");
    const { dirty, durable } = await write(writeMode);
    expect(dirty.map(({ cells }) => cells[0]).sort()).toEqual(wrong);
    for (const { message } of dirty) expect(message).toMatch(/uncompressed|ZLIB/i);
    expect(durable?.counters).toMatchObject({ read: 400, written: 397, dirty: 3 });
    expect(await database.query("SELECT COUNT(*), SUM(s <> 'good') FROM t")).toEqual([["397", "0"]]);
  },
);

test("what a table without transactions keeps all the same is said with the dirty record", async () => {
  await table("MyISAM");
  const { dirty } = await write("insert");
  expect(dirty.map(({ cells }) => cells[0]).sort()).toEqual(wrong);
  const [[kept]] = (await database.query("SELECT COUNT(*) FROM t WHERE s <> 'good'")) as [[string]];
  expect(dirty.filter(({ message }) => /the record stays there/.test(message))).toHaveLength(Number(kept));
});
