import type { Cell, DataRecord } from "../../model/batch.js";
import { quoteBytes, quoteName, quoteText } from "./sql-text.js";
import type { TargetColumn, TargetPlan } from "./target-plan.js";

/** The LOAD DATA statement whose stream {@link ./load-encoder.js} writes. Separators in hex digits mean the same in every SQL mode. */
export function loadDataSql(plan: TargetPlan): string {
  const verb = plan.mode === "replace" ? " REPLACE" : "";
  const variables: string[] = [];
  const isAnySet = plan.columns.some(({ form }) => form === "hex" || form === "bit");
  const places = plan.columns.map((column, at) => {
    const name = quoteName(column.name);
    if (isAnySet && column.isAutoIncrement) {
      // Beside a SET clause MariaDB forgets that a zero was given here, and counts on instead.
      variables.push(`${name} = @v${at}`);
      return `@v${at}`;
    }
    if (column.form !== "hex" && column.form !== "bit") return name;
    // Text is checked as UTF-8 on its way, bytes would not survive that; and a bit column takes digits as characters.
    variables.push(`${name} = ${column.form === "hex" ? `UNHEX(@v${at})` : `CAST(@v${at} AS UNSIGNED)`}`);
    return `@v${at}`;
  });
  const set = variables.length > 0 ? ` SET ${variables.join(", ")}` : "";
  return (
    `LOAD DATA LOCAL INFILE 'sluice'${verb} INTO TABLE ${plan.sqlName} CHARACTER SET utf8mb4 ` +
    `FIELDS TERMINATED BY x'09' ESCAPED BY x'5c' LINES TERMINATED BY x'0a' (${places.join(", ")})${set}`
  );
}

/** Start and end of INSERT statements in the plan's mode. */
export function insertParts(plan: Pick<TargetPlan, "sqlName" | "mode" | "columns" | "updateColumns">): {
  readonly head: string;
  readonly tail: string;
} {
  const verb = plan.mode === "replace" ? "REPLACE" : "INSERT";
  const names = plan.columns.map(({ name }) => quoteName(name)).join(", ");
  const changes = plan.updateColumns.map((name) => `${quoteName(name)} = VALUES(${quoteName(name)})`);
  // INSERT IGNORE would also bend values that do not fit; a change that changes nothing leaves out duplicates only.
  const [first] = plan.columns.map(({ name }) => quoteName(name));
  const onDuplicate = plan.mode === "ignore" ? [`${first} = ${first}`] : changes;
  const hasTail = plan.mode === "update" || plan.mode === "ignore";
  const tail = hasTail ? ` ON DUPLICATE KEY UPDATE ${onDuplicate.join(", ")}` : "";
  return { head: `${verb} INTO ${plan.sqlName} (${names}) VALUES `, tail };
}

/** A record as a parenthesised list of literals. */
export function rowLiteral(plan: TargetPlan, row: DataRecord): string {
  return `(${plan.columns.map((column, at) => cellLiteral(column, row[at] ?? null, plan.emptyAsNull)).join(",")})`;
}

/** A cell as a literal for its column. */
export function cellLiteral(column: TargetColumn, cell: Cell, emptyAsNull: boolean): string {
  const isNull = cell === null || (emptyAsNull && cell.length === 0 && column.form === "number");
  if (isNull) return column.defaultForNull ? "DEFAULT" : "NULL";
  if (column.form === "hex") return quoteBytes(Buffer.isBuffer(cell) ? cell : Buffer.from(cell));
  if (Buffer.isBuffer(cell)) return `_utf8mb4 ${quoteBytes(cell)}`;
  if (column.form === "bool" || column.form === "bit") {
    const truth = cell.toLowerCase();
    if (truth === "true") return "1";
    if (truth === "false") return "0";
    return /^\d+$/.test(cell) ? cell : quoteText(cell);
  }
  return quoteText(cell);
}
