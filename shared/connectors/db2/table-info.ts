import { UserError } from "../../model/errors.js";
import type { SqlClient } from "../sql/client.js";
import { standardText } from "../sql/sql-text.js";
import type { SqlTableColumn, TableIndex, TableInfo } from "../sql/table.js";
import { db2TypeFacts } from "./column-type.js";
import { quoteDb2Text } from "./sql-text.js";

/** A column as the server's catalog declares it. */
export interface Db2Column extends SqlTableColumn {
  /** Upper-case, such as `VARCHAR () FOR BIT DATA`. */
  readonly typeName: string;
  /** The server gives it a number: `always` takes none unless it is overridden. */
  readonly identity: "always" | "default" | null;
}

/** A table or view of DB2. */
export interface Db2Table extends TableInfo<Db2Column> {
  /** It has rows of its own, of which a sample can be taken. */
  readonly isTable: boolean;
  /** Null = nobody has counted them. */
  readonly pages: number | null;
}

/** The parts of `table`, `schema.table`, `"My Schema"."My.Table"`. In quotes a part means what it says. */
function partsOf(name: string): { readonly text: string; readonly isQuoted: boolean }[] {
  const parts = name.trim().match(/"(?:[^"]|"")+"|[^."]+/g) ?? [name];
  return parts.map((part) => {
    const isQuoted = part.startsWith('"') && part.length > 2;
    return { text: isQuoted ? part.slice(1, -1).replaceAll('""', '"') : part.trim(), isQuoted };
  });
}

/** A table's name as the statements of a job have it in place of `@table`: as the server would take what is written. */
export function writtenDb2Table(name: string): string {
  return partsOf(name)
    .map(({ text, isQuoted }) => standardText.quoteName(isQuoted ? text : text.toUpperCase()))
    .join(".");
}

/**
 * Describes a table or view: as it is named, else in upper case as the server would take it, else the only one that differs in case alone.
 *
 * @throws UserError SOURCE_OBJECT_MISSING when there is none of that name, or none that the account may see
 */
export async function describeDb2Table(client: SqlClient, name: string): Promise<Db2Table> {
  const [schema, table, kind, card, pages] = await found(client, name);
  const place = `TABSCHEMA = ${quoteDb2Text(schema)} AND TABNAME = ${quoteDb2Text(table)}`;
  const columns = await client.query(columnsSql(place));
  const indexes = await client.query(indexesSql(place));
  const isCounted = Number(card) >= 0;
  return {
    sqlName: `${standardText.quoteName(schema)}.${standardText.quoteName(table)}`,
    ...{ title: `${schema}.${table}`, isTransactional: true, rows: isCounted ? Number(card) : 0 },
    ...{ isTable: kind === "T", pages: isCounted ? Number(pages) : null },
    columns: columns.rows.map(columnOf),
    indexes: indexesOf(indexes.rows),
  };
}

async function found(client: SqlClient, name: string): Promise<readonly [string, string, string, string, string]> {
  const parts = partsOf(name);
  const [table, schema] = [parts.at(-1)?.text ?? "", parts.at(-2)?.text ?? null];
  const inSchema =
    schema === null ? "T.TABSCHEMA = CURRENT SCHEMA" : `UPPER(T.TABSCHEMA) = ${quoteDb2Text(schema.toUpperCase())}`;
  const { rows } = await client.query(
    `SELECT T.TABSCHEMA, T.TABNAME, T.TYPE, T.CARD, T.NPAGES, T.BASE_TABSCHEMA, T.BASE_TABNAME FROM SYSCAT.TABLES T
      WHERE ${inSchema} AND UPPER(T.TABNAME) = ${quoteDb2Text(table.toUpperCase())} AND T.TYPE IN ('T', 'V', 'S', 'N', 'A', 'U')`,
  );
  const of = (wanted: string) => rows.find(([, one]) => one === wanted);
  const row = of(table) ?? of(table.toUpperCase()) ?? (rows.length === 1 ? rows[0] : undefined);
  if (!row)
    throw new UserError("SOURCE_OBJECT_MISSING", `table ${name} does not exist, or this account may not see it`);
  const [inside = "", named = "", kind = "", card = "", pages = "", base, target] = row.map((cell) => cell ?? "");
  if (kind === "A" && base && target) return found(client, `"${base}"."${target}"`);
  return [inside, named, kind, card, pages];
}

const columnsSql = (
  place: string,
) => `SELECT COLNAME, TYPENAME, LENGTH, SCALE, NULLS, GENERATED, IDENTITY, HIDDEN, CODEPAGE
  FROM SYSCAT.COLUMNS WHERE ${place} ORDER BY COLNO`;

const indexesSql = (place: string) => `SELECT I.INDNAME, I.UNIQUERULE, C.COLNAME FROM SYSCAT.INDEXES I
    JOIN SYSCAT.INDEXCOLUSE C ON C.INDSCHEMA = I.INDSCHEMA AND C.INDNAME = I.INDNAME
  WHERE I.${place.replace(" AND TABNAME", " AND I.TABNAME")} AND C.COLORDER IN ('A', 'D') AND I.INDEXTYPE IN ('REG ', 'REG', 'CLUS')
  ORDER BY CASE I.UNIQUERULE WHEN 'P' THEN 0 ELSE 1 END, I.INDNAME, C.COLSEQ`;

function columnOf(row: readonly (string | null)[]): Db2Column {
  const [name, named, length, scale, nulls, generated, identity, hidden, codepage] = row.map((cell) => cell ?? "");
  const isBits = codepage === "0" && /^(?:CHARACTER|CHAR|VARCHAR)$/.test(named ?? "");
  const typeName = isBits ? `${(named ?? "").replace("CHARACTER", "CHAR")} () FOR BIT DATA` : (named ?? "");
  const facts = db2TypeFacts({ typeName, scale: null });
  const isSized = /CHAR|GRAPHIC|BINARY/.test(typeName);
  const isIdentity = identity === "Y";
  return {
    ...{ name: name ?? "", typeName, type: facts?.type ?? "string", dataType: typeName.toLowerCase() },
    declared: declaredOf(typeName, length ?? "", scale ?? ""),
    ...{
      isNullable: nulls === "Y",
      isGenerated: generated === "A" && !isIdentity,
      isInvisible: /^[IS]$/.test(hidden ?? ""),
    },
    identity: isIdentity ? (generated === "A" ? "always" : "default") : null,
    ...{ isMoment: false, keyKind: facts?.key ?? null, maxCodePoint: 0x10ffff },
    ...{ maxLength: isSized ? Number(length) : null, precision: typeName === "DECIMAL" ? Number(length) : null },
    scale: scaleOf(typeName, Number(scale)),
  };
}

function scaleOf(typeName: string, scale: number): number | null {
  if (/^(?:DATE|TIME)$/.test(typeName)) return 0;
  return /^(?:DECIMAL|TIMESTAMP)$/.test(typeName) ? scale : null;
}

function declaredOf(typeName: string, length: string, scale: string): string {
  const name = typeName.toLowerCase();
  if (typeName === "DECIMAL") return `decimal(${length},${scale})`;
  if (typeName === "TIMESTAMP") return `timestamp(${scale})`;
  if (name.includes("()")) return name.replace("()", `(${length})`);
  return /CHAR|GRAPHIC|BINARY|LOB/.test(typeName) ? `${name}(${length})` : name;
}

function indexesOf(rows: readonly (readonly (string | null)[])[]): TableIndex[] {
  const all = new Map<string, TableIndex & { readonly columns: string[] }>();
  for (const [name, rule, column] of rows) {
    const flags = { isPrimary: rule === "P", isUnique: rule === "P" || rule === "U", isSorted: true };
    const index = all.get(name ?? "") ?? { name: name ?? "", ...flags, columns: [] };
    index.columns.push(column ?? "");
    all.set(index.name, index);
  }
  return [...all.values()];
}
