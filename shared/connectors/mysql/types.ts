import type { MysqlClient } from "./connection.js";
import type { MysqlSource } from "./source.js";
import type { MysqlColumn } from "./table-info.js";

/** What MySQL brings along to the flow of SQL systems. */
export interface MysqlTypes {
  readonly source: MysqlSource;
  readonly client: MysqlClient;
  readonly column: MysqlColumn;
}
