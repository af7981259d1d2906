import type { NewColumn, NewIndex } from "./tsql-catalog.js";
import { typeParts } from "./tsql-convert.js";
import { closing, cutAt, isSign, isWord, type Token, typeAt } from "./tsql-tokens.js";
import { nameLiteral, type TranslateSetting, translated } from "./tsql-translate.js";

/** What CREATE TABLE says, for the engine and for the catalog. */
export interface NewTable {
  readonly body: string;
  readonly columns: readonly NewColumn[];
  readonly indexes: readonly NewIndex[];
}

/** Reads what stands between the parentheses of CREATE TABLE. */
export function newTable(tokens: readonly Token[], setting: TranslateSetting): NewTable {
  const columns: NewColumn[] = [];
  const indexes: NewIndex[] = [];
  const parts: string[] = [];
  const bodies: string[] = [];
  for (const part of cutAt(tokens, ",")) {
    const start = isWord(part[0], "CONSTRAINT") ? 2 : 0;
    if (isWord(part[start], "PRIMARY", "UNIQUE")) {
      const isPrimary = isWord(part[start], "PRIMARY");
      const open = part.findIndex((token) => isSign(token, "("));
      const names = cutAt(part.slice(open + 1, closing(part, open)), ",").map((one) => one[0]?.text ?? "");
      indexes.push({ name: `key_${indexes.length + 1}`, isPrimary, isUnique: true, columns: names });
      parts.push(`${isPrimary ? "PRIMARY KEY" : "UNIQUE"} (${names.map(nameLiteral).join(", ")})`);
    } else if (isWord(part[start], "CHECK")) parts.push(translated(part.slice(start), setting));
    else bodies.push(newColumn(part, { columns, indexes, setting }));
  }
  const primary = indexes.find(({ isPrimary }) => isPrimary)?.columns.map((name) => name.toLowerCase()) ?? [];
  const found = columns.map((column) =>
    primary.includes(column.name.toLowerCase()) ? { ...column, isNullable: false } : column,
  );
  const all = bodies.map((body, at) => {
    const { isNullable = true, isIdentity = true } = found[at] ?? {};
    return isNullable || isIdentity ? body : `${body} NOT NULL`;
  });
  return { body: [...all, ...parts].join(", "), columns: found, indexes };
}

interface Gathered {
  readonly columns: NewColumn[];
  readonly indexes: NewIndex[];
  readonly setting: TranslateSetting;
}

function newColumn(part: readonly Token[], { columns, indexes, setting }: Gathered): string {
  const name = part[0]?.text ?? "";
  if (isWord(part[1], "AS")) {
    const end = closing(part, 2);
    columns.push({
      name,
      type: "int",
      isNullable: true,
      isIdentity: false,
      isComputed: true,
      hasDefault: false,
      collation: null,
    });
    return `${nameLiteral(name)} int GENERATED ALWAYS AS ${translated(part.slice(2, end + 1), setting)}`;
  }
  const { type, end } = typeAt(part, 1);
  const rest: string[] = [];
  let column: NewColumn = {
    name,
    type,
    isNullable: true,
    isIdentity: false,
    isComputed: false,
    hasDefault: false,
    collation: null,
  };
  for (let at = end; at < part.length; at++) {
    if (isWord(part[at], "NOT")) {
      column = { ...column, isNullable: false };
      at++;
    } else if (isWord(part[at], "COLLATE")) column = { ...column, collation: part[++at]?.text ?? null };
    else if (isWord(part[at], "IDENTITY")) {
      column = { ...column, isIdentity: true, isNullable: false };
      if (isSign(part[at + 1], "(")) at = closing(part, at + 1);
    } else if (isWord(part[at], "PRIMARY", "UNIQUE")) {
      const isPrimary = isWord(part[at], "PRIMARY");
      if (isPrimary) at++;
      indexes.push({ name: `key_${indexes.length + 1}`, isPrimary, isUnique: true, columns: [name] });
      rest.push(isPrimary ? "PRIMARY KEY" : "UNIQUE");
    } else if (isWord(part[at], "DEFAULT")) {
      column = { ...column, hasDefault: true };
      const last = isSign(part[at + 1], "(") ? closing(part, at + 1) : at + 1;
      rest.push(`DEFAULT ${translated(part.slice(at + 1, last + 1), setting)}`);
      at = last;
    } else if (isWord(part[at], "CHECK")) {
      const last = closing(part, at + 1);
      rest.push(translated(part.slice(at, last + 1), setting));
      at = last;
    } else if (!isWord(part[at], "NULL")) throw new Error(`the stand-in does not know ${part[at]?.text} of a column`);
  }
  columns.push(column);
  // The engine numbers the key that is its own row number only.
  if (column.isIdentity) return `${nameLiteral(name)} INTEGER PRIMARY KEY`;
  return `${nameLiteral(name)} ${engineType(type)} ${rest.join(" ")}`;
}

/** A type of the engine that keeps values as they come, with the server's type behind it. */
function engineType(type: string): string {
  const [name] = typeParts(type);
  if (/int$/.test(name)) return type;
  if (name === "bit") return nameLiteral("INTEGER bit");
  if (name === "float" || name === "real") return nameLiteral(`REAL ${type}`);
  if (name === "timestamp" || name === "rowversion") return `${nameLiteral("BLOB timestamp")} DEFAULT (randomblob(8))`;
  return nameLiteral(/binary$|^image$/.test(name) ? `BLOB ${type}` : `TEXT ${type}`);
}
