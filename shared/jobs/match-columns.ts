import type { Column, ColumnType } from "../model/batch.js";
import { counted } from "../model/counted.js";
import { UserError } from "../model/errors.js";
import type { Warning } from "../model/job.js";
import type { Json, JsonObject } from "../model/json.js";
import type { PlanReport } from "../model/plan.js";
import { type Placed, placedWarning } from "./placed-error.js";

/** A column that `*` does not write, and why; see `Writer.leftOut`. */
interface LeftOut {
  readonly name: string;
  readonly why: string;
}

/** Sides that differ in width. */
export function misfit(
  columns: readonly Column[],
  targets: readonly Column[],
  { left, placed }: { left: readonly LeftOut[]; placed: Placed },
): UserError {
  const path = `${placed.job.writer.path}.column`;
  const names = (all: readonly Column[]) => all.map(({ name }) => name).join(", ");
  const hidden = left.map(({ name, why }) => `${name} is ${why}`).join(", ");
  const besides = hidden === "" ? "" : `; of the target's columns ${hidden}, and * does not write it`;
  const message = `${path}: the reader gives ${counted(columns.length, "column")} (${names(columns)}), the writer takes ${targets.length} (${names(targets)})${besides}; columns are matched by position`;
  const hint = "Name the columns on both sides, without those that are generated or not wanted.";
  return new UserError("CONFIG_INVALID", message, { path, place: placed.locate(path), ...(hidden && { hint }) });
}

/** Which column goes where, by position. */
export function mapColumns(columns: readonly Column[], targets: readonly Column[] | null): PlanReport["mapping"] {
  return columns.map((from, i) => {
    const to = targets?.[i];
    return {
      from: from.name,
      fromType: from.nativeType ?? from.type,
      to: to?.name ?? from.name,
      toType: to?.nativeType ?? to?.type ?? "text",
      warning: to ? conversionWarning(from, to) : null,
    };
  });
}

/** What the user should know about columns that go together, at the writer's list of them. */
export function columnWarnings(
  columns: readonly Column[],
  targets: readonly Column[] | null,
  placed: Placed,
): readonly Warning[] {
  if (!targets) return [];
  const at = (message: string, index: number | null) =>
    placedWarning({ message, path: pathOf(index, placed) }, "writer", placed);
  const { reader, writer } = placed.job;
  const isOrdered = !takesAll(reader.parameter) && !takesAll(writer.parameter);
  const crossed = isOrdered ? null : crossedColumns(columns, targets);
  const lossy = mapColumns(columns, targets).flatMap(({ warning }, i) => (warning === null ? [] : [at(warning, i)]));
  return [...(crossed === null ? [] : [at(crossed, null)]), ...lossy];
}

/** At the writer's column of this number, where the job lists them. */
function pathOf(index: number | null, { job }: Placed): string {
  const { column } = job.writer.parameter;
  return index !== null && Array.isArray(column) && index < column.length && !takesAll(job.writer.parameter)
    ? `column[${index}]`
    : "column";
}

/** True when a step takes the columns as its system, or its statement, has them: nobody has listed them in the job. */
function takesAll({ column, querySql }: JsonObject): boolean {
  const entries: readonly Json[] = Array.isArray(column) ? column : [column ?? "*"];
  return entries.length === 0 || (entries.length === 1 && entries[0] === "*") || querySql !== undefined;
}

/**
 * Columns that both sides have under one name and in different places: values go by position, as in DataX, so they end up
 * under each other's names. Null when there are none.
 */
function crossedColumns(columns: readonly Column[], targets: readonly Column[]): string | null {
  const names = targets.map(({ name }) => name.toLowerCase());
  const at = columns.findIndex(({ name }, i) => {
    const own = name.toLowerCase();
    return names[i] !== own && names.includes(own);
  });
  const from = columns[at];
  const to = targets[at];
  if (!from || !to) return null;
  const other = names.indexOf(from.name.toLowerCase());
  return `columns are matched by position, not by name: ${from.name} (column ${at + 1}) goes into ${to.name}, although the target has ${targets[other]?.name} as column ${other + 1}; list the columns on both sides, in one order`;
}

/** Conversions of the type table that can lose something or fail for many values. */
const doubtful: Readonly<Record<ColumnType, readonly ColumnType[]>> = {
  long: ["bytes"],
  double: ["long", "date", "bool", "bytes"],
  string: ["long", "double", "date", "bool"],
  date: ["double", "bool", "bytes", "long"],
  bool: ["date", "bytes"],
  bytes: ["long", "double", "date", "bool"],
};

/** What may be lost between two columns by their types; null = nothing. */
export function conversionWarning(from: Column, to: Column): string | null {
  if (!doubtful[from.type].includes(to.type)) return null;
  return `column ${from.name} (${from.nativeType ?? from.type}) goes into ${to.name} (${to.nativeType ?? to.type}): values that do not convert become dirty records`;
}
