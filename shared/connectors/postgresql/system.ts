import type { SqlZones } from "../sql/system.js";
import type { WritableSystem } from "../sql/write/system.js";
import { connect } from "./connect.js";
import { describe } from "./describe.js";
import { exactReading } from "./exact-reading.js";
import { notOnlySet } from "./only-set.js";
import { streamRows } from "./row-stream.js";
import { postgresqlErrors } from "./server-error.js";
import { estimatedRows, pageParts, sampledRanges } from "./split.js";
import { postgresqlText } from "./sql-text.js";
import { describeTable } from "./table-info.js";
import type { PostgresqlTypes } from "./types.js";
import { postgresqlWriting } from "./writing.js";
import { postgresqlZones } from "./zones.js";

/** PostgreSQL for the flow of SQL systems. */
export const postgresqlSystem: WritableSystem<PostgresqlTypes> & { readonly zones: SqlZones<PostgresqlTypes> } = {
  text: postgresqlText,
  errors: postgresqlErrors,
  zones: postgresqlZones,
  connect,
  whyNotPlanned: notOnlySet,
  describeTable: (client, _source, name) => describeTable(client, name),
  describe,
  reading: {
    exact: exactReading,
    estimate: estimatedRows,
    ranges: sampledRanges,
    parts: pageParts,
    stream: streamRows,
  },
  writing: postgresqlWriting,
};
