import { notHere, SqlFailure } from "../errors.js";
import { type Cursor, type NameParts, namePartsAt } from "./cursor.js";
import { type Expression, parseExpression } from "./expression.js";
import { parseSelect, type Select } from "./select.js";

/** Adds rows to a table, or puts them in the place of what a partition or a table without any holds. */
export interface Insert {
  readonly kind: "insert";
  readonly name: NameParts;
  readonly overwrites: boolean;
  /** Keys with the value of all rows; null = the rows' last values tell it. Empty = no partition is named. */
  readonly partition: readonly (readonly [key: string, value: string | null])[];
  /** Columns in the order of the values; null = all, in the table's order. */
  readonly columns: readonly string[] | null;
  readonly rows: Select | readonly (readonly Expression[])[];
}

/** Reads what follows `INSERT`. @throws SqlFailure */
export function parseInsert(at: Cursor): Insert {
  const overwrites = at.accept("OVERWRITE");
  if (!overwrites) at.expect("INTO");
  if (!at.accept("TABLE") && overwrites) at.expect("TABLE");
  const name = namePartsAt(at);
  const partition = at.accept("PARTITION") ? at.list(() => keyValue(at)) : [];
  const columns = at.peek().text === "(" && at.peek().kind === "sign" ? at.list(() => at.name()) : null;
  if (columns && overwrites)
    throw new SqlFailure("0130161", "Parse exception - INSERT OVERWRITE takes no list of columns");
  return { kind: "insert", name, overwrites, partition, columns, rows: rowsAt(at, { overwrites }) };
}

function keyValue(at: Cursor): readonly [string, string | null] {
  const key = at.name();
  if (!at.accept("=")) return [key, null];
  const { kind, text } = at.take();
  return kind === "text" || kind === "number" ? [key, text] : at.fail("a value");
}

function rowsAt(at: Cursor, { overwrites }: { overwrites: boolean }): Insert["rows"] {
  if (at.accept("SELECT")) return parseSelect(at);
  if (!at.accept("VALUES")) throw notHere(`${at.peek().text.toUpperCase()} in INSERT`);
  if (overwrites) throw notHere("INSERT OVERWRITE … VALUES");
  const row = () => at.list(() => parseExpression(at));
  const rows = [row()];
  while (at.accept(",")) rows.push(row());
  return rows;
}
