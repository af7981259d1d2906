import type { LedgerSql } from "../sql/write/ledger.js";
import { type SqlWriting, standardTransactions } from "../sql/write/system.js";
import type { MysqlClient } from "./connection.js";
import { insertInPieces } from "./insert-in-pieces.js";
import { mysqlCellLiteral, mysqlInsertParts } from "./insert-sql.js";
import { judgedInsert } from "./judged-insert.js";
import { loadData } from "./load-data.js";
import { mysqlRefusalOf, rowOf } from "./refusal.js";
import { mysqlRuleOfPair } from "./rule-of-pair.js";
import { mysqlStatements } from "./statement-rules.js";
import { mysqlTableName } from "./table-info.js";
import { mysqlTarget } from "./target-column.js";
import type { MysqlTypes } from "./types.js";

const text = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

const ledger: LedgerSql = {
  create: ({ table, run, split, attempt, checkpoint }) => `CREATE TABLE IF NOT EXISTS ${table} (
    ${run} VARCHAR(128) ${text} NOT NULL, ${split} INT NOT NULL, ${attempt} INT NOT NULL, ${checkpoint} LONGTEXT ${text},
    PRIMARY KEY (${run}, ${split})) ENGINE = InnoDB
    COMMENT = 'Sluice: how far a running job has written; empty when none runs'`,
  claim: ({ table, run, split, attempt }, values) =>
    `INSERT INTO ${table} (${run}, ${split}, ${attempt}) VALUES (${values.run}, ${values.split}, ${values.attempt})
      ON DUPLICATE KEY UPDATE ${attempt} = GREATEST(${attempt}, VALUES(${attempt}))`,
  hold: " FOR UPDATE",
};

/** How MySQL is written. */
export const mysqlWriting: SqlWriting<MysqlTypes> = {
  statements: mysqlStatements,
  transactions: {
    ...standardTransactions,
    ...{ enter: "SET autocommit = 0", commit: "COMMIT", rollback: "ROLLBACK" },
    ...{ begin: "START TRANSACTION", settle: "COMMIT" },
  },
  ledger,
  sqlName: ({ database }, name) => mysqlTableName(database, name).sqlName,
  targetColumn: mysqlTarget,
  maxStatementBytes,
  ruleOfPair: mysqlRuleOfPair,
  insertParts: mysqlInsertParts,
  cellLiteral: mysqlCellLiteral,
  refusalOf: mysqlRefusalOf,
  rowOf,
  judge: judgedInsert,
  insertLong: insertInPieces,
  bulk: loadData,
};

/** Leaves room for the packet's header and for the difference between our count and the server's. */
async function maxStatementBytes(client: MysqlClient): Promise<number> {
  const { rows } = await client.query("SELECT @@max_allowed_packet");
  return Math.floor(Number(rows[0]?.[0] ?? 4 * 1024 * 1024) * 0.98) - 1024;
}
