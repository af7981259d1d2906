import type { Column } from "../../../model/batch.js";
import { UserError } from "../../../model/errors.js";
import type { SqlSystem } from "../system.js";
import type { TableInfo } from "../table.js";
import type { SqlTypes } from "../types.js";
import { describeSelect } from "./describe-select.js";
import { namedColumns } from "./named-columns.js";
import type { SqlReadParams } from "./read-params.js";
import { layoutOf, type QuerySpec, type TableSpec } from "./select.js";

/** A data source of a side, with an open connection. */
export interface OpenPlace<X extends SqlTypes> {
  readonly system: SqlSystem<X>;
  readonly client: X["client"];
  readonly source: X["source"];
  readonly params: SqlReadParams;
}

/** A table as a job reads it: in the server's own order, as one split. */
export interface TableReading<X extends SqlTypes> {
  readonly table: TableInfo<X["column"]>;
  readonly spec: TableSpec;
  /** What records of it have. */
  readonly columns: readonly Column[];
}

/** Finds out how a table is read. */
export async function tableReading<X extends SqlTypes>(
  { system, client, source, params }: OpenPlace<X>,
  datasource: string | null,
  name: string,
): Promise<TableReading<X>> {
  const table = await system.describeTable(client, source, name);
  const columns = (await system.reading.exact?.columns(client, table)) ?? [];
  const star = table.columns.filter(({ isInvisible }) => !isInvisible).map((column) => column.name);
  const named = namedColumns(system.text, table, params.columns);
  const spec: TableSpec = {
    ...{ kind: "table", datasource, table: table.sqlName, key: null, range: null, nullColumn: null },
    ...(named.length > 0 ? { named } : {}),
    ...(columns.length > 0 ? { exact: { columns, star } } : {}),
  };
  const found = await describeSelect({ system, client, spec }, params);
  return { table, spec, columns: layoutOf(system, { params, spec }, found).columns };
}

/** A statement as a job reads it. */
export interface QueryReading {
  readonly spec: QuerySpec;
  readonly columns: readonly Column[];
  readonly warnings: readonly string[];
}

/**
 * Finds out how a `querySql` is read.
 *
 * @throws UserError UNSUPPORTED for a statement without a result, and for CALL, whose result only running it would tell
 */
export async function queryReading<X extends SqlTypes>(
  { system, client, params }: OpenPlace<X>,
  datasource: string | null,
  query: string,
): Promise<QueryReading> {
  const found = await system.describe(client, query);
  if (found.length === 0) throw noRows(query);
  const exactQuery = await system.reading.exact?.query?.(client, query, found);
  const { sql = query, exact = [], warnings = [] } = exactQuery ?? {};
  const spec: QuerySpec = { kind: "query", datasource, sql, ...(exact.length > 0 ? { exact } : {}) };
  return { spec, columns: layoutOf(system, { params, spec }, found).columns, warnings };
}

function noRows(sql: string): UserError {
  const word = /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? "it";
  const why =
    word === "CALL"
      ? "is a CALL: which columns it returns is known only by running it, and a broken split would run it again; read a SELECT, or a table that the procedure has filled"
      : `returns no rows: ${word} is no query`;
  return new UserError("UNSUPPORTED", `querySql ${why}`, { path: "querySql" });
}
