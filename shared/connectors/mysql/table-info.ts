import { UserError } from "../../model/errors.js";
import { own } from "../../model/own.js";
import type { KeyKind } from "../sql/keys/key-range.js";
import type { SqlTableColumn, TableIndex, TableInfo } from "../sql/table.js";
import type { MysqlClient } from "./client.js";
import { typeOfDeclared } from "./column-type.js";
import { quoteMysqlName, quoteMysqlText } from "./sql-text.js";

/** A column as `information_schema.columns` declares it. */
export interface MysqlColumn extends SqlTableColumn {
  /** Members of an ENUM or SET as they are written; null = another type. */
  readonly members: readonly string[] | null;
  readonly isUnsigned: boolean;
  readonly isAutoIncrement: boolean;
}

/** A table or view of MySQL. */
export type MysqlTable = TableInfo<MysqlColumn>;

const keyKinds: Readonly<Record<string, KeyKind>> = {
  ...{ tinyint: "integer", smallint: "integer", mediumint: "integer", int: "integer", bigint: "integer" },
  ...{ year: "integer", decimal: "decimal" },
  ...{ date: "datetime", datetime: "datetime", timestamp: "datetime", time: "time" },
  ...{ char: "text", varchar: "text", tinytext: "text", text: "text", binary: "bytes", varbinary: "bytes" },
};

const whole = 0x10ffff;
const plane = 0xffff;
/** A text that a column's character set lacks would be compared by its own, past the index. */
const lastCodePoints: Readonly<Record<string, number>> = {
  ...{ utf8mb4: whole, utf16: whole, utf16le: whole, utf32: whole, gb18030: whole },
  ...{ utf8: plane, utf8mb3: plane, ucs2: plane },
};

/** Names of a table, as a job writes them: `table`, `database.table`, each part perhaps in backticks. */
export function mysqlTableName(database: string, name: string): { schema: string; table: string; sqlName: string } {
  const parts = name.match(/`(?:[^`]|``)+`|[^.`]+/g) ?? [name];
  const bare = parts.map((part) => (part.startsWith("`") ? part.slice(1, -1).replaceAll("``", "`") : part.trim()));
  const table = bare.pop() ?? name;
  const schema = bare.pop() ?? database;
  return { schema, table, sqlName: `${quoteMysqlName(schema)}.${quoteMysqlName(table)}` };
}

function unplaced(name: string): string {
  return `table ${name} is in no database: write database.${name}, or name a database in the data source`;
}

/**
 * Describes a table or view.
 *
 * @throws UserError SOURCE_OBJECT_MISSING when there is none of that name, or none that the account may see
 */
export async function describeMysqlTable(client: MysqlClient, database: string, name: string): Promise<MysqlTable> {
  const { schema, table, sqlName } = mysqlTableName(database, name);
  if (schema === "") throw new UserError("CONFIG_INVALID", unplaced(name), { path: "table" });
  const title = `${schema}.${table}`;
  const place = `table_schema = ${quoteMysqlText(schema)} AND table_name = ${quoteMysqlText(table)}`;
  const columns = await client.query(
    `SELECT column_name, data_type, column_type, is_nullable, extra, character_maximum_length, numeric_precision,
       numeric_scale, character_set_name FROM information_schema.columns WHERE ${place} ORDER BY ordinal_position`,
  );
  if (columns.rows.length === 0) throw new UserError("SOURCE_OBJECT_MISSING", `table ${title} does not exist`);
  // Whether the optimizer sees an index has its own column in each server, and none in MySQL 5.7.
  const parts = await client.query(
    `SELECT * FROM information_schema.statistics WHERE ${place}
       ORDER BY index_name = 'PRIMARY' DESC, index_name, seq_in_index`,
  );
  const facts = await client.query(
    `SELECT e.transactions, t.table_rows FROM information_schema.tables t
       LEFT JOIN information_schema.engines e ON e.engine = t.engine
       WHERE t.table_schema = ${quoteMysqlText(schema)} AND t.table_name = ${quoteMysqlText(table)}`,
  );
  const [transactions = null, rows = null] = facts.rows[0] ?? [];
  return {
    sqlName,
    title,
    columns: columns.rows.map(columnOf),
    indexes: indexesOf(parts),
    isTransactional: transactions === "YES",
    rows: Number(rows ?? 0),
  };
}

function columnOf(row: readonly (string | null)[]): MysqlColumn {
  const [name = "", dataType = "", columnType = "", nullable = "", extra = "", length, precision, scale, charset] = row;
  const number = (text: string | null | undefined) => (text == null ? null : Number(text));
  return {
    name: name ?? "",
    type: typeOfDeclared(dataType ?? "", columnType ?? ""),
    dataType: (dataType ?? "").toLowerCase(),
    declared: (columnType ?? "").toLowerCase(),
    members: membersOf(columnType ?? ""),
    isNullable: nullable === "YES",
    isUnsigned: /unsigned/i.test(columnType ?? ""),
    isGenerated: /\bgenerated\b/i.test(extra ?? "") && !/default_generated/i.test(extra ?? ""),
    isMoment: (dataType ?? "").toLowerCase() === "timestamp",
    isAutoIncrement: /auto_increment/i.test(extra ?? ""),
    isInvisible: /invisible/i.test(extra ?? ""),
    maxLength: number(length),
    keyKind: own(keyKinds, (dataType ?? "").toLowerCase()) ?? null,
    maxCodePoint: own(lastCodePoints, (charset ?? "").toLowerCase()) ?? 0x7f,
    precision: number(precision),
    scale: number(scale),
  };
}

/** The server writes them in quotes, with a second quote or a backslash before what would end or change them. */
function membersOf(columnType: string): readonly string[] | null {
  if (!/^(enum|set)\(/i.test(columnType)) return null;
  const written = columnType.match(/'(?:[^'\\]|''|\\.)*'/gs) ?? [];
  return written.map((one) => one.slice(1, -1).replace(/''|\\./gs, (pair) => unescaped(pair.slice(1))));
}

function unescaped(letter: string): string {
  return { n: "\n", r: "\r", "0": "\0" }[letter] ?? letter;
}

function indexesOf({ names, rows }: Awaited<ReturnType<MysqlClient["query"]>>): TableIndex[] {
  const found = new Map<string, { isUnique: boolean; isSorted: boolean; columns: string[]; isWhole: boolean }>();
  for (const row of rows) {
    const cell = (name: string) => row[names.findIndex((one) => one.toLowerCase() === name)] ?? null;
    const name = cell("index_name") ?? "";
    const isSeen = cell("is_visible") !== "NO" && cell("ignored") !== "YES";
    const isSorted = isSeen && !/FULLTEXT|SPATIAL|RTREE|HASH|VECTOR/i.test(cell("index_type") ?? "");
    const index = found.get(name) ?? { isUnique: cell("non_unique") === "0", isSorted, columns: [], isWhole: true };
    const column = cell("column_name");
    if (column === null || cell("sub_part") !== null) index.isWhole = false;
    index.columns.push(column ?? "");
    found.set(name, index);
  }
  return [...found]
    .filter(([, index]) => index.isWhole)
    .map(([name, { isUnique, isSorted, columns }]) => ({
      ...{ name, isPrimary: name === "PRIMARY", isUnique, isSorted, columns },
    }));
}
