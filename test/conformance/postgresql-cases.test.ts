import { postgresql } from "../../shared/connectors/postgresql/index.js";
import { scratchPostgres } from "../servers/scratch-postgres.js";
import { sqlCases } from "./sql-cases.js";
import { badOrders } from "./sql-dirty-cases.js";
import type { SqlKey, SqlScratch } from "./sql-fixture.js";

async function postgresqlScratch(): Promise<SqlScratch> {
  const database = await scratchPostgres();
  await database.query(`SET ROLE ${database.source.username}`);
  return { source: database.source, run: (sql) => database.texts(sql), close: database.drop };
}

const keys: readonly SqlKey[] = [
  { name: "decimals", columns: ["id NUMERIC(20,4)"], literals: (n) => `${n} / 7.0 - 300` },
  { name: "timestamps", columns: ["id TIMESTAMP(3)"], literals: (n) => `timestamp '2024-01-01' + interval '${n} s'` },
  { name: "dates before Christ", columns: ["id DATE"], literals: (n) => `date '0002-01-01' - ${n}` },
  { name: "uuids", columns: ["id UUID"], literals: (n) => `md5('${n}')::uuid` },
  {
    ...{ name: "text in a collation of its own", columns: ['id VARCHAR(40) COLLATE "und-x-icu"'] },
    literals: (n) => `(ARRAY['ä', 'Z', 'é', '你', '🦥', ''''])[${1 + (n % 6)}] || '\\' || ${n}`,
  },
  { name: "blank padded text", columns: ["id CHAR(40)"], literals: (n) => `'k${n}'` },
  {
    name: "bytes",
    columns: ["id BYTEA"],
    displayedBy: "encode(id, 'hex')",
    literals: (n) => `decode(md5('${n}'), 'hex')`,
  },
];

sqlCases(postgresql, postgresqlScratch, {
  types: { integer: "BIGINT", text: "VARCHAR(40)", long: "VARCHAR(700)" },
  keys,
  dirt: {
    declaration: "id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, day DATE, amount NUMERIC(6,2)",
    bad: badOrders,
  },
  inserts: { COPY: {}, INSERT: { nullMode: "skipNull" } },
  upserts: {
    replace: { writeMode: "replace" },
    update: { writeMode: "update" },
    ignore: { writeMode: "ignore" },
  },
});
