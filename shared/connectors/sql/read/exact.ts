import type { Column } from "../../../model/batch.js";
import type { Json } from "../../../model/json.js";
import type { TableInfo } from "../table.js";
import type { SqlTypes } from "../types.js";

/** A column that is selected by an expression, because its own text would lose something. Plain JSON, part of a split. */
export interface ExactColumn {
  readonly name: string;
  /** The system's own knowledge: which expression, and what is done with its text. */
  readonly as: Json;
}

/** A `querySql` as it is read. */
export interface ExactQuery {
  readonly sql: string;
  /** Columns of its result that it selects by an expression. */
  readonly exact?: readonly ExactColumn[];
  readonly warnings: readonly string[];
}

/** How a system reads columns whose text alone would lose something. */
export interface ExactReading<X extends SqlTypes> {
  /** The columns of a table that need it. */
  columns(client: X["client"], table: TableInfo<X["column"]>): Promise<readonly ExactColumn[]>;
  /** A statement of the job; absent = as it is. `columns` are those of its result. */
  query?(client: X["client"], sql: string, columns: readonly Column[]): Promise<ExactQuery>;
  /** The expression, without an alias. */
  sql(column: ExactColumn): string;
  /** The column that records then have; `found` is what the server says of the expression. */
  column(found: Column, exact: ExactColumn): Column;
}
