import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysql } from "../../shared/connectors/mysql/index.js";
import type { Cell, Column } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type MysqlServer, mysqlUrl, startMariadb, urlVariable } from "../servers/mariadb.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { sideOf, writeAll } from "./drive.js";

const sha1 = (data: string | Buffer) => createHash("sha1").update(data).digest("hex");
const writer = mysql.writer!;
const kinds: Column[] = [
  { name: "id", type: "long" },
  { name: "name", type: "string" },
  { name: "raw", type: "bytes" },
];
const ways: [string, JsonObject][] = [
  ["LOAD DATA", {}],
  ["INSERT", { nullMode: "skipNull" }],
  ["REPLACE", { writeMode: "replace" }],
  ["update", { writeMode: "update" }],
  ["insert ignore", { writeMode: "insert ignore" }],
];

// A server of its own: the limit is one of the whole server.
describe.skipIf(process.env[urlVariable])("rows near max_allowed_packet, 1 MB", () => {
  let server: MysqlServer;
  let database: ScratchDatabase;
  beforeAll(async () => {
    server = await startMariadb(["--max-allowed-packet=1048576", "--innodb-strict-mode=OFF", "--local-infile=1"]);
    database = await scratchDatabase(mysqlUrl(server));
  });
  afterAll(async () => {
    await database.drop();
    await server.stop();
  });

  test.each(ways)(
    "%s: what is larger is dirty with its size, what is smaller arrives whatever it is made of",
    async (way, extra) => {
      const table = `t_${way.replaceAll(" ", "_")}`;
      await database.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, name LONGTEXT, raw LONGBLOB)`);
      const part = Array.from({ length: 60 }, (_, i): Cell[] => [
        String(i),
        i < 8 ? "y".repeat(300_000) : "small",
        null,
      ]);
      const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, i) => i & 255));
      const text = "ü\\ 'quoted' \n\t\0😀".repeat(35_000);
      part[20] = ["20", "x".repeat(1_100_000), null];
      part[30] = ["30", null, bytes];
      part[40] = ["40", text, Buffer.alloc(0)];
      part[50] = ["50", "z".repeat(600_000), bytes];
      part[59] = ["59", "€".repeat(400_000), null];
      const side = sideOf(mysql, writer.params, database.source, { table, column: ["*"], ...extra });
      const { dirty, durable } = await writeAll(writer, side, kinds, [part.slice(0, 35), part.slice(35)], {
        runId: table,
      });
      expect(dirty.map(({ reason, message, key }) => [reason, key, /(\d+) bytes/.exec(message)?.[1]])).toEqual([
        ["TOO_LARGE", "20", "1100002"],
        ["TOO_LARGE", "50", "1300002"],
        ["TOO_LARGE", "59", "1200002"],
      ]);
      expect(durable?.counters).toMatchObject({ read: 60, written: 57, dirty: 3 });
      expect(await database.query(`SELECT COUNT(*), SUM(LENGTH(name) = 300000) FROM ${table}`)).toEqual([["57", "8"]]);
      expect(await database.query(`SELECT SHA1(raw) FROM ${table} WHERE id = 30`)).toEqual([[sha1(bytes)]]);
      expect(await database.query(`SELECT SHA1(name), LENGTH(raw) FROM ${table} WHERE id = 40`)).toEqual([
        [sha1(text), "0"],
      ]);
    },
  );

  test.each(ways)("%s: a row that the engine has no room for is dirty alone", async (way, extra) => {
    const table = `page_${way.replaceAll(" ", "_")}`;
    const names = Array.from({ length: 20 }, (_, i) => `c${i}`);
    const body = names.map((name) => `${name} VARCHAR(800)`).join(", ");
    await database.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, ${body}) ENGINE = InnoDB ROW_FORMAT = COMPACT`);
    const columns: Column[] = [kinds[0]!, ...names.map((name): Column => ({ name, type: "string" }))];
    const part = Array.from({ length: 40 }, (_, i): Cell[] => [
      String(i),
      ...names.map(() => (i === 17 ? "x".repeat(760) : "small")),
    ]);
    const side = sideOf(mysql, writer.params, database.source, { table, column: ["*"], ...extra });
    const { dirty, durable } = await writeAll(writer, side, columns, [part], { runId: table });
    expect(dirty.map(({ reason, key }) => [reason, key])).toEqual([["TOO_LARGE", "17"]]);
    expect(durable?.counters).toMatchObject({ written: 39, dirty: 1 });
  });
});
