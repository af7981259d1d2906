import { UserError } from "../../../model/errors.js";
import type { KeyColumn } from "../keys/key-range.js";
import { columnNamed, type SqlTableColumn, type TableInfo } from "../table.js";

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

/** What the job and the session say of a key. */
export interface KeyOptions {
  /** The column that the job names, without quotes; null = none. */
  readonly splitPk: string | null;
  /** Columns that are no key in this session although their type has an order. */
  readonly noKey?: readonly string[];
}

/**
 * Chooses the key of a table: `splitPk` if the job names one, else the primary key, else a unique index without nulls.
 *
 * @throws UserError CONFIG_INVALID at `splitPk` for an unknown column or one whose type has no order that SQL text can express
 */
export function chooseKey(given: TableInfo, { splitPk, noKey = [] }: KeyOptions): KeyChoice {
  const table = without(given, noKey);
  const unique = uniqueKey(table);
  const isAmbiguous = splitPk !== null && !!keyColumn(given, splitPk) && !keyColumn(table, splitPk);
  if (splitPk !== null && !isAmbiguous) return keyOf(table, splitPk, unique);
  if (unique) return { key: unique.key, index: unique.index, hasNulls: false, warning: null };
  const warning = `${table.title} has no primary or unique key that could be split by: one split, which starts again after an interruption`;
  return { key: null, index: null, hasNulls: false, warning };
}

/** The table as if some of its columns were of a type without an order. */
function without(table: TableInfo, names: readonly string[]): TableInfo {
  const columns = table.columns.map((column) => (names.includes(column.name) ? { ...column, keyKind: null } : column));
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
  const found = keyColumn(table, splitPk);
  if (!found) throw new UserError("CONFIG_INVALID", whyNoKey(table, splitPk), { path: "splitPk" });
  const lead = found.key;
  const alone = table.indexes.find(
    ({ isUnique, columns }) => isUnique && columns.length === 1 && columns[0] === lead.name,
  );
  const rest = alone && !found.isNullable ? [] : (unique?.key.columns ?? []).filter(({ name }) => name !== lead.name);
  const isUnique = (alone !== undefined && !found.isNullable) || unique !== null;
  const index = table.indexes.find(({ isSorted, columns }) => isSorted && columns[0] === lead.name)?.name ?? null;
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
  const column = columnNamed(table.columns, name);
  if (!column?.keyKind) return null;
  const { isInvisible, isNullable, keyKind: kind, literalType } = column;
  const key = { name: column.name, kind, isInvisible, ...(literalType === undefined ? {} : { literalType }) };
  return { key, isNullable };
}

function whyNoKey(table: TableInfo, splitPk: string): string {
  const column: SqlTableColumn | undefined = columnNamed(table.columns, splitPk);
  if (column) {
    return `splitPk "${splitPk}" is of type ${column.declared}; integers, decimals, dates, text and binary columns can be split by`;
  }
  return `splitPk "${splitPk}" is not a column of ${table.title}`;
}
