import TableStore from "tablestore";
import type { DocumentKey, DocumentTable, NewDocument, Stored } from "./documents.js";

/** Columns of a primary key as the SDK takes them. */
export type KeyParts = Record<string, unknown>[];

/** The column that is read: the document itself, what lists show of it, or nothing but its version. */
export type TextColumn = "doc" | "brief" | "ver";

/** An answer to a range read. */
export interface SdkPage {
  readonly rows: readonly SdkRow[];
  readonly nextStartPrimaryKey: readonly { readonly name: string; readonly value: unknown }[] | null;
}

/** A row as the SDK reads it; without a key there is none. */
export interface SdkRow {
  readonly primaryKey?: readonly { readonly name: string; readonly value: unknown }[];
  readonly attributes?: readonly { readonly columnName: string; readonly columnValue: unknown }[];
}

/** The document in a row. */
export function toStored<T>(row: SdkRow, column: TextColumn): Stored<T> | undefined {
  if (!row.primaryKey) return undefined;
  return {
    key: row.primaryKey.map(({ value }) => (typeof value === "string" ? value : Number(value))),
    value: JSON.parse(jsonTextOf(row, column) ?? "null") as T,
    version: Number(cellOf(row, "ver")),
  };
}

/** The JSON in a column. */
export function jsonTextOf(row: SdkRow, column: TextColumn): string | undefined {
  const cell = cellOf(row, column);
  return cell === undefined ? undefined : String(cell);
}

function cellOf(row: SdkRow, name: string): unknown {
  return row.attributes?.find((column) => column.columnName === name)?.columnValue;
}

/** A name for one write: who finds it in a row knows that this write was done. */
export function newWriter(): string {
  return `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
}

/** The write that a row is of; undefined when there is no row. */
export function writerOf(row: SdkRow): string | undefined {
  const writer = cellOf(row, "writer");
  return writer === undefined ? undefined : String(writer);
}

/**
 * The columns of a document that is written.
 *
 * @param version  that it replaces, 0 = none
 */
export function putColumns(
  { version, brief }: Pick<NewDocument<unknown>, "brief"> & { readonly version: number },
  { doc, writer }: { readonly doc: string; readonly writer: string },
): readonly object[] {
  return [
    { doc },
    { ver: TableStore.Long.fromNumber(version + 1) },
    { writer },
    ...(brief === undefined ? [] : [{ brief: JSON.stringify(brief) }]),
  ];
}

/** A document's key as the SDK takes it. */
export function primaryKey(table: DocumentTable, key: DocumentKey): KeyParts {
  return table.key.map(({ name }, i) => ({ [name]: toSdk(key[i] ?? "") }));
}

/** The key that begins with `start`; columns that are missing get `fill`. */
export function bounded(table: DocumentTable, start: DocumentKey, fill: unknown): KeyParts {
  return table.key.map(({ name }, i) => {
    const value = start[i];
    return { [name]: value === undefined ? fill : toSdk(value) };
  });
}

function toSdk(value: string | number): unknown {
  return typeof value === "number" ? TableStore.Long.fromNumber(value) : value;
}

/** Whether two keys are one. */
export function sameKey(a: DocumentKey, b: DocumentKey): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** A change whatever is there. */
export function whateverIsThere(): unknown {
  return new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null as never);
}

/** A write of what is new. */
export function mustNotExist(): unknown {
  return new TableStore.Condition(TableStore.RowExistenceExpectation.EXPECT_NOT_EXIST, null as never);
}

/** A change of this version alone. */
export function versionIs(version: number): unknown {
  const same = new TableStore.SingleColumnCondition(
    "ver",
    TableStore.Long.fromNumber(version) as never,
    TableStore.ComparatorType.EQUAL,
    false,
  );
  return new TableStore.Condition(TableStore.RowExistenceExpectation.EXPECT_EXIST, same);
}
