import { keptName, listParts } from "../oracle/create-table.js";
import { mergeParts, toSqlite } from "./dialect.js";
import { db2Error } from "./functions.js";
import type { Db2Place } from "./place.js";

/** Values of markers, in order. */
export type Values = readonly unknown[];

/** Runs a statement once. */
export function run(
  place: Db2Place,
  sql: string,
  values: Values,
): { readonly rows: readonly (readonly unknown[])[]; readonly changed: number } {
  try {
    return runIn(place, sql, values);
  } catch (error) {
    throw asDb2Error(error);
  }
}

function runIn(place: Db2Place, sql: string, values: Values) {
  const { database, catalog } = place;
  const bound = values.map((value) => (Buffer.isBuffer(value) ? new Uint8Array(value) : (value as string | null)));
  const none = { rows: [], changed: 0 };
  if (/^[\s(]*(?:SELECT|WITH|VALUES)\b/i.test(sql)) {
    if (/SYSCAT\.TABLES/.test(sql)) catalog.count();
    const rows = database.all(`SELECT * FROM (${toSqlite(sql)})`, bound) as Record<string, unknown>[];
    return { rows: rows.map((row) => Object.values(row).map(asDriven)), changed: 0 };
  }
  const savepoint = /^\s*(SAVEPOINT|ROLLBACK\s+TO\s+SAVEPOINT|RELEASE\s+SAVEPOINT)\s+(\w+)/i.exec(sql);
  if (savepoint) {
    database.exec(`${savepoint[1]!.replace(/\s+SAVEPOINT$/i, "")} ${savepoint[2]}`);
    return none;
  }
  if (/^\s*MERGE\b/i.test(sql)) return { rows: [], changed: merge(place, sql, bound) };
  if (/^\s*(?:INSERT|UPDATE|DELETE)\b/i.test(sql))
    return { rows: [], changed: database.run(toSqlite(sql), bound).changes };
  define(place, sql);
  return none;
}

function asDriven(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}

function merge({ database }: Db2Place, sql: string, values: (string | Uint8Array | null)[]): number {
  const parts = mergeParts(sql);
  if (!parts) throw db2Error(-104, "42601", "An unexpected token was found (no MERGE of this shape is known here).");
  const isThere = database.get(toSqlite(parts.find), values) !== null;
  if (!isThere) return database.run(toSqlite(parts.insert), values).changes;
  return parts.update === null ? 0 : database.run(toSqlite(parts.update), values).changes;
}

function define({ database, catalog }: Db2Place, sql: string): void {
  const table = catalog.add(sql.trim());
  const [, unique, index = "", on = "", list = ""] =
    /^\s*CREATE\s+(UNIQUE\s+)?INDEX\s+(\S+)\s+ON\s+(\S+)\s*\((.*)\)$/i.exec(sql) ?? [];
  const [, dropped = ""] = /^\s*DROP\s+TABLE\s+(\S+)$/i.exec(sql) ?? [];
  if (table !== null) database.exec(table);
  else if (index) {
    database.exec(toSqlite(sql));
    catalog.addIndex(keptName(index), keptName(on), unique ? "U" : "D", list.split(",").map(keptName));
  } else if (dropped) {
    database.exec(`DROP TABLE ${dropped}`);
    catalog.remove(keptName(dropped));
  } else if (!/^\s*SET\s+CURRENT\b/i.test(sql)) throw db2Error(-104, "42601", "An unexpected token was found.");
}

/** The columns of a query's result, as the driver describes them; nothing for any other statement. Both must be such as the engine could run. */
export function describedColumns(place: Db2Place, sql: string) {
  try {
    const parts = /^\s*MERGE\b/i.test(sql) ? mergeParts(sql) : null;
    const all = parts
      ? [parts.find, parts.update, parts.insert]
      : /^[\s(]*(?:SELECT|WITH|INSERT|UPDATE|DELETE)\b/i.test(sql)
        ? [sql]
        : [];
    for (const one of all) if (one !== null) place.database.prepare(toSqlite(one)).finalize();
  } catch (error) {
    throw asDb2Error(error);
  }
  return /^[\s(]*(?:SELECT|WITH)\b/i.test(sql) ? columnsOf(place, sql) : [];
}

function columnsOf(place: Db2Place, sql: string): ReturnType<typeof column>[] {
  const text = sql.trim().replace(/^\((.*)\)$/s, "$1");
  const [, whole] = /^SELECT \* FROM \(([\s\S]*)\n\) AS QUERY_OF_SLUICE WHERE 1 = 0$/.exec(text) ?? [];
  if (whole !== undefined) return columnsOf(place, whole);
  const [, list = "", from = ""] = /^SELECT\s+([\s\S]*?)(?:\s+FROM\s+([\s\S]*))?$/i.exec(topLevel(text)) ?? [];
  const [, named = ""] = /^(?:"[^"]+"\.|\w+\.)?("[^"]+"|\w+)/.exec(from.trim()) ?? [];
  const known = place.catalog.tables.get(keptName(named).toUpperCase()) ?? [];
  const union = list.search(/\sUNION\s/i);
  return listParts(union < 0 ? list : list.slice(0, union)).flatMap((item) => {
    if (item === "*")
      return known.map(({ name, typeName, length, scale }) => column(name, typeName, { length, scale }));
    const [, expression = item, alias] = /^([\s\S]+?)\s+AS\s+("[^"]+"|\w+)$/i.exec(item) ?? [];
    const plain = /^("[^"]+"|\w+)$/.exec(expression)?.[1];
    const found =
      plain === undefined ? undefined : known.find(({ name }) => name.toUpperCase() === keptName(plain).toUpperCase());
    const name = alias === undefined ? (found?.name ?? expression.toUpperCase()) : keptName(alias);
    if (found) return [column(name, found.typeName, found)];
    return [column(name, /^-?\d+$/.test(expression) ? "INTEGER" : "VARCHAR", { length: 100, scale: 0 })];
  });
}

/** With what stands in parentheses and before the first FROM kept together. */
function topLevel(text: string): string {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")") depth--;
    else if (depth === 0 && /^\sFROM\s/i.test(text.slice(at, at + 6)))
      return `${text.slice(0, at).replace(/\sFROM\s/gi, "\u0003")}${text.slice(at)}`;
  }
  return text.replace(/\sFROM\s/gi, "\u0003");
}

function column(
  name: string,
  typeName: string,
  { length, scale }: { readonly length: number; readonly scale: number },
) {
  return { SQL_DESC_NAME: name, SQL_DESC_TYPE_NAME: typeName, SQL_DESC_PRECISION: length, SQL_DESC_SCALE: scale };
}

/** What SQLite says, in DB2's words. */
function asDb2Error(error: unknown): unknown {
  if (!(error instanceof Error) || "sqlcode" in error) return error;
  const words = error.message;
  const of = (pattern: RegExp) => pattern.exec(words)?.slice(1) ?? null;
  const check = of(/^CHECK constraint failed: DB2-(-\d+):(.+)$/);
  if (check) return db2Error(Number(check[0]), "22000", `The value for column "${check[1]}" is not valid.`);
  if (/^UNIQUE constraint failed/.test(words))
    return db2Error(
      -803,
      "23505",
      "One or more values in the INSERT statement are not valid because the primary key or unique index constrains the table.",
    );
  const missing = of(/^NOT NULL constraint failed: \w+\.(.+)$/);
  if (missing)
    return db2Error(
      -407,
      "23502",
      `Assignment of a NULL value to a NOT NULL column "COLUMN=${missing[0]}" is not allowed.`,
    );
  if (/^CHECK constraint failed/.test(words))
    return db2Error(
      -545,
      "23513",
      "The requested operation is not allowed because a row does not satisfy the check constraint.",
    );
  const table = of(/no such table: (\S+)/);
  if (table) return db2Error(-204, "42704", `"SHOP.${table[0]}" is an undefined name.`);
  const named = of(/no such column: "?([^"\s]+)|has no column named (\S+)/);
  if (named)
    return db2Error(
      -206,
      "42703",
      `"${(named[0] ?? named[1] ?? "").toUpperCase()}" is not valid in the context where it is used.`,
    );
  if (/no such function: (\S+)/.test(words))
    return db2Error(-440, "42884", `No authorized routine was found: ${words}`);
  return db2Error(-104, "42601", `An unexpected token was found: ${words}`);
}
