import type { KeyKind } from "../sql/keys/key-range.js";
import type { SqlText } from "../sql/sql-text.js";
import { plainColumn } from "../sql/step-fields.js";

/** A name in brackets, whatever it holds. */
export function quoteSqlserverName(name: string): string {
  return `[${name.replaceAll("]", "]]")}]`;
}

/** A text literal of Unicode: without the N the database's code page would decide what characters become. */
export function quoteSqlserverText(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`;
}

/** Bytes as a literal. */
export function sqlserverBytes(hex: string): string {
  return `0x${hex}`;
}

/** A name in brackets, in double quotes or bare. */
function nameIn(entry: string): string | null {
  const bracketed = /^\[((?:[^\]]|\]\])+)\]$/.exec(entry.trim())?.[1];
  return bracketed === undefined ? plainColumn(entry) : bracketed.replaceAll("]]", "]");
}

const digits = /^-?\d+(?:\.\d+)?$/;

/** Types whose text is read by style 121, and those whose literals are cast as they are. */
const dated = /^(?:date|datetime|smalldatetime|datetime2|datetimeoffset|time)\b/;

/**
 * A literal of the column's own type. One of Unicode beside a varchar would make the server compare by other rules than those that its index
 * is sorted by, and one of decimal text beside a float or a date would be converted by the session's settings.
 */
function keyLiteral(value: string, kind: KeyKind, type = ""): string {
  if (kind === "bytes") return sqlserverBytes(value);
  if ((kind === "integer" || kind === "decimal") && digits.test(value)) return value;
  const literal = quoteSqlserverText(value);
  if (type === "") return literal;
  if (dated.test(type)) return `CONVERT(${type}, ${literal}, 121)`;
  const [plain = "", collation] = type.split(" COLLATE ");
  return `CAST(${literal}${collation === undefined ? "" : ` COLLATE ${collation}`} AS ${plain})`;
}

/** A key as text that {@link keyLiteral} takes back; the server's own for numbers and texts of Unicode. */
function keySql(name: string, kind: KeyKind, type = ""): string {
  const quoted = quoteSqlserverName(name);
  if (kind === "bytes") return `CONVERT(varchar(max), ${quoted}, 2)`;
  if (kind === "decimal") return `CONVERT(varchar(41), ${quoted}${/money/.test(type) ? ", 2" : ""})`;
  if (kind === "text") return type.startsWith("varchar") ? `CONVERT(nvarchar(4000), ${quoted})` : quoted;
  return kind === "integer" ? quoted : dateSql(quoted, type);
}

/** A date, a moment or a time of day as text, every digit of it. */
export function dateSql(quoted: string, type: string): string {
  if (type === "date") return `CONVERT(varchar(10), ${quoted}, 23)`;
  if (type === "smalldatetime") return `CONVERT(varchar(19), ${quoted}, 120)`;
  return type.startsWith("time") ? `CONVERT(varchar(16), ${quoted})` : `CONVERT(varchar(34), ${quoted}, 121)`;
}

/** How SQL Server writes SQL. */
export const sqlserverText: SqlText = {
  quoteName: quoteSqlserverName,
  quoteText: quoteSqlserverText,
  keyLiteral,
  keySql,
  nameIn,
  oneRow: (select, skip) => `${select} OFFSET ${skip} ROWS FETCH NEXT 1 ROWS ONLY`,
};
