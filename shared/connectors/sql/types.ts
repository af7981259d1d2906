import type { SqlClient } from "./client.js";
import type { SqlTableColumn } from "./table.js";
import type { SqlTargetColumn } from "./write/target-plan.js";
import type { SqlWriteParams } from "./write/write-params.js";

/** The types that one system brings along; all functions of the flow have one of these as their type parameter. */
export interface SqlTypes {
  /** Connection properties, parsed. */
  readonly source: { readonly database: string };
  /** An open connection. */
  readonly client: SqlClient;
  /** A column of a table. */
  readonly column: SqlTableColumn;
}

/** The same of a system that is written as well. */
export interface SqlWriteTypes extends SqlTypes {
  /** A column of a target, as `prepare` found it. */
  readonly target: SqlTargetColumn;
  /** The writer's parameter, parsed. */
  readonly params: SqlWriteParams;
}
