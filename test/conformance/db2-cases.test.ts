import { db2 } from "../../shared/connectors/db2/index.js";
import { db2Url, scratchDb2 } from "../servers/scratch-db2.js";
import { sqlCases } from "./sql-cases.js";
import { badOrders } from "./sql-dirty-cases.js";
import type { SqlKey } from "./sql-fixture.js";

/** What the tests' engine has no arithmetic for is tried on a server of one's own. */
const onlyThere: readonly SqlKey[] = [
  { name: "decimals", columns: ["id DECIMAL(20,4) NOT NULL"], literals: (n) => `DECIMAL(${n}, 20, 4) / 7 - 300` },
];

const keys: readonly SqlKey[] = [
  {
    ...{ name: "dates", columns: ["id DATE NOT NULL"], displayedBy: "CHAR(id, ISO)" },
    literals: (n) => `'${new Date(Date.UTC(2000, 0, n)).toISOString().slice(0, 10)}'`,
  },
  {
    ...{ name: "text beyond ASCII", columns: ["id VARCHAR(40) NOT NULL"] },
    literals: (n) => `'${["ä", "Z", "é", "你", "🦥", "''"][n % 6]}-${n}'`,
  },
];

sqlCases(db2, scratchDb2, {
  types: { integer: "BIGINT", text: "VARCHAR(40)", long: "VARCHAR(700)" },
  keys: db2Url === undefined ? keys : [...keys, ...onlyThere],
  dirt: {
    declaration: "id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL, day DATE, amount DECIMAL(6,2)",
    bad: badOrders,
  },
  inserts: { insert: {}, "insert with defaults for nulls": { nullMode: "skipNull" } },
  upserts: {
    replace: { writeMode: "replace" },
    update: { writeMode: "update" },
    ignore: { writeMode: "insert ignore" },
  },
  ...(db2Url === undefined ? { blocksReaders: "the tests' engine has one state, which everybody sees at once" } : {}),
});
