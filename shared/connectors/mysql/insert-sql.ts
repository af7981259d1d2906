import type { Cell } from "../../model/batch.js";
import type { InsertParts } from "../sql/write/system.js";
import { quoteMysqlBytes, quoteMysqlName, quoteMysqlText } from "./sql-text.js";
import type { MysqlPlan, MysqlTarget } from "./target-column.js";

/** Start and end of INSERT statements in the plan's mode. */
export function mysqlInsertParts(plan: Pick<MysqlPlan, "sqlName" | "mode" | "columns" | "updateColumns">): InsertParts {
  const verb = plan.mode === "replace" ? "REPLACE" : "INSERT";
  const names = plan.columns.map(({ name }) => quoteMysqlName(name)).join(", ");
  const changes = plan.updateColumns.map((name) => `${quoteMysqlName(name)} = VALUES(${quoteMysqlName(name)})`);
  // INSERT IGNORE would also bend values that do not fit; a change that changes nothing leaves out duplicates only.
  const [first] = plan.columns.map(({ name }) => quoteMysqlName(name));
  const onDuplicate = plan.mode === "ignore" ? [`${first} = ${first}`] : changes;
  const hasTail = plan.mode === "update" || plan.mode === "ignore";
  const tail = hasTail ? ` ON DUPLICATE KEY UPDATE ${onDuplicate.join(", ")}` : "";
  return { head: `${verb} INTO ${plan.sqlName} (${names}) VALUES `, tail };
}

/** A cell as a literal for its column. */
export function mysqlCellLiteral(column: MysqlTarget, cell: NonNullable<Cell>): string {
  if (column.form === "hex") return quoteMysqlBytes(Buffer.isBuffer(cell) ? cell : Buffer.from(cell));
  if (Buffer.isBuffer(cell)) return `_utf8mb4 ${quoteMysqlBytes(cell)}`;
  if (column.form === "bool" || column.form === "bit") {
    const truth = cell.toLowerCase();
    if (truth === "true") return "1";
    if (truth === "false") return "0";
    return /^\d+$/.test(cell) ? cell : quoteMysqlText(cell);
  }
  return quoteMysqlText(cell);
}
