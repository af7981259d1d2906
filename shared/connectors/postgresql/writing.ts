import type { Json } from "../../model/json.js";
import { columnNamed } from "../sql/table.js";
import { type SqlWriting, standardTransactions } from "../sql/write/system.js";
import { writtenColumns } from "../sql/write/target-plan.js";
import { copyPath } from "./copy-path.js";
import { cellLiteral, insertParts } from "./insert-sql.js";
import { refusalOf } from "./refusal.js";
import { ruleOfPair } from "./rules.js";
import { postgresqlStatements } from "./statement-rules.js";
import { writtenTable } from "./table-name.js";
import { type PostgresqlOwn, postgresqlTarget } from "./target-column.js";
import type { PostgresqlTypes } from "./types.js";

/** Keys that are checked at the end of a transaction would fail it for all its rows. */
const begin = "BEGIN; SET CONSTRAINTS ALL IMMEDIATE";

/** Longer statements the server takes, but no cell of more than 1 GB, and each is held several times. */
const STATEMENT_BYTES = 256 * 1024 * 1024;

/** How PostgreSQL is written. */
export const postgresqlWriting: SqlWriting<PostgresqlTypes> = {
  statements: postgresqlStatements,
  transactions: {
    ...standardTransactions,
    ...{ enter: begin, commit: `COMMIT; ${begin}`, rollback: `ROLLBACK; ${begin}` },
  },
  ledger: {
    create: ({ table, run, split, attempt, checkpoint }) => `CREATE TABLE IF NOT EXISTS ${table} (
      ${run} varchar(128) NOT NULL, ${split} integer NOT NULL, ${attempt} integer NOT NULL, ${checkpoint} text,
      PRIMARY KEY (${run}, ${split}));
      COMMENT ON TABLE ${table} IS 'Sluice: how far a running job has written; empty when none runs'`,
    claim: ({ table, run, split, attempt }, values) =>
      `INSERT INTO ${table} AS known (${run}, ${split}, ${attempt}) VALUES (${values.run}, ${values.split}, ${values.attempt})
        ON CONFLICT (${run}, ${split}) DO UPDATE SET ${attempt} = GREATEST(known.${attempt}, EXCLUDED.${attempt})`,
    hold: " FOR UPDATE",
  },
  sqlName: (_source, name) => writtenTable(name),
  targetColumn: postgresqlTarget,
  maxStatementBytes: async () => STATEMENT_BYTES,
  async own(_client, table, params): Promise<Json> {
    const written = new Set(writtenColumns(table, params).map(({ name }) => name));
    const others = table.columns.filter(
      (column) => !written.has(column.name) && !column.isGenerated && !column.identity,
    );
    const conflict = params.conflictColumns?.map((name) => columnNamed(table.columns, name)?.name ?? name) ?? null;
    const own: PostgresqlOwn = { conflict, others: others.map(({ name }) => name) };
    return { ...own, conflict: conflict && [...conflict], others: [...own.others] };
  },
  ruleOfPair,
  insertParts,
  cellLiteral,
  refusalOf,
  bulk: copyPath,
};
