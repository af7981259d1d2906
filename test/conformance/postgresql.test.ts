import { postgresql } from "../../shared/connectors/postgresql/index.js";
import { scratchPostgres } from "../servers/scratch-postgres.js";
import type { Scratch, TestRow } from "./fixture.js";
import { conformance } from "./suite.js";

const declaration = "id BIGINT PRIMARY KEY, name VARCHAR(2000), amount NUMERIC(38,10), at TIMESTAMP(6), raw BYTEA";
const column = ["id", "name", "amount", "at", "raw"];

async function postgresqlFixture(): Promise<Scratch> {
  const database = await scratchPostgres();
  const { source } = database;
  let made = 0;
  const make = async (extra = "") => {
    const name = `t${++made}`;
    await database.query(
      `CREATE TABLE ${name} (${declaration}${extra}); ALTER TABLE ${name} OWNER TO ${source.username}`,
    );
    return name;
  };
  await database.query(`GRANT ALL ON SCHEMA public TO ${source.username}`);
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
      const cells = column.map((_, at) =>
        rows.map((row) => {
          const cell = row[at] ?? null;
          return Buffer.isBuffer(cell) ? `\\x${cell.toString("hex")}` : cell;
        }),
      );
      const types = ["bigint", "text", "numeric", "timestamp", "bytea"].map((type, at) => `$${at + 1}::${type}[]`);
      await database.texts(`INSERT INTO ${table} SELECT * FROM unnest(${types.join(", ")})`, cells);
      return { table, column };
    },
    async target() {
      const table = await make(", CHECK (id <> 1001001)");
      return {
        parameter: { table, column },
        rows: async () => {
          const found = await database.texts(
            `SELECT id, name, amount, at, encode(raw, 'hex') FROM ${table} ORDER BY id`,
          );
          return found.map(([id, name = null, amount = null, at = null, raw = null]): TestRow => {
            return [String(id), name, amount, at, raw === null ? null : Buffer.from(raw, "hex")];
          });
        },
        refused: { row: ["1001000", "x".repeat(2001), "1", null, null], column: "name" },
      };
    },
    connections: async () => {
      const found = await database.texts(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sluice'",
      );
      return Number(found[0]?.[0]);
    },
    close: () => database.drop(),
  };
}

conformance(postgresql, postgresqlFixture, {
  modes: [
    { name: "insert", parameter: {} },
    { name: "replace", parameter: { writeMode: "replace" } },
    { name: "update", parameter: { conflictMode: "update", conflictColumn: ["id"] } },
    { name: "insert without COPY", parameter: { writeMode: "insert", nullMode: "skipNull" } },
  ],
  unsupported: { zeroByte: "text of PostgreSQL holds no zero byte" },
});
