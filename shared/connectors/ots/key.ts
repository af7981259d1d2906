import TableStore, { type CellValue, type PrimaryKeyInput, type PrimaryKeyOutput, type VirtualData } from "tablestore";
import { z } from "zod";
import type { OtsKeyColumn } from "./table.js";

/** One value of a primary key as JSON; bytes in base64. INF_MIN and INF_MAX stand before and after all others. */
export const keyPartSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("INF_MIN") }),
  z.object({ type: z.literal("INF_MAX") }),
  z.object({ type: z.enum(["INT", "STRING", "BINARY"]), value: z.string() }),
]);

/** One value of a primary key; see {@link keyPartSchema}. */
export type KeyPart = z.infer<typeof keyPartSchema>;

/** A place among the rows of a table: one part per key column. */
export type Key = readonly KeyPart[];

/** Key in front of all rows whose first column is `first` or more, for a table with these key columns. */
export function keyFrom(first: KeyPart, columns: readonly OtsKeyColumn[]): Key {
  return columns.map((_, index) => (index === 0 ? first : { type: "INF_MIN" }));
}

/** A key in the form that the SDK takes. */
export function toSdkKey(key: Key, columns: readonly OtsKeyColumn[]): PrimaryKeyInput {
  return columns.map(({ name }, index) => ({ [name]: toSdkValue(key[index] ?? { type: "INF_MIN" }) }));
}

/** A key as the SDK answers it. */
export function fromSdkKey(key: PrimaryKeyOutput): Key {
  return key.map(({ value }) => fromSdkValue(value));
}

/** Order of two parts of the same column: integers by value, text and bytes by their (UTF-8) bytes. */
export function compareParts(a: KeyPart, b: KeyPart): number {
  if (!("value" in a) || !("value" in b)) return rank(a) - rank(b);
  if (a.type === "INT" && b.type === "INT") {
    const [left, right] = [BigInt(a.value), BigInt(b.value)];
    return left < right ? -1 : left > right ? 1 : 0;
  }
  return Buffer.compare(bytesOf(a), bytesOf(b));
}

/** Order of two keys of the same table. */
export function compareKeys(a: Key, b: Key): number {
  for (const [index, part] of a.entries()) {
    const other = b[index];
    const order = other ? compareParts(part, other) : 1;
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** A key for people: `id=5, sub=x`; bytes in base64. */
export function showKey(key: Key, columns: readonly OtsKeyColumn[]): string {
  return columns.map(({ name }, index) => `${name}=${showPart(key[index])}`).join(", ");
}

/** One part for people. */
function showPart(part: KeyPart | undefined): string {
  if (!part) return "?";
  return "value" in part ? part.value : part.type;
}

function toSdkValue(part: KeyPart): CellValue | VirtualData {
  if (part.type === "INF_MIN") return TableStore.INF_MIN;
  if (part.type === "INF_MAX") return TableStore.INF_MAX;
  if (part.type === "INT") return TableStore.Long.fromString(part.value);
  return part.type === "STRING" ? part.value : Buffer.from(part.value, "base64");
}

function fromSdkValue(value: CellValue): KeyPart {
  if (typeof value === "string") return { type: "STRING", value };
  if (Buffer.isBuffer(value)) return { type: "BINARY", value: value.toString("base64") };
  return { type: "INT", value: String(value) };
}

function bytesOf(part: { type: string; value: string }): Buffer {
  return Buffer.from(part.value, part.type === "BINARY" ? "base64" : "utf8");
}

function rank(part: KeyPart): number {
  return part.type === "INF_MIN" ? -1 : part.type === "INF_MAX" ? 1 : 0;
}
