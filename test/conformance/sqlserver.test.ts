import { sqlserver } from "../../shared/connectors/sqlserver/index.js";
import { hasSqlserver, scratchSqlserver } from "../servers/scratch-sqlserver.js";
import type { Scratch, TestRow } from "./fixture.js";
import { conformance } from "./suite.js";

const declaration =
  "id bigint PRIMARY KEY, name nvarchar(2000), amount decimal(38,10), at datetime2(6), raw varbinary(max)";
const column = ["id", "name", "amount", "at", "raw"];

function literal(cell: TestRow[number]): string {
  if (cell === null) return "NULL";
  return Buffer.isBuffer(cell) ? `0x${cell.toString("hex")}` : `N'${cell.replaceAll("'", "''")}'`;
}

async function sqlserverFixture(): Promise<Scratch> {
  const database = await scratchSqlserver();
  const { source } = database;
  let made = 0;
  const make = async (extra = "") => {
    const table = `t${++made}`;
    await database.run(`CREATE TABLE ${table} (${declaration}${extra})`);
    return table;
  };
  return {
    source,
    wrongPassword: { ...source, password: "not-the-secret" },
    closedPort: { ...source, port: 1 },
    failing: { "an unknown database": { ...source, database: "no_such_database" } },
    missing: {
      table: "no_such_table",
      reader: { table: "no_such_table", column },
      writer: { table: "no_such_table", column },
    },
    async fill(rows) {
      const table = await make();
      for (let from = 0; from < rows.length; from += 1_000) {
        const values = rows.slice(from, from + 1_000).map((row) => `(${row.map(literal).join(", ")})`);
        await database.run(`INSERT INTO ${table} VALUES ${values.join(", ")}`);
      }
      return { table, column };
    },
    async target() {
      const table = await make(", CHECK (id <> 1001001)");
      return {
        parameter: { table, column },
        rows: async () => {
          const found = await database.run(
            `SELECT id, name, CONVERT(varchar(41), amount), CONVERT(varchar(30), at, 121), raw FROM ${table} ORDER BY id`,
          );
          return found.map(([id, name = null, amount = null, at = null, raw = null]): TestRow => {
            return [String(id), name, amount, at, raw === null ? null : Buffer.from(raw, "hex")];
          });
        },
        refused: { row: ["1001000", "x".repeat(2001), "1", null, null], column: "name" },
      };
    },
    connections: database.connections,
    close: database.close,
  };
}

conformance(sqlserver, sqlserverFixture, {
  modes: [
    { name: "insert", parameter: {} },
    { name: "replace", parameter: { writeMode: "replace" } },
    { name: "update", parameter: { writeMode: "upsert", conflictMode: "replace", uniqueIndexColumns: ["id"] } },
    { name: "insert without bulk load", parameter: { nullMode: "skipNull" } },
  ],
  unsupported: hasSqlserver()
    ? {}
    : { zeroByte: "no SQL Server is there; the engine behind the stand-in reads texts up to a zero byte" },
});
