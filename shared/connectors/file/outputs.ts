import type { Column, ColumnType } from "../../model/batch.js";
import { type ConvertOptions, convertCell } from "../../model/convert.js";
import { UserError } from "../../model/errors.js";
import { own } from "../../model/own.js";
import type { OutputColumn } from "./packer.js";
import type { ReadFormat } from "./read-format.js";
import type { FileColumn } from "./read-shape.js";

/** What a job reads from each file, resolved. */
export interface ReadColumns {
  readonly outputs: readonly OutputColumn[];
  /** Cells that every record must have; null = as many as the columns ask for. */
  readonly width: number | null;
  /** JSON lines: what to take, by `OutputColumn.index`. */
  readonly paths: readonly string[];
}

/** All cells of the records as text, under these names; for `["*"]`. */
export function allColumns(names: readonly string[]): ReadColumns {
  const outputs = names.map((name, index) => output({ name, type: "string" }, { index }, {}));
  return { outputs, width: names.length, paths: names };
}

/**
 * Resolves the `column` list of a job.
 *
 * @throws UserError CONFIG_INVALID when a constant cannot be converted to its type, or an entry does not fit the format
 */
export function listedColumns(
  columns: readonly FileColumn[],
  format: ReadFormat,
  timeZone: string | null,
): ReadColumns {
  const paths: string[] = [];
  const outputs = columns.map((column, i) => {
    const type = typeOf(column);
    const options: ConvertOptions = {
      ...(timeZone === null ? {} : { timeZone }),
      ...(column.format === undefined ? {} : { dateFormat: column.format }),
    };
    const target: Column = { name: nameOf(column), type };
    if (column.value !== undefined)
      return output(target, { value: constantOf(column, type, { options, format, at: i }) }, options);
    const isBase64 = type === "bytes" && format.base64;
    return { ...output(target, { index: positionOf(column, format, { paths, at: i }) }, options), isBase64 };
  });
  return { outputs, width: null, paths };
}

/** Date formats whose text is canonical, and its length. */
const canonicalFormats: Readonly<Record<string, number>> = { "yyyy-MM-dd HH:mm:ss": 19, "yyyy-MM-dd": 10 };

function output(
  column: Column,
  from: { index: number } | { value: Buffer | null },
  options: ConvertOptions,
): OutputColumn {
  const format = column.type === "date" ? options.dateFormat : undefined;
  const trustedBytes = format === undefined ? 0 : (own(canonicalFormats, format) ?? -1);
  const rest = { column, trustedBytes, isBase64: false, conversion: { to: column.type, options } };
  return "index" in from
    ? { ...rest, index: from.index, constant: null }
    : { ...rest, index: -1, constant: from.value };
}

function typeOf({ type }: FileColumn): ColumnType {
  return type === "boolean" ? "bool" : type;
}

function nameOf({ name, index }: FileColumn): string {
  return name ?? (index === undefined ? "constant" : `c${index}`);
}

function positionOf(column: FileColumn, format: ReadFormat, { paths, at }: { paths: string[]; at: number }): number {
  const { index, name } = column;
  if (format.keysOf !== null) {
    paths.push(name ?? String(index));
    return paths.length - 1;
  }
  if (index !== undefined) return index;
  const message = `column "${name}" has no index; only jsonl files are read by name`;
  throw new UserError("CONFIG_INVALID", message, { path: `column[${at}]` });
}

interface ConstantContext {
  readonly options: ConvertOptions;
  readonly format: ReadFormat;
  readonly at: number;
}

function constantOf({ value }: FileColumn, type: ColumnType, { options, format, at }: ConstantContext): Buffer | null {
  if (value === null || value === undefined || value === format.nullText) return null;
  if (type === "bytes") return Buffer.from(value);
  const found = convertCell(value, "string", { to: type, options });
  if (!found.ok) throw new UserError("CONFIG_INVALID", `constant: ${found.message}`, { path: `column[${at}].value` });
  return Buffer.from(found.cell as string); // text converts to text, but for bytes
}
