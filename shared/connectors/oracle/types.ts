import type { SqlReadParams } from "../sql/read/read-params.js";
import type { SqlWriteParams } from "../sql/write/write-params.js";
import type { OracleConnection } from "./connection.js";
import type { OracleSource } from "./source.js";
import type { OracleColumn } from "./table-info.js";
import type { OracleTarget } from "./target-column.js";

/** What Oracle brings along to the flow of SQL systems. */
export interface OracleTypes {
  readonly source: OracleSource;
  readonly client: OracleConnection;
  readonly column: OracleColumn;
  readonly target: OracleTarget;
  readonly params: SqlWriteParams;
}

/** The reader's parameter, parsed. */
export type OracleReadParams = SqlReadParams;
