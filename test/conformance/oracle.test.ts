import { oracle } from "../../shared/connectors/oracle/index.js";
import { oracleUrl, scratchOracle } from "../servers/scratch-oracle.js";
import type { Scratch, TestRow } from "./fixture.js";
import { conformance } from "./suite.js";

const declaration = `"id" NUMBER(19) PRIMARY KEY, "name" VARCHAR2(2000 CHAR), "amount" NUMBER(38,10), "at" TIMESTAMP(6), "raw" RAW(2000)`;
const column = ["id", "name", "amount", "at", "raw"];
const insert = (table: string) =>
  `INSERT INTO ${table} VALUES (TO_NUMBER(:1), :2, TO_NUMBER(:3), TO_TIMESTAMP(:4, 'SYYYY-MM-DD HH24:MI:SS.FF9'), :5)`;

async function oracleFixture(): Promise<Scratch> {
  const schema = await scratchOracle();
  const { source, server } = schema;
  await schema.run(`CREATE TABLE ${schema.name()} (a NUMBER(5))`);
  const make = async (extra = "") => {
    const name = schema.name();
    await schema.run(`CREATE TABLE ${name} (${declaration}${extra})`);
    return name;
  };
  return {
    source,
    wrongPassword: { ...source, password: "not-the-secret" },
    closedPort: { ...source, port: 1 },
    failing: { "an unknown service": { ...source, database: "no_such_service" } },
    missing: {
      table: "NO_SUCH_TABLE",
      reader: { table: "NO_SUCH_TABLE", column },
      writer: { table: "NO_SUCH_TABLE", column },
    },
    async fill(rows) {
      const table = await make();
      for (let from = 0; from < rows.length; from += 1_000) {
        const some = rows.slice(from, from + 1_000);
        await schema.runMany(
          insert(table),
          some.map(([id, name, amount, at, raw]) => [id, name, amount, at && withFraction(at), raw]),
        );
      }
      return { table, column };
    },
    async target() {
      const table = await make(`, CHECK ("id" <> 1001001)`);
      return {
        parameter: { table, column },
        rows: async () => {
          const found = await schema.run(
            `SELECT "id", "name", "amount", REPLACE(TO_CHAR("at", 'YYYY-MM-DD HH24:MI:SS.FF6 BC'), ' AD'), RAWTOHEX("raw") FROM ${table} ORDER BY "id"`,
          );
          return found.map(([id, name = null, amount = null, at = null, raw]): TestRow => {
            return [String(id), name, amount, at, raw == null ? null : Buffer.from(raw, "hex")];
          });
        },
        refused: { row: ["1001000", "x".repeat(2001), "1", null, null], column: "name" },
      };
    },
    ...(server ? { connections: async () => server.connections() } : {}),
    close: schema.close,
  };
}

function withFraction(cell: string | Buffer): string {
  const text = cell.toString();
  return text.includes(".") ? text : `${text}.0`;
}

conformance(oracle, oracleFixture, {
  modes: [
    { name: "insert", parameter: {} },
    { name: "replace", parameter: { writeMode: "replace" } },
    { name: "update", parameter: { writeMode: "update" } },
    { name: "insert with defaults for nulls", parameter: { nullMode: "skipNull" } },
  ],
  unsupported: {
    emptyString: "Oracle has no empty texts: they are NULL",
    ...(oracleUrl === undefined ? { zeroByte: "the tests' server keeps texts up to a zero byte" } : {}),
  },
});
