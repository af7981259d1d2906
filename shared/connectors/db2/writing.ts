import type { Json } from "../../model/json.js";
import { standardLexis } from "../sql/text/sql-pieces.js";
import { type SqlWriting, standardTransactions } from "../sql/write/system.js";
import { writtenColumns } from "../sql/write/target-plan.js";
import { db2RowSql } from "./bind-sql.js";
import { loadDb2Rows } from "./load-rows.js";
import { db2RuleOfPair } from "./rules.js";
import { db2RefusalOf } from "./server-error.js";
import { writtenDb2Table } from "./table-info.js";
import { db2Target } from "./target-column.js";
import type { Db2Types } from "./types.js";

/** Rows are values, no part of statements: what bounds them is memory. */
const ROW_BYTES = 256 * 1024 * 1024;

/** How DB2 is written. */
export const db2Writing: SqlWriting<Db2Types> = {
  statements: {
    lexis: standardLexis,
    makesRoutine: /^\s*(?:begin\b|create\s+(?:or\s+replace\s+)?(?:procedure|function|trigger|type|module)\b)/i,
  },
  transactions: {
    ...standardTransactions,
    savepoint: (name) => `SAVEPOINT ${name} ON ROLLBACK RETAIN CURSORS`,
    // One of the same name would only hide it.
    forget: (name) => `RELEASE SAVEPOINT ${name}`,
  },
  ledger: {
    create: ({ table, run, split, attempt, checkpoint }) =>
      `CREATE TABLE ${table} (${run} VARCHAR(128) NOT NULL, ${split} INTEGER NOT NULL, ${attempt} INTEGER NOT NULL, ${checkpoint} CLOB(1M), PRIMARY KEY (${run}, ${split}))`,
    claim: ({ table, run, split, attempt }, values) =>
      `MERGE INTO ${table} AS d USING (VALUES (${values.run}, ${values.split}, ${values.attempt})) AS s (R, S, A) ON (d.${run} = s.R AND d.${split} = s.S) WHEN MATCHED THEN UPDATE SET d.${attempt} = CASE WHEN d.${attempt} < s.A THEN s.A ELSE d.${attempt} END WHEN NOT MATCHED THEN INSERT (${run}, ${split}, ${attempt}) VALUES (s.R, s.S, s.A)`,
    // The statement before holds the row until the end of the transaction.
    hold: "",
  },
  sqlName: (_source, name) => writtenDb2Table(name),
  targetColumn: db2Target,
  maxStatementBytes: async () => ROW_BYTES,
  async own(_client, table, params): Promise<Json> {
    const written = new Set(writtenColumns(table, params).map(({ name }) => name));
    const others = table.columns.filter(
      ({ name, isGenerated, identity }) => !written.has(name) && !isGenerated && !identity,
    );
    return { others: others.map(({ name }) => name) };
  },
  ruleOfPair: db2RuleOfPair,
  refusalOf: db2RefusalOf,
  bound: { statement: db2RowSql, load: loadDb2Rows },
};
