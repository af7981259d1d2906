import type { Cell, DataRecord } from "../../../model/batch.js";
import type { SqlWriteTypes } from "../types.js";
import type { PlanOf, SqlWriting } from "./system.js";

/** What makes INSERT statements. */
export interface InsertSetting<X extends SqlWriteTypes> {
  readonly system: { readonly writing: Pick<SqlWriting<X>, "insertParts" | "cellLiteral"> };
  readonly plan: PlanOf<X>;
  /** Most rows, and most bytes, of one statement. */
  readonly batchSize: number;
  readonly batchBytes: number;
}

/** INSERT statements for some rows, each with how many of them it takes. */
export function* insertStatements<X extends SqlWriteTypes>(
  { system: { writing }, plan, batchSize, batchBytes }: InsertSetting<X>,
  rows: readonly DataRecord[],
): Generator<{ readonly sql: string; readonly count: number }> {
  const { head, tail } = writing.insertParts(plan);
  // A character of text takes at most three bytes.
  const most = Math.min(batchBytes, plan.maxStatementBytes) / 3;
  let literals: string[] = [];
  let size = 0;
  for (const row of rows) {
    const text = rowLiteral(writing, plan, row);
    if (literals.length > 0 && (literals.length >= batchSize || size + text.length > most)) {
      yield { sql: head + literals.join(",") + tail, count: literals.length };
      literals = [];
      size = 0;
    }
    literals.push(text);
    size += text.length + 1;
  }
  if (literals.length > 0) yield { sql: head + literals.join(",") + tail, count: literals.length };
}

/** A record as a parenthesised list of literals. */
export function rowLiteral<X extends SqlWriteTypes>(
  writing: Pick<SqlWriting<X>, "cellLiteral">,
  plan: PlanOf<X>,
  row: DataRecord,
): string {
  return `(${plan.columns.map((column, at) => literalOf(writing, column, { cell: row[at] ?? null, emptyAsNull: plan.emptyAsNull })).join(",")})`;
}

/** A cell as a literal for its column; NULL, and what the job has made of it. */
export function literalOf<X extends SqlWriteTypes>(
  writing: Pick<SqlWriting<X>, "cellLiteral">,
  column: X["target"],
  { cell, emptyAsNull }: { readonly cell: Cell; readonly emptyAsNull: boolean },
): string {
  const isNull = cell === null || (emptyAsNull && cell.length === 0 && column.refusesEmpty);
  if (isNull) return column.defaultForNull ? "DEFAULT" : "NULL";
  return writing.cellLiteral(column, cell);
}
