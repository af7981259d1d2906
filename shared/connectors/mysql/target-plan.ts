import type { Column } from "../../model/batch.js";
import { counted } from "../../model/counted.js";
import { UserError } from "../../model/errors.js";
import type { MysqlColumn, MysqlTable } from "./table-info.js";
import type { WriteMode, WriteParams } from "./write-params.js";

/** How cells of a column are written. `number`: an empty text may mean NULL; `bit`: true, false or a number's digits; `hex`: bytes. */
export type CellForm = "text" | "number" | "bool" | "bit" | "hex";

/** A column as it is written. Plain JSON, part of what `prepare` found. */
export interface TargetColumn {
  readonly name: string;
  readonly form: CellForm;
  /** Such as `varchar`. */
  readonly dataType: string;
  /** Digits behind the point that the column keeps, of a number or of a second; null = any number of them. */
  readonly scale: number | null;
  /** Bits of a BIT column. */
  readonly bits: number | null;
  /** Members of an ENUM or SET. */
  readonly members: readonly string[] | null;
  readonly isUnsigned: boolean;
  readonly isAutoIncrement: boolean;
  /** A null here is refused for certain. */
  readonly refusesNull: boolean;
  readonly maxLength: number | null;
  /** Digits before the point of a decimal. */
  readonly wholeDigits: number | null;
  /** The column's default takes the place of NULL. */
  readonly defaultForNull: boolean;
  /** The reader delivers text for a numeric column, so that anything may come. */
  readonly isForeignText: boolean;
}

/** A unique index, all of whose columns are written: positions of its columns in a record. */
export interface TargetKey {
  readonly name: string;
  readonly positions: readonly number[];
}

/** A target table as `prepare` found it. Plain JSON. */
export interface TargetPlan {
  readonly datasource: string | null;
  readonly sqlName: string;
  readonly title: string;
  readonly mode: WriteMode;
  readonly columns: readonly TargetColumn[];
  /** Names of the columns that `update` changes. */
  readonly updateColumns: readonly string[];
  readonly keys: readonly TargetKey[];
  readonly isTransactional: boolean;
  readonly emptyAsNull: boolean;
  /** LOAD DATA LOCAL works here. */
  readonly loadData: boolean;
  /** The ledger keeps account of the splits. */
  readonly ledger: boolean;
  /** Bytes that one statement may have. */
  readonly maxStatementBytes: number;
}

/** The table's columns that a job writes, in the order of the records' cells. */
export function writtenColumns(table: MysqlTable, params: WriteParams): readonly MysqlColumn[] {
  if (params.columns === null) return table.columns.filter((column) => !column.isGenerated && !column.isInvisible);
  return params.columns.map((name, index) => {
    const found = findColumn(table, name);
    if (found) return found;
    const known = table.columns.map((column) => column.name).join(", ");
    throw new UserError("CONFIG_INVALID", `${table.title} has no column "${name}"; it has ${known}`, {
      path: `column[${index}]`,
    });
  });
}

/** The columns that `*` does not write, and why. */
export function hiddenColumns({ columns }: MysqlTable): { readonly name: string; readonly why: string }[] {
  return columns.flatMap(({ name, isGenerated, isInvisible }) =>
    isGenerated || isInvisible ? [{ name, why: isGenerated ? "generated" : "invisible" }] : [],
  );
}

/**
 * Works out how the reader's columns go into a table.
 *
 * @throws UserError CONFIG_INVALID for unknown columns and for a number of columns other than the reader's
 */
export function planColumns(
  table: MysqlTable,
  params: WriteParams,
  source: readonly Column[],
): Pick<TargetPlan, "columns" | "updateColumns" | "keys"> {
  const written = writtenColumns(table, params);
  if (written.length !== source.length) {
    const left = params.columns === null ? table.columns.length - written.length : 0;
    const why = left > 0 ? `, besides ${left} generated or invisible: name the columns on both sides` : "";
    const message = `the reader delivers ${counted(source.length, "column")}, ${table.title} takes ${written.length}${why}`;
    throw new UserError("CONFIG_INVALID", message, { path: "column" });
  }
  const positionOf = (name: string) => written.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
  const updateColumns = (params.updateColumns ?? written.map((column) => column.name)).map((name, index) => {
    const column = written[positionOf(name)];
    if (column) return column.name;
    throw new UserError("CONFIG_INVALID", `"${name}" is none of the written columns`, {
      path: `updateColumn[${index}]`,
    });
  });
  const keys = table.indexes
    .filter((index) => index.isUnique)
    .map((index) => ({ name: index.name, positions: index.columns.map(positionOf) }))
    .filter((key) => key.positions.every((position) => position >= 0));
  return { columns: written.map((column, at) => targetColumn(column, params, source[at])), updateColumns, keys };
}

function targetColumn(column: MysqlColumn, params: WriteParams, source: Column | undefined): TargetColumn {
  const isNumeric = column.type === "long" || column.type === "double";
  const { defaultForNull } = params;
  const wished = defaultForNull === "all" || defaultForNull?.some((name) => same(name, column.name));
  // NULL makes the server give a number or the current time to these.
  const fillsNull = column.isAutoIncrement || column.dataType === "timestamp";
  return {
    name: column.name,
    form: formOf(column, source),
    dataType: column.dataType,
    ...{ scale: scaleOf(column), bits: inBrackets(column, "bit"), members: column.members },
    isUnsigned: column.isUnsigned,
    isAutoIncrement: column.isAutoIncrement,
    refusesNull: !column.isNullable && !fillsNull && wished !== true,
    maxLength: column.maxLength,
    wholeDigits: column.dataType === "decimal" ? (column.precision ?? 65) - (column.scale ?? 0) : null,
    defaultForNull: wished === true,
    isForeignText: isNumeric && source?.type !== "long" && source?.type !== "double" && source?.type !== "bool",
  };
}

function formOf(column: MysqlColumn, source: Column | undefined): CellForm {
  if (column.dataType === "bit") return "bit";
  if (column.type === "bytes") return "hex";
  if (column.type !== "long" && column.type !== "double") return "text";
  return source?.type === "bool" ? "bool" : "number";
}

/** A FLOAT or DOUBLE has one only if it was declared with one. */
function scaleOf(column: MysqlColumn): number | null {
  if (column.type === "double") return column.scale;
  return inBrackets(column, "datetime|timestamp|time") ?? (column.type === "date" ? 0 : null);
}

function inBrackets({ declared, dataType }: MysqlColumn, types: string): number | null {
  if (!new RegExp(`^(?:${types})$`).test(dataType)) return null;
  const written = /^\w+\((\d+)\)/.exec(declared)?.[1];
  return written === undefined ? (dataType === "bit" ? 1 : null) : Number(written);
}

function findColumn(table: MysqlTable, name: string): MysqlColumn | undefined {
  return table.columns.find((column) => same(column.name, name));
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
