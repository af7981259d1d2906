import { mysql } from "../../shared/connectors/mysql/index.js";
import { scratchDatabase } from "../servers/scratch-mysql.js";
import type { Scratch, TestRow } from "./fixture.js";
import { conformance } from "./suite.js";

const declaration = `id BIGINT PRIMARY KEY, name VARCHAR(2000), amount DECIMAL(38,10), at DATETIME(6), raw LONGBLOB`;
const column = ["id", "name", "amount", "at", "raw"];

async function mysqlFixture(): Promise<Scratch> {
  const database = await scratchDatabase();
  const other = await scratchDatabase();
  let made = 0;
  const make = async (extra = "") => {
    const name = `t${++made}`;
    await database.query(`CREATE TABLE ${name} (${declaration}${extra})`);
    return name;
  };
  return {
    source: database.source,
    wrongPassword: { ...database.source, password: "not-the-secret" },
    closedPort: { ...database.source, port: 1 },
    failing: { "an unknown database": { ...database.source, database: "no_such_database" } },
    missing: {
      table: "no_such_table",
      reader: { table: "no_such_table", column },
      writer: { table: "no_such_table", column },
    },
    async fill(rows) {
      const table = await make();
      for (let i = 0; i < rows.length; i += 1_000) {
        await database.connection.query(`INSERT INTO ${table} VALUES ?`, [rows.slice(i, i + 1_000)]);
      }
      return { table, column };
    },
    async target() {
      const table = await make(", CHECK (id <> 1001001)");
      return {
        parameter: { table, column },
        rows: async () => {
          const found = await database.query(`SELECT id, name, amount, at, HEX(raw) FROM ${table} ORDER BY id`);
          return found.map(([id, name, amount, at, raw]): TestRow => {
            const text = (cell: unknown) => (cell === null || cell === undefined ? null : String(cell));
            const bytes = raw === null || raw === undefined ? null : Buffer.from(String(raw), "hex");
            return [String(id), text(name), text(amount), text(at), bytes];
          });
        },
        refused: { row: ["1001000", "x".repeat(2001), "1", null, null], column: "name" },
      };
    },
    connections: async () => {
      const sql = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = ?";
      return Number((await other.query(sql, [database.name]))[0]?.[0]);
    },
    async close() {
      await database.drop();
      await other.drop();
    },
  };
}

conformance(mysql, mysqlFixture, {
  modes: [
    { name: "insert", parameter: { writeMode: "insert" } },
    { name: "replace", parameter: { writeMode: "replace" } },
    { name: "update", parameter: { writeMode: "update" } },
    { name: "insert without LOAD DATA", parameter: { writeMode: "insert", nullMode: "skipNull" } },
  ],
});
