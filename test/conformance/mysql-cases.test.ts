import { mysql } from "../../shared/connectors/mysql/index.js";
import { scratchDatabase } from "../servers/scratch-mysql.js";
import { sqlCases } from "./sql-cases.js";
import { badOrders } from "./sql-dirty-cases.js";
import type { SqlKey, SqlScratch } from "./sql-fixture.js";

async function mysqlScratch(): Promise<SqlScratch> {
  const database = await scratchDatabase();
  return {
    source: database.source,
    async run(sql) {
      const rows = await database.query(sql);
      // What it estimates is of what it has looked at.
      const filled = /^INSERT INTO (case_\d+) VALUES/.exec(sql)?.[1];
      if (filled) await database.query(`ANALYZE TABLE ${filled}`);
      return rows.map((row) => row.map((cell) => cell?.toString() ?? null));
    },
    close: database.drop,
  };
}

const keys: readonly SqlKey[] = [
  { name: "decimals", columns: ["id DECIMAL(20,4)"], literals: (n) => `${n} / 7 - 300` },
  { name: "datetimes", columns: ["id DATETIME(3)"], literals: (n) => `'2024-01-01' + INTERVAL ${n} SECOND` },
  {
    ...{ name: "dates with a zero date", columns: ["id DATE"] },
    literals: (n) => (n === 1 ? "'0000-00-00'" : `'2001-01-01' + INTERVAL ${n} DAY`),
  },
  { name: "times", columns: ["id TIME(2)"], literals: (n) => `SEC_TO_TIME(${n * 100 - 300_000})` },
  { name: "timestamps", columns: ["id TIMESTAMP(1)"], literals: (n) => `FROM_UNIXTIME(${1_700_000_000 + n})` },
  {
    ...{ name: "text without case", columns: ["id VARCHAR(40) COLLATE utf8mb4_unicode_ci"] },
    literals: (n) => `'${n % 2 ? "Key-" : "kEY-"}${n}'`,
  },
  {
    ...{ name: "text in binary order", columns: ["id VARCHAR(40) COLLATE utf8mb4_bin"] },
    literals: (n) => `LEFT(SHA2(${n}, 256), 32)`,
  },
  {
    ...{ name: "text beyond ASCII", columns: ["id VARCHAR(40)"], isEven: false },
    literals: (n) => `CONCAT(ELT(1 + ${n} % 6, 'ä', 'Z', 'é', '你', '🦥', ''''), '\\\\', ${n})`,
  },
  {
    ...{ name: "latin1 text", columns: ["id VARCHAR(40) CHARACTER SET latin1"], isEven: false },
    literals: (n) => `CONCAT(ELT(1 + ${n} % 3, 'ä', 'Z', 'é'), ${n})`,
  },
  {
    ...{ name: "bytes", columns: ["id BINARY(16)"], displayedBy: "LOWER(HEX(id))" },
    literals: (n) => `UNHEX(LEFT(SHA2(${n}, 256), 32))`,
  },
  { name: "years", columns: ["id YEAR", "no INT"], literals: (n) => `${1990 + (n % 30)}, ${n}` },
];

sqlCases(mysql, mysqlScratch, {
  types: { integer: "BIGINT", text: "VARCHAR(40)", long: "VARCHAR(700)" },
  keys,
  dirt: {
    declaration: "id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, day DATE, amount DECIMAL(6,2)",
    bad: badOrders,
  },
  inserts: { "LOAD DATA": {}, INSERT: { nullMode: "skipNull" } },
  upserts: {
    replace: { writeMode: "replace" },
    update: { writeMode: "update" },
    ignore: { writeMode: "insert ignore" },
  },
});
