import type { DescribeTableResult } from "tablestore";
import type { ColumnType } from "../../model/batch.js";
import { type OtsClient, repeating } from "./client.js";

/** Type of a key column, in the words of job scripts. */
export type KeyType = "INT" | "STRING" | "BINARY";

/** A column of a table's primary key. */
export interface OtsKeyColumn {
  readonly name: string;
  readonly type: KeyType;
}

/** What a table says about itself: its key, and the few columns that were declared with it. */
export interface OtsTableShape {
  readonly keys: readonly OtsKeyColumn[];
  readonly declared: ReadonlyMap<string, ColumnType>;
}

/** The internal type of a key column. */
export const keyColumnTypes = { INT: "long", STRING: "string", BINARY: "bytes" } as const;

const keyTypes: Readonly<Record<number, KeyType>> = { 1: "INT", 2: "STRING", 3: "BINARY" };
const declaredTypes: Readonly<Record<number, ColumnType>> = {
  1: "long",
  2: "double",
  3: "bool",
  4: "string",
  7: "bytes",
};

/**
 * Asks for the shape of a table.
 *
 * @throws UserError SOURCE_OBJECT_MISSING when there is no such table
 */
export async function describeOtsTable(client: OtsClient, table: string, signal: AbortSignal): Promise<OtsTableShape> {
  const found = await repeating(() => client.describeTable(table), `table ${table}`, signal);
  return shapeOf(found.tableMeta);
}

function shapeOf({ primaryKey, definedColumn = [] }: DescribeTableResult["tableMeta"]): OtsTableShape {
  return {
    keys: primaryKey.map(({ name, type }) => ({ name, type: keyTypes[Number(type)] ?? "STRING" })),
    declared: new Map(definedColumn.map(({ name, type }) => [name, declaredTypes[Number(type)] ?? "string"])),
  };
}
