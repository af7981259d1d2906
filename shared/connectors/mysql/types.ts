import type { SqlWriteParams } from "../sql/write/write-params.js";
import type { MysqlClient } from "./connection.js";
import type { MysqlSource } from "./source.js";
import type { MysqlColumn } from "./table-info.js";
import type { MysqlTarget } from "./target-column.js";

/** What MySQL brings along to the flow of SQL systems. */
export interface MysqlTypes {
  readonly source: MysqlSource;
  readonly client: MysqlClient;
  readonly column: MysqlColumn;
  readonly target: MysqlTarget;
  readonly params: SqlWriteParams;
}
