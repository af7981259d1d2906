import { UserError } from "../../model/errors.js";
import type { Json } from "../../model/json.js";
import { columnNamed, type TableInfo } from "../sql/table.js";
import type { SqlWriting } from "../sql/write/system.js";
import { writtenColumns } from "../sql/write/target-plan.js";
import { sqlserverBulkPath } from "./bulk-load.js";
import { judgeSqlserver, sqlserverRefusalOf } from "./refusal.js";
import { sqlserverRuleOfPair } from "./rules.js";
import { sqlserverStatements } from "./statement-rules.js";
import type { SqlserverColumn } from "./table-info.js";
import { sqlserverWrittenTable } from "./table-name.js";
import { sqlserverTarget } from "./target-column.js";
import type { SqlserverTypes } from "./types.js";
import type { SqlserverWriteParams } from "./write-params.js";
import { sqlserverCellLiteral, sqlserverInsertParts } from "./write-sql.js";

/** The server takes batches of 65,536 packets, and holds each several times. */
const STATEMENT_BYTES = 64 * 1024 * 1024;

const begin = "BEGIN TRANSACTION";

/** How SQL Server is written. */
export const sqlserverWriting: SqlWriting<SqlserverTypes> = {
  statements: sqlserverStatements,
  transactions: {
    ...{ enter: begin, begin, commit: `COMMIT TRANSACTION; ${begin}`, settle: "IF @@TRANCOUNT > 0 COMMIT" },
    // A deadlock has ended the transaction already.
    rollback: `IF @@TRANCOUNT > 0 ROLLBACK; ${begin}`,
    savepoint: (name) => `SAVE TRANSACTION ${name}`,
    rollbackTo: (name) => `ROLLBACK TRANSACTION ${name}`,
  },
  ledger: {
    create: ({ table, run, split, attempt, checkpoint }) => `IF OBJECT_ID(N'${table}') IS NULL CREATE TABLE ${table} (
      ${run} nvarchar(128) NOT NULL, ${split} int NOT NULL, ${attempt} int NOT NULL, ${checkpoint} nvarchar(max) NULL,
      PRIMARY KEY (${run}, ${split}))`,
    claim: ({ table, run, split, attempt }, values) => `MERGE INTO ${table} WITH (HOLDLOCK, UPDLOCK) AS t
      USING (SELECT ${values.run} AS c0, ${values.split} AS c1, ${values.attempt} AS c2) AS s ON t.${run} = s.c0 AND t.${split} = s.c1
      WHEN MATCHED THEN UPDATE SET t.${attempt} = CASE WHEN t.${attempt} < s.c2 THEN s.c2 ELSE t.${attempt} END
      WHEN NOT MATCHED THEN INSERT (${run}, ${split}, ${attempt}) VALUES (s.c0, s.c1, s.c2);`,
    // The statement before it holds the row until the end of the transaction.
    hold: "",
  },
  sqlName: (_source, name) => sqlserverWrittenTable(name),
  targetColumn: sqlserverTarget,
  maxStatementBytes: async () => STATEMENT_BYTES,
  async own(_client, table, params): Promise<Json> {
    const written = writtenColumns(table, params);
    refuseUnwritable(table, written);
    const names = new Set(written.map(({ name }) => name));
    const others = table.columns.filter(
      (column) => !names.has(column.name) && !column.isGenerated && !column.isIdentity,
    );
    return { key: keyOf(table, params, names), others: others.map(({ name }) => name) };
  },
  ruleOfPair: sqlserverRuleOfPair,
  insertParts: sqlserverInsertParts,
  cellLiteral: sqlserverCellLiteral,
  refusalOf: sqlserverRefusalOf,
  judge: judgeSqlserver,
  bulk: sqlserverBulkPath,
};

/** Types whose values cannot be made of the text that they are read as. */
const readOnly: readonly string[] = ["geometry", "geography"];

function refuseUnwritable({ title }: TableInfo, written: readonly SqlserverColumn[]): void {
  for (const [at, { name, whyGenerated, dataType }] of written.entries()) {
    const why = whyGenerated ?? (readOnly.includes(dataType) ? `of type ${dataType}` : null);
    if (why === null) continue;
    const message = `column "${name}" of ${title} is ${why}: ${whyGenerated === null ? "it is not supported to write one" : "the server gives its values"}`;
    const hint = "Leave the column out of the writer's list, and out of the reader's at the same place.";
    throw new UserError("CONFIG_INVALID", message, { path: `column[${at}]`, hint });
  }
}

/** The server would say that there is no such key only by writing every row anew. */
function keyOf(
  { columns, indexes, title }: TableInfo<SqlserverColumn>,
  { keyColumns, mode }: SqlserverWriteParams,
  written: ReadonlySet<string>,
): Json {
  const unique = indexes.filter(({ isUnique, columns: names }) => isUnique && names.every((name) => written.has(name)));
  if (keyColumns === null) {
    if (mode === "insert" || unique.length > 0) return null;
    const message = `${title} has no primary or unique key whose columns are all written, so that nobody can tell which row to ${mode}`;
    const hint = "Write the columns of the key, or name them in uniqueIndexColumns.";
    throw new UserError("CONFIG_INVALID", message, { path: "writeMode", hint });
  }
  const names = keyColumns.map((name) => columnNamed(columns, name)?.name ?? name);
  if (
    unique.some((index) => index.columns.length === names.length && names.every((name) => index.columns.includes(name)))
  )
    return [...names];
  throw new UserError(
    "CONFIG_INVALID",
    `${title} has no unique key of just ${names.join(", ")} among the written columns`,
    {
      path: "uniqueIndexColumns",
      hint: "Name all columns of one unique index or constraint, or none.",
    },
  );
}
