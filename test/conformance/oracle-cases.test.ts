import { expect } from "vitest";
import { oracle } from "../../shared/connectors/oracle/index.js";
import { oracleUrl, scratchOracle } from "../servers/scratch-oracle.js";
import { sqlCases } from "./sql-cases.js";
import { badOrders } from "./sql-dirty-cases.js";
import type { SqlKey } from "./sql-fixture.js";

/** What the tests' server has no arithmetic for is tried on a server of one's own. */
const onlyThere: readonly SqlKey[] = [
  { name: "decimals", columns: ["id NUMBER(20,4)"], literals: (n) => `${n} / 7 - 300` },
  { name: "dates before Christ", columns: ["id DATE"], literals: (n) => `DATE '0002-01-01' - ${n}` },
];

const keys: readonly SqlKey[] = [
  {
    ...{
      name: "timestamps",
      columns: ["id TIMESTAMP(3)"],
      literals: (n) => `TIMESTAMP '2024-01-01 00:00:0${Math.floor(n / 1000)}.${String(n % 1000).padStart(3, "0")}'`,
    },
    displayedBy: "REPLACE(TO_CHAR(id, 'YYYY-MM-DD HH24:MI:SS.FF3 BC'), ' AD')",
  },
  {
    ...{
      name: "dates",
      columns: ["id DATE"],
      literals: (n) => `DATE '${new Date(Date.UTC(2000, 0, n)).toISOString().slice(0, 10)}'`,
    },
    displayedBy: "REPLACE(TO_CHAR(id, 'YYYY-MM-DD HH24:MI:SS BC'), ' AD')",
  },
  {
    ...{ name: "bytes", columns: ["id RAW(16)"], displayedBy: "LOWER(RAWTOHEX(id))" },
    literals: (n) => `HEXTORAW('${Buffer.from([n & 255, n >> 8, 7]).toString("hex")}')`,
  },
  {
    ...{ name: "text beyond ASCII", columns: ["id VARCHAR2(40 CHAR)"] },
    literals: (n) => `'${["ä", "Z", "é", "你", "🦥", "''"][n % 6]}-${n}'`,
  },
];

sqlCases(oracle, scratchOracle, {
  types: { integer: "NUMBER(19)", text: "VARCHAR2(40)", long: "VARCHAR2(700)" },
  keys: oracleUrl === undefined ? keys : [...keys, ...onlyThere],
  notes: [expect.stringMatching(/^Oracle has no empty texts: they become NULL in NAME/)],
  dirt: {
    declaration: "id NUMBER(9) PRIMARY KEY, name VARCHAR2(20) NOT NULL, day DATE, amount NUMBER(6,2)",
    bad: [...badOrders, [["100007", "", null, null], "NOT_NULL"]],
  },
  inserts: { insert: {}, "insert with defaults for nulls": { nullMode: "skipNull" } },
  upserts: {
    replace: { writeMode: "replace" },
    update: { writeMode: "update" },
    ignore: { writeMode: "insert ignore" },
  },
  ...(oracleUrl === undefined
    ? { blocksReaders: "the tests' server has one state, which everybody sees at once" }
    : {}),
});
