import type { Column, DataRecord } from "../../model/batch.js";
import { withoutSemicolons } from "../../model/cut-end.js";
import { UserError } from "../../model/errors.js";
import { rangesBySample } from "../sql/keys/ranges-by-sample.js";
import type { ExactColumn } from "../sql/read/exact.js";
import { packedParts } from "../sql/read/packed-parts.js";
import type { RowStream, StreamSetting } from "../sql/read/stream.js";
import { standardText } from "../sql/sql-text.js";
import type { SqlReading } from "../sql/system.js";
import type { Db2Connection } from "./client.js";
import { type Db2Typed, db2Cell, db2Column, db2TextSql, db2TypeFacts } from "./column-type.js";
import type { Db2ResultColumn } from "./driver.js";
import type { Db2Source } from "./source.js";
import { db2Text } from "./sql-text.js";
import type { Db2Table } from "./table-info.js";
import type { Db2Types } from "./types.js";

/** The type of a result's column as the catalog names it. */
function typedOf(column: Db2ResultColumn): Db2Typed {
  const typeName = column.SQL_DESC_TYPE_NAME.toUpperCase().replace(/^CHAR$/, "CHARACTER");
  return { typeName, scale: column.SQL_DESC_SCALE };
}

/** The columns of a statement's result, without any row of it. */
export async function db2ColumnsOf(client: Db2Connection, sql: string): Promise<readonly Column[]> {
  const found = await client.describe(withoutSemicolons(sql));
  return found.map((column) => db2Column(column.SQL_DESC_NAME, typedOf(column)));
}

function typedOfExact({ as }: ExactColumn): Db2Typed & { readonly declared: string } {
  // Only `columns` below makes it; it comes back as it went.
  return as as unknown as Db2Typed & { readonly declared: string };
}

/** A statement whose columns are all texts, floats or bytes, in the order of the key; see `exact` for those of tables. */
export function withDb2Texts(sql: string, found: readonly Db2Typed[], key: readonly number[]): string {
  for (const [at, typed] of found.entries()) if (db2TypeFacts(typed) === null) throw noText(at + 1, typed);
  if (found.every((typed) => db2TextSql(typed, "") === null)) return sql;
  if (/^\W*with\b/i.test(sql))
    throw new UserError(
      "UNSUPPORTED",
      "a statement that begins by WITH has columns that the driver would lose something of",
      {
        path: "querySql",
        hint: "Turn numbers and dates into text there (VARCHAR, VARCHAR_FORMAT), or make a view of the statement and read that.",
      },
    );
  const names = found.map((_, at) => `C${at + 1}`);
  const list = found.map((typed, at) => db2TextSql(typed, names[at] ?? "") ?? names[at]).join(", ");
  const order = key.length > 0 ? ` ORDER BY ${key.map((at) => `ROWS_OF_SLUICE.${names[at]}`).join(", ")}` : "";
  return `SELECT ${list} FROM (${sql}\n) AS ROWS_OF_SLUICE (${names.join(", ")})${order}`;
}

function noText(at: number, { typeName }: Db2Typed): UserError {
  return new UserError("UNSUPPORTED", `column ${at} is of type ${typeName}, which has no text`, {
    path: "column",
    hint: "Name the other columns, or select what is wanted of it by an expression.",
  });
}

function streamDb2Rows(client: Db2Connection, sql: string, { shape }: StreamSetting<Db2Source>): RowStream {
  let isOver = false;
  async function* parts() {
    const statement = withoutSemicolons(sql);
    const typed = (await client.describe(statement)).map((column) => ({
      name: column.SQL_DESC_NAME,
      ...typedOf(column),
    }));
    const found = typed.map((column) => db2Column(column.name, column));
    const layout = shape(found);
    // Digits of bytes that the job's own columns are selected as stay bytes.
    const kinds = found.map((column, at) => layout.columns[at] ?? column);
    async function* records(): AsyncGenerator<DataRecord> {
      const rows = client.rows(withDb2Texts(statement, typed, layout.key));
      for await (const row of rows) yield row.map((value, at) => db2Cell(value, kinds[at] ?? { type: "string" }));
      isOver = true;
    }
    yield* packedParts(records(), layout);
  }
  return { parts: parts(), isOver: () => isOver };
}

/** How DB2 is read: numbers, dates and bytes as text in the list of columns itself. */
export const db2Reading: SqlReading<Db2Types> = {
  exact: {
    columns: async (_client, { columns }) =>
      columns
        .filter((column) => db2TextSql(column, "") !== null)
        .map(({ name, typeName, scale, declared }) => ({ name, as: { typeName, scale, declared } })),
    sql: (column) => db2TextSql(typedOfExact(column), standardText.quoteName(column.name)) ?? "",
    column: (_found, column) => db2Column(column.name, typedOfExact(column), typedOfExact(column).declared),
  },
  estimate: async () => null,
  async ranges(client, given, { key, always, count }) {
    // Those that `describeTable` has described.
    const table = given as Db2Table;
    if (!table.isTable) return key[0]?.kind === "integer" ? null : [{ after: null, upTo: null, rows: table.rows }];
    const isLed = table.indexes.some(({ columns }) => columns[0] === key[0]?.name);
    if (!isLed && key[0]?.kind !== "text") return null;
    return rangesBySample(client, {
      from: table.sqlName,
      ...{ rows: table.rows, always, count },
      sample: (percent) => (percent === null ? "" : ` TABLESAMPLE SYSTEM (${percent})`),
      blocks: () => table.pages,
      keys: key.map(({ name, kind }) => db2Text.keySql?.(name, kind) ?? name),
      order: key.map(({ name }) => standardText.quoteName(name)),
    });
  },
  stream: streamDb2Rows,
};
