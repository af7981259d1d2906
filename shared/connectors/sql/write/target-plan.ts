import type { Column, ColumnType } from "../../../model/batch.js";
import { counted } from "../../../model/counted.js";
import { UserError } from "../../../model/errors.js";
import type { Json } from "../../../model/json.js";
import { columnNamed, type SqlTableColumn, type TableInfo } from "../table.js";
import type { SqlWriteMode, SqlWriteParams } from "./write-params.js";

/** A column as it is written; systems add what is theirs. Plain JSON, part of what `prepare` found. */
export interface SqlTargetColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Such as `varchar`. */
  readonly dataType: string;
  /** Digits behind the point that the column keeps, of a number or of a second; null = any number of them. */
  readonly scale: number | null;
  /** Most characters of a text, most bytes of bytes; null = no bound that is known. */
  readonly maxLength: number | null;
  /** Values are moments, whatever clock shows them. */
  readonly isMoment: boolean;
  /** Bytes go in as they are; all other columns take text. */
  readonly takesBytes: boolean;
  /** An empty text is no value of it, and may mean NULL. */
  readonly refusesEmpty: boolean;
  /** The column's default takes the place of NULL. */
  readonly defaultForNull: boolean;
  /** A NULL here is refused for certain. */
  readonly refusesNull: boolean;
}

/** A unique index, all of whose columns are written: positions of its columns in a record. */
export interface TargetKey {
  readonly name: string;
  readonly positions: readonly number[];
}

/** A target table as `prepare` found it. Plain JSON. */
export interface TargetPlan<C extends SqlTargetColumn = SqlTargetColumn> {
  readonly datasource: string | null;
  readonly sqlName: string;
  readonly title: string;
  readonly mode: SqlWriteMode;
  readonly columns: readonly C[];
  /** Names of the columns that `update` changes. */
  readonly updateColumns: readonly string[];
  /** The primary key first. */
  readonly keys: readonly TargetKey[];
  readonly isTransactional: boolean;
  readonly emptyAsNull: boolean;
  /** The bulk path works here. */
  readonly bulk: boolean;
  /** The ledger keeps account of the splits. */
  readonly ledger: boolean;
  /** Bytes that one statement may have. */
  readonly maxStatementBytes: number;
  /** What else the system found out. */
  readonly own?: Json;
}

/** What the job makes of a column. */
export interface GivenTarget {
  /** The reader's column; undefined = it has none for it. */
  readonly source: Column | undefined;
  readonly defaultForNull: boolean;
}

/** The facts that any column has. */
export function targetColumn(column: SqlTableColumn, { defaultForNull }: GivenTarget): SqlTargetColumn {
  const { name, type, dataType, scale, maxLength, isMoment } = column;
  return {
    ...{ name, type, dataType, scale, maxLength, isMoment, defaultForNull },
    ...{ takesBytes: type === "bytes", refusesEmpty: type === "long" || type === "double" },
    refusesNull: !column.isNullable && !defaultForNull,
  };
}

/** The table's columns that a job writes, in the order of the records' cells. */
export function writtenColumns<T extends SqlTableColumn>(table: TableInfo<T>, params: SqlWriteParams): readonly T[] {
  if (params.columns === null) return table.columns.filter((column) => !column.isGenerated && !column.isInvisible);
  return params.columns.map((name, index) => {
    const found = columnNamed(table.columns, name);
    if (found) return found;
    const known = table.columns.map((column) => column.name).join(", ");
    throw new UserError("CONFIG_INVALID", `${table.title} has no column "${name}"; it has ${known}`, {
      path: `column[${index}]`,
    });
  });
}

/** The columns that `*` does not write, and why. */
export function hiddenColumns({ columns }: TableInfo): { readonly name: string; readonly why: string }[] {
  return columns.flatMap(({ name, isGenerated, isInvisible }) =>
    isGenerated || isInvisible ? [{ name, why: isGenerated ? "generated" : "invisible" }] : [],
  );
}

/** A job and its table, and how the system looks at a column of it. */
export interface PlannedTable<T extends SqlTableColumn, C extends SqlTargetColumn> {
  readonly table: TableInfo<T>;
  readonly params: SqlWriteParams;
  /** The reader's columns. */
  readonly source: readonly Column[];
  readonly target: (column: T, given: GivenTarget) => C;
}

/**
 * Works out how the reader's columns go into a table.
 *
 * @throws UserError CONFIG_INVALID for unknown columns and for a number of columns other than the reader's
 */
export function planColumns<T extends SqlTableColumn, C extends SqlTargetColumn>({
  table,
  params,
  source,
  target,
}: PlannedTable<T, C>): Pick<TargetPlan<C>, "columns" | "updateColumns" | "keys"> {
  const written = writtenColumns(table, params);
  if (written.length !== source.length) {
    const left = params.columns === null ? table.columns.length - written.length : 0;
    const why = left > 0 ? `, besides ${left} generated or invisible: name the columns on both sides` : "";
    const message = `the reader delivers ${counted(source.length, "column")}, ${table.title} takes ${written.length}${why}`;
    throw new UserError("CONFIG_INVALID", message, { path: "column" });
  }
  const updateColumns = (params.updateColumns ?? written.map((column) => column.name)).map((name, index) => {
    const column = columnNamed(written, name);
    if (column) return column.name;
    throw new UserError("CONFIG_INVALID", `"${name}" is none of the written columns`, {
      path: `updateColumn[${index}]`,
    });
  });
  const keys = table.indexes
    .filter((index) => index.isUnique)
    .map(({ name, columns }) => ({
      name,
      positions: columns.map((one) => written.findIndex((column) => column.name === one)),
    }))
    .filter((key) => key.positions.every((position) => position >= 0));
  const { defaultForNull: defaulted } = params;
  const columns = written.map((column, at) => {
    const isDefaulted = defaulted === "all" || (defaulted?.some((name) => same(name, column.name)) ?? false);
    return target(column, { source: source[at], defaultForNull: isDefaulted });
  });
  return { columns, updateColumns, keys };
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
