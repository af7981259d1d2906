import type { SqlZones } from "../sql/system.js";
import type { WritableSystem } from "../sql/write/system.js";
import { connectPostgresql } from "./connect.js";
import { postgresqlColumnsOf } from "./describe.js";
import { exactPostgresqlReading } from "./exact-reading.js";
import { notOnlyPostgresqlSet } from "./only-set.js";
import { streamPostgresqlRows } from "./row-stream.js";
import { postgresqlErrors } from "./server-error.js";
import { pageParts, postgresqlEstimatedRows, sampledRanges } from "./split.js";
import { postgresqlText } from "./sql-text.js";
import { describePostgresqlTable } from "./table-info.js";
import type { PostgresqlTypes } from "./types.js";
import { postgresqlWriting } from "./writing.js";
import { postgresqlZones } from "./zones.js";

/** PostgreSQL for the flow of SQL systems. */
export const postgresqlSystem: WritableSystem<PostgresqlTypes> & { readonly zones: SqlZones<PostgresqlTypes> } = {
  text: postgresqlText,
  errors: postgresqlErrors,
  zones: postgresqlZones,
  connect: connectPostgresql,
  whyNotPlanned: notOnlyPostgresqlSet,
  describeTable: (client, _source, name) => describePostgresqlTable(client, name),
  describe: postgresqlColumnsOf,
  reading: {
    exact: exactPostgresqlReading,
    estimate: postgresqlEstimatedRows,
    ranges: sampledRanges,
    parts: pageParts,
    stream: streamPostgresqlRows,
  },
  writing: postgresqlWriting,
};
