import type { AttributesOutput, CellValue, Row } from "tablestore";
import { z } from "zod";
import type { Cell, Column, ColumnType, DirtyRecord } from "../../model/batch.js";
import { type Conversion, type ConvertOptions, convertCell } from "../../model/convert.js";
import { isJsonObject } from "../../model/json.js";
import { own } from "../../model/own.js";
import { param } from "../params/note.js";
import { fromSdkKey, showKey } from "./key.js";
import { keyColumnTypes, type OtsTableShape } from "./table.js";

const columnTypes: Readonly<Record<string, ColumnType>> = {
  ...{ string: "string", int: "long", long: "long", integer: "long", double: "double" },
  ...{ bool: "bool", boolean: "bool", binary: "bytes", bytes: "bytes" },
};

const typeName = z
  .string()
  .trim()
  .toLowerCase()
  .refine((name) => Object.hasOwn(columnTypes, name), "expected string, int, double, bool or binary");

const namedColumn = z.object({
  name: z
    .string()
    .trim()
    .min(1)
    .refine((name) => name !== "*", "name the columns: the rows of a Tablestore table have no fixed ones"),
  type: typeName.optional(),
});

const constantColumn = z
  .object({ type: typeName, value: z.union([z.string(), z.number(), z.boolean()]).transform(String) })
  .superRefine(({ type, value }, context) => {
    const made = constantCell(type, value);
    if (!made.ok) context.addIssue({ code: "custom", path: ["value"], message: made.message });
  });

/** What an entry of `column` may have, for whoever is to write one. */
export const readColumnFields = z.object({
  name: param(z.string().optional(), { help: "Name of a column; a text in place of the entry is one too." }),
  type: param(typeName.optional(), {
    help: "Type of its values: string, int, double, bool or binary; without it that of the values found.",
  }),
  value: param(z.string().optional(), { help: "A constant in place of a column; it needs a type." }),
});

/** An entry of `column`: a column by name, bare or with its type, or a constant. */
export const readColumnSchema = z
  .custom<unknown>()
  .transform((entry) => (typeof entry === "string" ? { name: entry } : entry))
  .transform((entry, context): ReadColumn => {
    const schema = isJsonObject(entry) && entry.value !== undefined ? constantColumn : namedColumn;
    const parsed = schema.safeParse(entry);
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues) context.addIssue({ code: "custom", path: [...path], message });
    return z.NEVER;
  });

type ReadColumn = z.infer<typeof namedColumn> | z.infer<typeof constantColumn>;

/** The names to ask the server for; a constant has none. */
export function columnNames(columns: readonly ReadColumn[]): string[] {
  return columns.flatMap((column) => ("name" in column ? [column.name] : []));
}

/** Columns whose type neither the script nor the table tells. */
export function untypedNames(columns: readonly ReadColumn[], shape: OtsTableShape): string[] {
  return columns.flatMap((column) =>
    "name" in column && column.type === undefined && !knownType(column.name, shape) ? [column.name] : [],
  );
}

/** Types of columns as their first values show them; text where values differ or there are none. */
export function typesFound(names: readonly string[], rows: readonly Row[]): ReadonlyMap<string, ColumnType> {
  const types = new Map<string, ColumnType>();
  for (const { attributes } of rows) {
    for (const { columnName, columnValue } of attributes ?? []) {
      const { type } = nativeCell(columnValue);
      const earlier = types.get(columnName);
      types.set(columnName, earlier === undefined || earlier === type ? type : "string");
    }
  }
  return new Map(names.map((name) => [name, types.get(name) ?? "string"]));
}

/** The reader's output columns: types from the script, else from the table, else as found in the first rows. */
export function outputColumns(
  columns: readonly ReadColumn[],
  shape: OtsTableShape,
  found: ReadonlyMap<string, ColumnType>,
): Column[] {
  return columns.map((column, index) => {
    const type = own(columnTypes, column.type);
    if (!("name" in column)) return { name: `constant_${index}`, type: type ?? "string" };
    return { name: column.name, type: type ?? knownType(column.name, shape) ?? found.get(column.name) ?? "string" };
  });
}

/** Makes records of rows, or tells why a row is dirty. */
export type RowConverter = (row: Row) => { readonly record: Cell[] } | { readonly dirty: DirtyRecord };

/** Makes the converter of one split; `output` are the columns of {@link outputColumns}. */
export function rowConverter(
  columns: readonly ReadColumn[],
  output: readonly Column[],
  { shape, options }: { shape: Pick<OtsTableShape, "keys">; options: ConvertOptions },
): RowConverter {
  const blank = columns.map((column, index): Cell => {
    const made = "value" in column ? constantCell(column.type, column.value) : null;
    return made?.ok && output[index] ? made.cell : null;
  });
  const conversions = output.map(({ type }): Conversion => ({ to: type, options }));
  const places = placesByName(columns);
  const take = (record: Cell[], name: string, value: CellValue): string | null => {
    for (const place of places.get(name) ?? []) {
      const column = output[place];
      const isAsked = columns[place]?.type !== undefined;
      const problem = put(value, { record, place, column, isAsked, conversion: conversions[place] });
      if (problem !== null) return problem;
    }
    return null;
  };
  return (row) => {
    const record = [...blank];
    const soil = (column: string, message: string) => ({ dirty: dirtyRow(row, { column, message, keys: shape.keys }) });
    for (const { name, value } of row.primaryKey ?? []) {
      const problem = take(record, name, value);
      if (problem !== null) return soil(name, problem);
    }
    for (const { columnName, columnValue } of row.attributes ?? []) {
      const problem = take(record, columnName, columnValue);
      if (problem !== null) return soil(columnName, problem);
    }
    return { record };
  };
}

function dirtyRow(row: Row, why: { column: string; message: string; keys: OtsTableShape["keys"] }): DirtyRecord {
  const { column, message, keys } = why;
  const values = [...(row.primaryKey ?? []).map(({ value }) => value), ...(row.attributes ?? []).map(attributeValue)];
  const cells = values.map((value) => nativeCell(value).cell);
  const key = showKey(fromSdkKey(row.primaryKey ?? []), keys);
  return { side: "reader", reason: "CONVERSION", message, column, key, cells };
}

function attributeValue({ columnValue }: AttributesOutput[number]): CellValue {
  return columnValue;
}

interface Target {
  readonly record: Cell[];
  readonly place: number;
  readonly column: Column | undefined;
  /** The script names the type, so that a lossy conversion is what the user wants. */
  readonly isAsked: boolean;
  readonly conversion: Conversion | undefined;
}

/** Puts a value into its place; answers the problem that makes the record dirty, or null. */
function put(value: CellValue, { record, place, column, isAsked, conversion }: Target): string | null {
  if (!column || !conversion) return null;
  const { type, cell } = nativeCell(value);
  const widens = column.type === "string" || (type === "long" && column.type === "double");
  if (type !== column.type && !isAsked && !widens) {
    return `column ${column.name} is read as ${column.type} and holds a ${type} here; name its type: {"name": "${column.name}", "type": "string"}`;
  }
  if (type === column.type) {
    record[place] = cell;
    return null;
  }
  const converted = convertCell(cell, type, conversion);
  if (!converted.ok) return converted.message;
  record[place] = converted.cell;
  return null;
}

function knownType(name: string, shape: OtsTableShape): ColumnType | undefined {
  const key = shape.keys.find((one) => one.name === name);
  return key ? keyColumnTypes[key.type] : shape.declared.get(name);
}

function placesByName(columns: readonly ReadColumn[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [place, column] of columns.entries()) {
    if ("name" in column) places.set(column.name, [...(places.get(column.name) ?? []), place]);
  }
  return places;
}

function nativeCell(value: CellValue): { type: ColumnType; cell: Cell } {
  if (typeof value === "string") return { type: "string", cell: value };
  if (typeof value === "boolean") return { type: "bool", cell: String(value) };
  if (typeof value === "number") return { type: "double", cell: Object.is(value, -0) ? "-0" : String(value) };
  if (Buffer.isBuffer(value)) return { type: "bytes", cell: value };
  return value === null ? { type: "string", cell: null } : { type: "long", cell: String(value) };
}

function constantCell(type: string, value: string) {
  const target = own(columnTypes, type) ?? "string";
  if (target === "bytes") return { ok: true as const, cell: Buffer.from(value, "base64") };
  return convertCell(value, "string", { to: target });
}
