import type { Cell, DataRecord } from "../../../model/batch.js";
import type { SqlWriteTypes } from "../types.js";
import type { LiteralRows, PlanOf } from "./system.js";

/** What makes INSERT statements. */
export interface InsertSetting<X extends SqlWriteTypes> {
  readonly literals: Pick<LiteralRows<X>, "insertParts" | "cellLiteral">;
  readonly plan: PlanOf<X>;
  /** Most rows, and most bytes, of one statement. */
  readonly batchSize: number;
  readonly batchBytes: number;
}

/** INSERT statements for some rows, each with how many of them it takes. */
export function* insertStatements<X extends SqlWriteTypes>(
  { literals, plan, batchSize, batchBytes }: InsertSetting<X>,
  rows: readonly DataRecord[],
): Generator<{ readonly sql: string; readonly count: number }> {
  const { head, tail } = literals.insertParts(plan);
  // A character of text takes at most three bytes.
  const most = Math.min(batchBytes, plan.maxStatementBytes) / 3;
  let values: string[] = [];
  let size = 0;
  for (const row of rows) {
    const text = rowLiteral(literals, plan, row);
    if (values.length > 0 && (values.length >= batchSize || size + text.length > most)) {
      yield { sql: head + values.join(",") + tail, count: values.length };
      values = [];
      size = 0;
    }
    values.push(text);
    size += text.length + 1;
  }
  if (values.length > 0) yield { sql: head + values.join(",") + tail, count: values.length };
}

/** A record as a parenthesised list of literals. */
export function rowLiteral<X extends SqlWriteTypes>(
  literals: Pick<LiteralRows<X>, "cellLiteral">,
  plan: PlanOf<X>,
  row: DataRecord,
): string {
  return `(${plan.columns.map((column, at) => literalOf(literals, column, { cell: row[at] ?? null, emptyAsNull: plan.emptyAsNull })).join(",")})`;
}

/** A cell as a literal for its column; NULL, and what the job has made of it. */
export function literalOf<X extends SqlWriteTypes>(
  literals: Pick<LiteralRows<X>, "cellLiteral">,
  column: X["target"],
  { cell, emptyAsNull }: { readonly cell: Cell; readonly emptyAsNull: boolean },
): string {
  const isNull = cell === null || (emptyAsNull && cell.length === 0 && column.refusesEmpty);
  if (isNull) return column.defaultForNull ? "DEFAULT" : "NULL";
  return literals.cellLiteral(column, cell);
}
