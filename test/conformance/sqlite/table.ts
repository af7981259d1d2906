import type { KeyKind } from "../../../shared/connectors/sql/keys/key-range.js";
import type { SqlTableColumn, TableIndex, TableInfo } from "../../../shared/connectors/sql/table.js";
import type { Column, ColumnType } from "../../../shared/model/batch.js";
import { withoutSemicolons } from "../../../shared/model/cut-end.js";
import { UserError } from "../../../shared/model/errors.js";
import { own } from "../../../shared/model/own.js";
import type { SqliteClient } from "./client.js";
import { sqliteText } from "./text.js";

const types: Readonly<Record<string, readonly [type: ColumnType, key: KeyKind | null]>> = {
  ...{ integer: ["long", "integer"], int: ["long", "integer"], real: ["double", null] },
  ...{ text: ["string", "text"], blob: ["bytes", "bytes"] },
};

/** Describes a table; those that the toy knows are STRICT, so that the server refuses what does not fit. */
export async function describeTable(client: SqliteClient, name: string): Promise<TableInfo> {
  const quoted = sqliteText.quoteText(name);
  const columns = await client.query(`SELECT name, type, "notnull", pk, hidden FROM pragma_table_xinfo(${quoted})`);
  if (columns.rows.length === 0) throw new UserError("SOURCE_OBJECT_MISSING", `table ${name} does not exist`);
  const found = await client.query(
    `SELECT l.name, l.origin, l."unique", i.name AS part FROM pragma_index_list(${quoted}) l, pragma_index_info(l.name) i
      WHERE l.partial = 0 ORDER BY l.origin = 'pk' DESC, l.name, i.seqno`,
  );
  const keys = columns.rows.filter(([, , , place]) => place !== "0").sort((a, b) => Number(a[3]) - Number(b[3]));
  const indexes = new Map<string, TableIndex>();
  const add = (key: string, [origin, unique, column]: readonly (string | null | undefined)[]) => {
    const [isPrimary, isUnique] = [origin === "pk", unique === "1"];
    const others = indexes.get(key)?.columns ?? [];
    indexes.set(key, { name: key, isPrimary, isUnique, isSorted: true, columns: [...others, column ?? ""] });
  };
  // A whole number as primary key is the table itself, which no list of indexes shows.
  if (!found.rows.some(([, origin]) => origin === "pk")) for (const [column] of keys) add("rowid", ["pk", "1", column]);
  for (const [index, ...rest] of found.rows) add(index ?? "", rest);
  const rows = await client.query(`SELECT COUNT(*) FROM ${sqliteText.quoteName(name)}`);
  return {
    ...{ sqlName: sqliteText.quoteName(name), title: name, columns: columns.rows.map(columnOf) },
    ...{ indexes: [...indexes.values()], isTransactional: true, rows: Number(rows.rows[0]?.[0]) },
  };
}

function columnOf([name, declared, isNotNull, place, hidden]: readonly (string | null)[]): SqlTableColumn {
  const dataType = (declared ?? "").toLowerCase();
  const [type, keyKind] = own(types, dataType) ?? ["string", null];
  return {
    ...{ name: name ?? "", type, dataType, declared: dataType, keyKind, maxCodePoint: 0x10ffff },
    ...{ isNullable: isNotNull === "0" && place === "0", isGenerated: hidden === "2" || hidden === "3" },
    ...{ isInvisible: hidden === "1", isMoment: false, maxLength: null, precision: null, scale: null },
  };
}

/** A query is described by a view of it, any other statement by its plan. */
export async function describe(client: SqliteClient, sql: string): Promise<readonly Column[]> {
  const statement = withoutSemicolons(sql);
  if (!/^\s*(?:SELECT|WITH)\b/i.test(statement)) {
    client.db.prepare(`EXPLAIN ${statement}`).finalize();
    return [];
  }
  await client.execute(`CREATE TEMP VIEW sluice_look AS ${statement}`);
  try {
    const { rows } = await client.query("SELECT name, type FROM pragma_table_info('sluice_look')");
    return rows.map(([name, type]) => ({
      name: name ?? "",
      type: own(types, (type ?? "").toLowerCase())?.[0] ?? "string",
    }));
  } finally {
    await client.execute("DROP VIEW sluice_look");
  }
}
