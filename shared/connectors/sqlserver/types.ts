import type { SqlserverConnection } from "./connection.js";
import type { SqlserverSource } from "./source.js";
import type { SqlserverColumn } from "./table-info.js";
import type { SqlserverTarget } from "./target-column.js";
import type { SqlserverWriteParams } from "./write-params.js";

/** What SQL Server brings along to the flow of SQL systems. */
export interface SqlserverTypes {
  readonly source: SqlserverSource;
  readonly client: SqlserverConnection;
  readonly column: SqlserverColumn;
  readonly target: SqlserverTarget;
  readonly params: SqlserverWriteParams;
}
