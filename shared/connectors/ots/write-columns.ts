import { z } from "zod";
import type { Column, ColumnType } from "../../model/batch.js";

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

/** `primaryKey` of the writer: all key columns in the table's order. */
export const writeKeysSchema = z
  .array(z.object({ name: columnName, type: typeName.pipe(z.enum(["INT", "STRING", "BINARY"])) }))
  .min(1)
  .max(4);

/** `column` of the writer; one write takes at most 1,024. */
export const writeColumnsSchema = z
  .array(z.object({ name: columnName, type: typeName.pipe(z.enum(["STRING", "INT", "DOUBLE", "BOOL", "BINARY"])) }))
  .max(1024);

/** A target column as the script declares it. */
export interface TargetColumn {
  readonly name: string;
  readonly type: keyof typeof targetTypes;
}

/** The internal type that a target column takes. */
export function internalType({ type }: TargetColumn): ColumnType {
  return targetTypes[type];
}

/** The target's columns as the engine sees them: keys first, then the others. */
export function targetColumns(keys: readonly TargetColumn[], columns: readonly TargetColumn[]): Column[] {
  return [...keys, ...columns].map((column) => ({
    name: column.name,
    type: internalType(column),
    nativeType: column.type,
    // What is a date becomes milliseconds since 1970 there.
    ...(column.type === "INT" ? { isMoment: true } : {}),
  }));
}
