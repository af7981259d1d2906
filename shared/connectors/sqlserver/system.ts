import type { SqlZones } from "../sql/system.js";
import type { WritableSystem } from "../sql/write/system.js";
import { connectSqlserver } from "./connect.js";
import { sqlserverColumnsOf } from "./describe.js";
import { exactSqlserverReading } from "./exact-reading.js";
import { notOnlySqlserverSet } from "./only-set.js";
import { sampledSqlserverRanges } from "./ranges.js";
import { streamSqlserverRows } from "./row-stream.js";
import { sqlserverErrors } from "./server-error.js";
import { sqlserverText } from "./sql-text.js";
import { describeSqlserverTable } from "./table-info.js";
import type { SqlserverTypes } from "./types.js";
import { sqlserverWriting } from "./writing.js";
import { sqlserverZones } from "./zones.js";

/** SQL Server for the flow of SQL systems. */
export const sqlserverSystem: WritableSystem<SqlserverTypes> & { readonly zones: SqlZones<SqlserverTypes> } = {
  text: sqlserverText,
  errors: sqlserverErrors,
  zones: sqlserverZones,
  connect: connectSqlserver,
  whyNotPlanned: notOnlySqlserverSet,
  describeTable: (client, _source, name) => describeSqlserverTable(client, name),
  describe: sqlserverColumnsOf,
  reading: {
    exact: exactSqlserverReading,
    // The server tells its guesses only in plans, which few accounts may look at.
    estimate: async () => null,
    ranges: sampledSqlserverRanges,
    stream: streamSqlserverRows,
  },
  writing: sqlserverWriting,
};
