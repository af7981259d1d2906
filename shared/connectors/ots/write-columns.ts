import { z } from "zod";
import type { Column, ColumnType } from "../../model/batch.js";
import { param } from "../params/note.js";

const targetTypes = { STRING: "string", INT: "long", DOUBLE: "double", BOOL: "bool", BINARY: "bytes" } as const;

/** Names are ASCII: the SDK counts the letters of a name, not its bytes. */
const columnName = z
  .string()
  .trim()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/, "expected a letter or _, then letters, digits and _, at most 255");

const typeName = z
  .string()
  .trim()
  .toUpperCase()
  .transform((name) => ({ INTEGER: "INT", LONG: "INT", BOOLEAN: "BOOL" })[name] ?? name);

const name = param(columnName, { help: "Name of the column." });

/** The declared type of a target column. */
function typed<const T extends string>(types: readonly [T, ...T[]]) {
  return param(typeName.pipe(z.enum(types)), { help: "Type of the column.", choices: types });
}

/** `primaryKey` of the writer: all key columns in the table's order. */
export const writeKeysSchema = param(
  z
    .array(z.object({ name, type: typed(["INT", "STRING", "BINARY"]) }))
    .min(1)
    .max(4),
  { help: "All columns of the table's primary key, in its order." },
);

/** `column` of the writer; one write takes at most 1,024. */
export const writeColumnsSchema = param(
  z.array(z.object({ name, type: typed(["STRING", "INT", "DOUBLE", "BOOL", "BINARY"]) })).max(1024),
  { help: "The other columns, in the order of the reader's that come after the key." },
);

/** A target column as the script declares it. */
export interface OtsTargetColumn {
  readonly name: string;
  readonly type: keyof typeof targetTypes;
}

/** The internal type that a target column takes. */
export function internalType({ type }: OtsTargetColumn): ColumnType {
  return targetTypes[type];
}

/** The target's columns as the engine sees them: keys first, then the others. */
export function targetColumns(keys: readonly OtsTargetColumn[], columns: readonly OtsTargetColumn[]): Column[] {
  return [...keys, ...columns].map((column) => ({
    name: column.name,
    type: internalType(column),
    nativeType: column.type,
    // What is a date becomes milliseconds since 1970 there.
    ...(column.type === "INT" ? { isMoment: true } : {}),
  }));
}
