import type { PostgresqlConnection } from "./connection.js";
import type { PostgresqlSource } from "./source.js";
import type { PostgresqlColumn } from "./table-info.js";
import type { PostgresqlTarget } from "./target-column.js";
import type { PostgresqlWriteParams } from "./write-params.js";

/** What PostgreSQL brings along to the flow of SQL systems. */
export interface PostgresqlTypes {
  readonly source: PostgresqlSource;
  readonly client: PostgresqlConnection;
  readonly column: PostgresqlColumn;
  readonly target: PostgresqlTarget;
  readonly params: PostgresqlWriteParams;
}
