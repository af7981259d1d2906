import { db2 } from "../../shared/connectors/db2/index.js";
import { db2Url, scratchDb2 } from "../servers/scratch-db2.js";
import type { Scratch, TestRow } from "./fixture.js";
import { conformance } from "./suite.js";

const declaration = `"id" BIGINT NOT NULL PRIMARY KEY, "name" VARCHAR(4000), "amount" DECIMAL(31,10), "at" TIMESTAMP(6), "raw" VARBINARY(2000)`;
const column = ["id", "name", "amount", "at", "raw"];

async function db2Fixture(): Promise<Scratch> {
  const schema = await scratchDb2();
  const { source, connections } = schema;
  await schema.run(`CREATE TABLE ${schema.name()} (A INTEGER)`);
  const make = async (extra = "") => {
    const name = schema.name();
    await schema.run(`CREATE TABLE ${name} (${declaration}${extra})`);
    return name;
  };
  return {
    source,
    wrongPassword: { ...source, password: "not-the-secret" },
    closedPort: { ...source, port: 1 },
    failing: { "an unknown database": { ...source, database: "NOSUCHDB" } },
    missing: {
      table: "NO_SUCH_TABLE",
      reader: { table: "NO_SUCH_TABLE", column },
      writer: { table: "NO_SUCH_TABLE", column },
    },
    async fill(rows) {
      const table = await make();
      await schema.runMany(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?)`, rows);
      return { table, column };
    },
    async target() {
      const table = await make(`, CHECK ("id" <> 1001001)`);
      return {
        parameter: { table, column },
        rows: async () => {
          const found = await schema.run(
            `SELECT VARCHAR("id"), "name", VARCHAR("amount"), VARCHAR_FORMAT("at", 'YYYY-MM-DD HH24:MI:SS.FF6'), HEX("raw") FROM ${table} ORDER BY "id"`,
          );
          return found.map(([id, name = null, amount = null, at = null, raw]): TestRow => {
            return [String(id), name, amount, at, raw == null ? null : Buffer.from(raw, "hex")];
          });
        },
        refused: { row: ["1001000", "x".repeat(4001), "1", null, null], column: "name" },
      };
    },
    ...(connections ? { connections: async () => connections() } : {}),
    close: schema.close,
  };
}

conformance(db2, db2Fixture, {
  modes: [
    { name: "insert", parameter: {} },
    { name: "replace", parameter: { writeMode: "replace" } },
    { name: "update", parameter: { writeMode: "update" } },
    { name: "insert with defaults for nulls", parameter: { nullMode: "skipNull" } },
  ],
  unsupported: {
    decimal38: "a DECIMAL of DB2 has 31 digits",
    ...(db2Url === undefined ? { zeroByte: "the tests' engine keeps texts up to a zero byte" } : {}),
  },
});
