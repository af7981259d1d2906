import type { Column } from "../../model/batch.js";
import { type GivenTarget, type SqlTargetColumn, type TargetPlan, targetColumn } from "../sql/write/target-plan.js";
import type { MysqlColumn } from "./table-info.js";

/** How cells of a column are written. `number`: an empty text may mean NULL; `bit`: true, false or a number's digits; `hex`: bytes. */
export type CellForm = "text" | "number" | "bool" | "bit" | "hex";

/** A column of MySQL as it is written. Plain JSON, part of what `prepare` found. */
export interface MysqlTarget extends SqlTargetColumn {
  readonly form: CellForm;
  /** Bits of a BIT column. */
  readonly bits: number | null;
  /** Members of an ENUM or SET. */
  readonly members: readonly string[] | null;
  readonly isUnsigned: boolean;
  readonly isAutoIncrement: boolean;
  /** Digits before the point of a decimal. */
  readonly wholeDigits: number | null;
  /** The reader delivers text for a numeric column, so that anything may come. */
  readonly isForeignText: boolean;
}

/** A target table of MySQL. */
export type MysqlPlan = TargetPlan<MysqlTarget>;

/** What a column of a table is to records that go into it. */
export function mysqlTarget(column: MysqlColumn, given: GivenTarget): MysqlTarget {
  const { source, defaultForNull } = given;
  const isNumeric = column.type === "long" || column.type === "double";
  const form = formOf(column, source);
  // NULL makes the server give a number or the current time to these.
  const fillsNull = column.isAutoIncrement || column.dataType === "timestamp";
  return {
    ...targetColumn(column, given),
    form,
    ...{ scale: scaleOf(column), bits: inBrackets(column, "bit"), members: column.members },
    ...{ takesBytes: form === "hex", refusesEmpty: form === "number" },
    isUnsigned: column.isUnsigned,
    isAutoIncrement: column.isAutoIncrement,
    refusesNull: !column.isNullable && !fillsNull && !defaultForNull,
    wholeDigits: column.dataType === "decimal" ? (column.precision ?? 65) - (column.scale ?? 0) : null,
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
