import { UserError } from "../../model/errors.js";
import { own } from "../../model/own.js";
import type { KeyColumn, KeyKind } from "../sql/key-range.js";
import type { TableColumn, TableInfo } from "./table-info.js";

/** The columns by which a table is split, read in order and resumed. Plain JSON, part of a split. */
export interface ReadKey {
  readonly columns: readonly (KeyColumn & { readonly isInvisible: boolean })[];
  /** How many leading columns the bounds of ranges talk about. */
  readonly bounded: number;
  /** No two rows have the same key, so reading can go on behind one. */
  readonly isUnique: boolean;
}

/** A key and how well it serves. */
export interface KeyChoice {
  readonly key: ReadKey | null;
  /** An index that has the bounded columns in front; null = every look at a range reads the whole table. */
  readonly index: string | null;
  /** Rows where the leading column is null need a split of their own. */
  readonly hasNulls: boolean;
  readonly warning: string | null;
}

const kinds: Readonly<Record<string, KeyKind>> = {
  ...{
    tinyint: "integer",
    smallint: "integer",
    mediumint: "integer",
    int: "integer",
    bigint: "integer",
    year: "integer",
  },
  ...{ decimal: "decimal", date: "datetime", datetime: "datetime", timestamp: "datetime", time: "time" },
  ...{ char: "text", varchar: "text", tinytext: "text", text: "text", binary: "bytes", varbinary: "bytes" },
};

/**
 * Chooses the key of a table: `splitPk` if the job names one, else the primary key, else a unique index without nulls.
 *
 * @param namedZone  the session's zone when it is no fixed offset: an hour that comes twice there is one text, so TIMESTAMPs are no key
 * @throws UserError CONFIG_INVALID at `splitPk` for an unknown column or one whose type has no order that SQL text can express
 */
export function chooseKey(given: TableInfo, splitPk: string | null, namedZone: string | null = null): KeyChoice {
  const table = namedZone === null ? given : withoutTimestamps(given);
  const unique = uniqueKey(table);
  const isAmbiguous = splitPk !== null && !!keyColumn(given, bareName(splitPk)) && !keyColumn(table, bareName(splitPk));
  if (splitPk !== null && !isAmbiguous) return keyOf(table, splitPk, unique);
  if (unique) return { key: unique.key, index: unique.index, hasNulls: false, warning: null };
  const warning = `${table.title} has no primary or unique key that could be split by: one split, which starts again after an interruption`;
  return { key: null, index: null, hasNulls: false, warning };
}

/** The table as if its TIMESTAMPs were of a type without an order. */
function withoutTimestamps(table: TableInfo): TableInfo {
  const columns = table.columns.map((column) =>
    column.dataType === "timestamp" ? { ...column, dataType: "" } : column,
  );
  return { ...table, columns };
}

function uniqueKey(table: TableInfo): { key: ReadKey; index: string } | null {
  for (const index of table.indexes) {
    if (!index.isUnique || !index.isSorted) continue;
    const columns = index.columns.map((name) => keyColumn(table, name));
    const usable = columns.filter((column) => column !== null && !column.isNullable);
    if (usable.length !== columns.length) continue;
    const key = usable.flatMap((column) => (column ? [column.key] : []));
    return { key: { columns: key, bounded: key.length, isUnique: true }, index: index.name };
  }
  return null;
}

function keyOf(table: TableInfo, splitPk: string, unique: { key: ReadKey; index: string } | null): KeyChoice {
  const found = keyColumn(table, bareName(splitPk));
  if (!found) throw new UserError("CONFIG_INVALID", whyNoKey(table, splitPk), { path: "splitPk" });
  const lead = found.key;
  const alone = table.indexes.find(
    ({ isUnique, columns }) => isUnique && columns.length === 1 && same(columns[0], lead.name),
  );
  const rest = alone && !found.isNullable ? [] : (unique?.key.columns ?? []).filter(({ name }) => name !== lead.name);
  const isUnique = (alone !== undefined && !found.isNullable) || unique !== null;
  const index = table.indexes.find(({ isSorted, columns }) => isSorted && same(columns[0], lead.name))?.name ?? null;
  const warnings = [
    ...(index === null
      ? [`splitPk ${lead.name} of ${table.title} has no index: every split reads the whole table`]
      : []),
    ...(isUnique ? [] : [`splitPk ${lead.name} is not unique: a split starts again after an interruption`]),
  ];
  return {
    key: { columns: [lead, ...rest], bounded: 1, isUnique },
    index,
    hasNulls: found.isNullable,
    warning: warnings.join("; ") || null,
  };
}

function keyColumn(table: TableInfo, name: string): { key: ReadKey["columns"][number]; isNullable: boolean } | null {
  const column = table.columns.find((one) => same(one.name, name));
  const kind = own(kinds, column?.dataType);
  if (!column || !kind) return null;
  return { key: { name: column.name, kind, isInvisible: column.isInvisible }, isNullable: column.isNullable };
}

function bareName(splitPk: string): string {
  return splitPk.replace(/^`(.*)`$/, "$1");
}

function whyNoKey(table: TableInfo, splitPk: string): string {
  const column: TableColumn | undefined = table.columns.find((one) => same(one.name, splitPk));
  if (column) {
    return `splitPk "${splitPk}" is of type ${column.columnType}; integers, decimals, dates, text and binary columns can be split by`;
  }
  return `splitPk "${splitPk}" is not a column of ${table.title}`;
}

function same(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}
