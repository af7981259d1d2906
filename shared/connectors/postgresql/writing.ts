import { UserError } from "../../model/errors.js";
import type { Json } from "../../model/json.js";
import { columnNamed, type TableInfo } from "../sql/table.js";
import { type SqlWriting, standardTransactions } from "../sql/write/system.js";
import { writtenColumns } from "../sql/write/target-plan.js";
import { copyPath } from "./copy-path.js";
import { postgresqlCellLiteral, postgresqlInsertParts } from "./insert-sql.js";
import { postgresqlRefusalOf } from "./refusal.js";
import { postgresqlRuleOfPair } from "./rules.js";
import { postgresqlStatements } from "./statement-rules.js";
import type { PostgresqlColumn } from "./table-info.js";
import { writtenTable } from "./table-name.js";
import { type PostgresqlOwn, postgresqlTarget } from "./target-column.js";
import type { PostgresqlTypes } from "./types.js";
import type { PostgresqlWriteParams } from "./write-params.js";

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
    rollbackTo: (name) => `ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`,
    // One of the same name would only hide it, and each costs the server until the end of the transaction.
    forget: (name) => `RELEASE SAVEPOINT ${name}`,
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
    const own: PostgresqlOwn = { conflict: conflictOf(table, params), others: others.map(({ name }) => name) };
    return { conflict: own.conflict && [...own.conflict], others: [...own.others] };
  },
  ruleOfPair: postgresqlRuleOfPair,
  insertParts: postgresqlInsertParts,
  cellLiteral: postgresqlCellLiteral,
  refusalOf: postgresqlRefusalOf,
  bulk: copyPath,
};

/** The server would tell of a key that there is none of only when rows are on their way. */
function conflictOf(
  { columns, indexes, title }: TableInfo<PostgresqlColumn>,
  { conflictColumns }: PostgresqlWriteParams,
): readonly string[] | null {
  if (conflictColumns === null) return null;
  const names = conflictColumns.map((name) => columnNamed(columns, name)?.name ?? name);
  const isThere = indexes.some(
    (index) =>
      index.isUnique && index.columns.length === names.length && names.every((name) => index.columns.includes(name)),
  );
  if (isThere) return names;
  throw new UserError("CONFIG_INVALID", `${title} has no unique key of just ${names.join(", ")}`, {
    path: "conflictColumn",
    hint: "Name all columns of one unique index or constraint, or none.",
  });
}
