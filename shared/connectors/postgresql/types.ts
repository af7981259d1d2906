import type { PostgresqlConnection } from "./connection.js";
import type { PostgresqlSource } from "./source.js";
import type { PostgresqlColumn } from "./table-info.js";

/** What PostgreSQL brings along to the flow of SQL systems. */
export interface PostgresqlTypes {
  readonly source: PostgresqlSource;
  readonly client: PostgresqlConnection;
  readonly column: PostgresqlColumn;
}
