import type { SqlClient } from "./client.js";
import type { TableColumn } from "./table.js";

/** The types that one system brings along; all functions of the flow have one of these as their type parameter. */
export interface SqlTypes {
  /** Connection properties, parsed. */
  readonly source: object;
  /** An open connection. */
  readonly client: SqlClient;
  /** A column of a table. */
  readonly column: TableColumn;
}
