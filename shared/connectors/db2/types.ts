import type { SqlWriteParams } from "../sql/write/write-params.js";
import type { Db2Connection } from "./client.js";
import type { Db2Source } from "./source.js";
import type { Db2Column } from "./table-info.js";
import type { Db2Target } from "./target-column.js";

/** What DB2 brings along to the flow of SQL systems. */
export interface Db2Types {
  readonly source: Db2Source;
  readonly client: Db2Connection;
  readonly column: Db2Column;
  readonly target: Db2Target;
  readonly params: SqlWriteParams;
}
