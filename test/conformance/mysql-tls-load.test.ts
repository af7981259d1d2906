import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectMysql } from "../../shared/connectors/mysql/client.js";
import { mysqlSourceSchema } from "../../shared/connectors/mysql/source.js";
import { startDeadline } from "../../shared/model/overdue.js";
import { patience } from "../servers/pace.mjs";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";

let database: ScratchDatabase;
beforeAll(async () => {
  database = await scratchDatabase();
  await database.query("CREATE TABLE t (id INT, v VARCHAR(200))");
});
afterAll(() => database.drop());

const CONNECTIONS = 8;
const LOADS = 12;
const row = (i: number) => `${i}\t${"x".repeat(100)}\n`;

/** Data of one to six packets: its end has another number in the sequence each time. */
function data(turn: number): { bytes: Buffer; rows: number } {
  const rows = 500 + 600 * ((turn * 7) % 6);
  return { bytes: Buffer.from(Array.from({ length: rows }, (_, i) => row(i)).join("")), rows };
}

describe("LOAD DATA LOCAL over many connections at once", () => {
  it("ends on each of them, over TLS where the server has it", { timeout: patience(90_000) }, async () => {
    const source = mysqlSourceSchema.parse({ ...database.source });
    const { signal, clear } = startDeadline(patience(60_000));
    const [[, hasTls = "YES"] = []] = await database.query("SHOW VARIABLES LIKE 'have_ssl'");
    let loaded = 0;
    let turn = 0;
    const work = async () => {
      const client = await connectMysql(source, { use: "write", signal });
      if (hasTls === "YES") expect(client.encryption).toMatch(/^TLS/);
      for (let i = 0; i < LOADS; i++) {
        const { bytes, rows } = data(turn++);
        const { affectedRows } = await client.execute("LOAD DATA LOCAL INFILE 'x' INTO TABLE t", bytes);
        expect(affectedRows).toBe(rows);
        loaded += rows;
      }
      await client.close();
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, work));
    clear();
    expect(await database.query("SELECT COUNT(*) FROM t")).toEqual([[String(loaded)]]);
  });
});
