import type { Cell } from "../../model/batch.js";
import { UserError } from "../../model/errors.js";
import type { InsertParts } from "../sql/write/system.js";
import { quotePostgresqlBytes, quotePostgresqlName, quotePostgresqlText } from "./sql-text.js";
import { ownOf, type PostgresqlPlan, type PostgresqlTarget } from "./target-column.js";

/** What statements are made from. */
export type WrittenTable = Pick<PostgresqlPlan, "sqlName" | "mode" | "columns" | "updateColumns" | "keys" | "own">;

/** Start and end of INSERT statements in the plan's mode. */
export function postgresqlInsertParts(table: WrittenTable): InsertParts {
  return { head: `${insertHead(table)} VALUES `, tail: onConflict(table) };
}

function insertHead({ sqlName, columns }: WrittenTable): string {
  const overrides = columns.some(({ isAlwaysIdentity }) => isAlwaysIdentity) ? " OVERRIDING SYSTEM VALUE" : "";
  return `INSERT INTO ${sqlName} (${columns.map(({ name }) => quotePostgresqlName(name)).join(", ")})${overrides}`;
}

function onConflict(table: WrittenTable): string {
  const { mode, columns } = table;
  if (mode === "insert") return "";
  if (mode === "ignore") return ` ON CONFLICT${conflictIn(table)} DO NOTHING`;
  const key = conflictColumns(table);
  const changed = mode === "replace" ? columns.map(({ name }) => name) : table.updateColumns;
  const fixed = new Set(columns.flatMap(({ name, isAlwaysIdentity }) => (isAlwaysIdentity ? [name] : [])));
  const changes = [
    ...changed
      .filter((name) => !key.includes(name) && !fixed.has(name))
      .map((name) => `${quotePostgresqlName(name)} = EXCLUDED.${quotePostgresqlName(name)}`),
    ...(mode === "replace" ? ownOf(table.own).others.map((name) => `${quotePostgresqlName(name)} = DEFAULT`) : []),
  ];
  const action = changes.length === 0 ? "NOTHING" : `UPDATE SET ${changes.join(", ")}`;
  return ` ON CONFLICT (${key.map(quotePostgresqlName).join(", ")}) DO ${action}`;
}

/** Whatever key a row has in common with another, where the job names none. */
function conflictIn({ own }: WrittenTable): string {
  const { conflict } = ownOf(own);
  return conflict === null ? "" : ` (${conflict.map(quotePostgresqlName).join(", ")})`;
}

/**
 * The key by which rows are taken for the same.
 *
 * @throws UserError CONFIG_INVALID when there is none
 */
function conflictColumns({ own, keys, columns, mode, sqlName }: WrittenTable): readonly string[] {
  const { conflict } = ownOf(own);
  if (conflict !== null) return conflict;
  const [key] = keys;
  if (key) return key.positions.map((at) => columns[at]?.name ?? "");
  const message = `${sqlName} has no primary or unique key whose columns are all written, so that nobody can tell which row to ${mode}`;
  throw new UserError("CONFIG_INVALID", message, {
    path: "writeMode",
    hint: "Write the columns of the key, or name them in conflictColumn.",
  });
}

/** A cell as a literal for its column. */
export function postgresqlCellLiteral(column: PostgresqlTarget, cell: NonNullable<Cell>): string {
  if (column.takesBytes) return quotePostgresqlBytes(Buffer.from(cell).toString("hex"));
  const text = cell.toString();
  // A zero byte would end the statement; so the server says itself that its texts have none.
  if (text.includes("\0")) return `convert_from(${quotePostgresqlBytes(Buffer.from(text).toString("hex"))}, 'UTF8')`;
  return column.dataType === "money" ? `${quotePostgresqlText(text)}::numeric::money` : quotePostgresqlText(text);
}

/** The table of a session that rows are copied into before they meet the target's keys; `money` is a number there. */
const stage = "pg_temp.sluice_stage";

/** Makes the stage, or empties it. */
export function stageSql({ sqlName, columns }: WrittenTable): string {
  const list = columns.map(({ name, dataType }) =>
    dataType === "money"
      ? `${quotePostgresqlName(name)}::numeric AS ${quotePostgresqlName(name)}`
      : quotePostgresqlName(name),
  );
  return `CREATE TEMPORARY TABLE IF NOT EXISTS sluice_stage AS SELECT ${list.join(", ")} FROM ${sqlName} WITH NO DATA; TRUNCATE ${stage}`;
}

/** True when rows cannot be copied into the target itself. */
export function isStaged({ mode, columns }: WrittenTable): boolean {
  return mode !== "insert" || columns.some(({ dataType }) => dataType === "money");
}

/** The statement whose stream the encoder writes. */
export function copySql(table: WrittenTable): string {
  const names = table.columns.map(({ name }) => quotePostgresqlName(name)).join(", ");
  return `COPY ${isStaged(table) ? stage : table.sqlName} (${names}) FROM STDIN`;
}

/** Moves the staged rows on; of several with one key the last one counts, as it would row by row. Rows whose key is null are all others. */
export function mergeSql(table: WrittenTable): string {
  const { mode, columns } = table;
  const list = columns
    .map(({ name, dataType }) => `${quotePostgresqlName(name)}${dataType === "money" ? "::money" : ""}`)
    .join(", ");
  if (mode === "insert" || mode === "ignore")
    return `${insertHead(table)} SELECT ${list} FROM ${stage} ORDER BY ctid${onConflict(table)}`;
  const key = conflictColumns(table);
  const nullable = key.filter((name) => columns.find((column) => column.name === name)?.isNullable);
  const isNull = nullable.map((name) => `${quotePostgresqlName(name)} IS NULL`).join(" OR ");
  const same = [...key.map(quotePostgresqlName), ...(isNull === "" ? [] : [`CASE WHEN ${isNull} THEN ctid END`])].join(
    ", ",
  );
  const last = `SELECT DISTINCT ON (${same}) * FROM ${stage} ORDER BY ${same}, ctid DESC`;
  return `${insertHead(table)} SELECT ${list} FROM (${last}) AS last${onConflict(table)}`;
}
