import type { SqlTableColumn, TableIndex, TableInfo } from "../sql/table.js";
import { bareTypeName, typeFactsOf } from "./column-type.js";
import type { OracleConnection } from "./connection.js";
import { quoteOracleName, quoteOracleText } from "./sql-text.js";
import { findOracleTable, type OracleFoundTable } from "./table-name.js";

/** A column as the server's dictionary declares it. */
export interface OracleColumn extends SqlTableColumn {
  /** Upper-case, such as `TIMESTAMP WITH TIME ZONE`. */
  readonly typeName: string;
  /** Most bytes of a text in the database's character set. */
  readonly maxBytes: number | null;
  /** Its length counts characters, not bytes. */
  readonly countsCharacters: boolean;
  /** The server gives it a number and takes none. */
  readonly isAlwaysIdentity: boolean;
}

/** A table or view of Oracle. */
export interface OracleTable extends TableInfo<OracleColumn> {
  /** Rows lie in blocks of its own, so that blocks can be sampled and rows have a ROWID with an order. */
  readonly isHeap: boolean;
  /** Null = nobody has counted them. */
  readonly blocks: number | null;
}

/**
 * Describes a table or view.
 *
 * @throws UserError SOURCE_OBJECT_MISSING when there is none of that name, or none that the account may see
 */
export async function describeOracleTable(client: OracleConnection, name: string): Promise<OracleTable> {
  const found = await findOracleTable(client, name);
  const columns = await client.query(columnsSql(found));
  const indexes = await client.query(indexesSql(found));
  const [facts] = (await client.query(factsSql(found))).rows;
  const [rows, blocks, isHeap] = facts ?? [];
  return {
    sqlName: `${quoteOracleName(found.schema)}.${quoteOracleName(found.table)}`,
    ...{ title: `${found.schema}.${found.table}`, isTransactional: true, rows: Number(rows ?? 0) },
    ...{ isHeap: isHeap === "1" && !found.isView, blocks: blocks == null ? null : Number(blocks) },
    columns: columns.rows.map((row) => columnOfRow(row, { isSized: isUnicode(client.charset) })),
    indexes: indexesOf(indexes.rows),
  };
}

function at({ schema, table }: OracleFoundTable, [owner, name]: readonly [string, string]): string {
  return `${owner} = ${quoteOracleText(schema)} AND ${name} = ${quoteOracleText(table)}`;
}

/** Without those that the server made for itself. */
const columnsSql = (
  found: OracleFoundTable,
) => `SELECT c.COLUMN_NAME, c.DATA_TYPE, c.DATA_LENGTH, c.CHAR_LENGTH, c.CHAR_USED,
    c.DATA_PRECISION, c.DATA_SCALE, c.NULLABLE, c.VIRTUAL_COLUMN, c.HIDDEN_COLUMN,
    (SELECT i.GENERATION_TYPE FROM ALL_TAB_IDENTITY_COLS i
      WHERE i.OWNER = c.OWNER AND i.TABLE_NAME = c.TABLE_NAME AND i.COLUMN_NAME = c.COLUMN_NAME)
  FROM ALL_TAB_COLS c WHERE ${at(found, ["c.OWNER", "c.TABLE_NAME"])} AND c.USER_GENERATED = 'YES'
  ORDER BY c.INTERNAL_COLUMN_ID`;

/** Those over plain columns. A key may also be kept by an index that allows duplicates, unless it is checked at the end only. */
const indexesSql = (found: OracleFoundTable) => `SELECT i.INDEX_NAME, k.CONSTRAINT_TYPE,
    CASE WHEN i.UNIQUENESS = 'UNIQUE' OR k.CONSTRAINT_TYPE IN ('P', 'U') THEN 1 ELSE 0 END, i.INDEX_TYPE, c.COLUMN_NAME
  FROM ALL_INDEXES i JOIN ALL_IND_COLUMNS c ON c.INDEX_OWNER = i.OWNER AND c.INDEX_NAME = i.INDEX_NAME
    LEFT JOIN ALL_CONSTRAINTS k ON k.OWNER = i.TABLE_OWNER AND k.TABLE_NAME = i.TABLE_NAME AND k.INDEX_NAME = i.INDEX_NAME
      AND k.CONSTRAINT_TYPE IN ('P', 'U') AND k.STATUS = 'ENABLED' AND k.VALIDATED = 'VALIDATED' AND k.DEFERRABLE = 'NOT DEFERRABLE'
  WHERE ${at(found, ["i.TABLE_OWNER", "i.TABLE_NAME"])} AND i.STATUS <> 'UNUSABLE'
    AND i.INDEX_TYPE IN ('NORMAL', 'NORMAL/REV', 'IOT - TOP')
  ORDER BY CASE k.CONSTRAINT_TYPE WHEN 'P' THEN 0 ELSE 1 END, i.INDEX_NAME, c.COLUMN_POSITION`;

const factsSql = (found: OracleFoundTable) => `SELECT t.NUM_ROWS, t.BLOCKS,
    CASE WHEN t.IOT_TYPE IS NULL AND t.CLUSTER_NAME IS NULL AND NOT EXISTS (SELECT 1 FROM ALL_EXTERNAL_TABLES e
      WHERE e.OWNER = t.OWNER AND e.TABLE_NAME = t.TABLE_NAME) THEN 1 ELSE 0 END
  FROM ALL_TABLES t WHERE ${at(found, ["t.OWNER", "t.TABLE_NAME"])}`;

/** Its texts can be any, and what they take there is known here. */
export function isUnicode(charset: string): boolean {
  return charset === "AL32UTF8" || charset === "UTF8";
}

function columnOfRow(row: readonly (string | null)[], { isSized }: { readonly isSized: boolean }): OracleColumn {
  const [name, declared, bytes, characters, used, precision, scale, nullable, isVirtual, isHidden, identity] = row;
  const number = (text: string | null | undefined) => (text == null ? null : Number(text));
  const bare = bareTypeName(declared ?? "");
  const typed = { typeName: bare, scale: scaleOf(bare, number(scale)), precision: number(precision) };
  const found = typeFactsOf(typed);
  const isText = /CHAR/.test(bare);
  const isAlwaysIdentity = identity === "ALWAYS";
  return {
    ...{ ...typed, name: name ?? "", type: found?.type ?? "string", dataType: bare.toLowerCase() },
    declared: declaredOf(declared ?? "", { bytes, characters, used, precision, scale }),
    ...{ isNullable: nullable === "Y", isGenerated: isVirtual === "YES" || isAlwaysIdentity, isAlwaysIdentity },
    ...{ isInvisible: isHidden === "YES", isMoment: found?.isMoment ?? false, keyKind: found?.key ?? null },
    ...{ maxCodePoint: 0x10ffff, countsCharacters: used !== "B" },
    // How many bytes a character takes in another character set only the server knows.
    ...{ maxLength: isText && (isSized || used !== "B") ? number(characters) : bare === "RAW" ? number(bytes) : null },
    maxBytes: isText && isSized && !/^N/.test(bare) ? number(bytes) : null,
  };
}

/** INTEGER is a NUMBER without precision, of scale 0; a plain NUMBER has neither. */
function scaleOf(typeName: string, scale: number | null): number | null {
  return typeName === "DATE" ? 0 : scale;
}

interface Limits {
  readonly bytes: string | null | undefined;
  readonly characters: string | null | undefined;
  readonly used: string | null | undefined;
  readonly precision: string | null | undefined;
  readonly scale: string | null | undefined;
}

function declaredOf(type: string, { bytes, characters, used, precision, scale }: Limits): string {
  const name = type.toLowerCase();
  if (/^n(?:var)?char/.test(name)) return `${name}(${characters})`;
  if (/char/.test(name)) return used === "C" ? `${name}(${characters} char)` : `${name}(${bytes})`;
  if (name === "raw") return `raw(${bytes})`;
  if (name === "float") return `float(${precision})`;
  if (name !== "number" || precision == null) return name === "number" && scale === "0" ? "number(*,0)" : name;
  return scale === "0" ? `number(${precision})` : `number(${precision},${scale})`;
}

function indexesOf(rows: readonly (readonly (string | null)[])[]): TableIndex[] {
  const found = new Map<string, TableIndex & { readonly columns: string[] }>();
  for (const [name, constraint, isUnique, type, column] of rows) {
    const flags = { isPrimary: constraint === "P", isUnique: isUnique === "1", isSorted: type !== "NORMAL/REV" };
    const index = found.get(name ?? "") ?? { name: name ?? "", ...flags, columns: [] };
    if (!index.columns.includes(column ?? "")) index.columns.push(column ?? "");
    found.set(index.name, index);
  }
  return [...found.values()];
}
