import type { SqlZones } from "../sql/system.js";
import type { WritableSystem } from "../sql/write/system.js";
import { openOracle } from "./connect.js";
import { oracleColumnsOf } from "./describe.js";
import { exactOracleReading } from "./exact-reading.js";
import { streamOracleRows } from "./row-stream.js";
import { oracleErrors } from "./server-error.js";
import { rowidParts, sampledOracleRanges } from "./split.js";
import { oracleText } from "./sql-text.js";
import { describeOracleTable, type OracleTable } from "./table-info.js";
import type { OracleTypes } from "./types.js";
import { oracleWriting } from "./writing.js";
import { oracleZones } from "./zones.js";

/** Oracle for the flow of SQL systems. */
export const oracleSystem: WritableSystem<OracleTypes> & { readonly zones: SqlZones<OracleTypes> } = {
  text: oracleText,
  errors: oracleErrors,
  zones: oracleZones,
  connect: openOracle,
  whyNotPlanned: (entry) => (/^\s*alter\s+session\s+set\b/i.test(entry) ? null : "would run"),
  describeTable: (client, _source, name) => describeOracleTable(client, name),
  describe: oracleColumnsOf,
  reading: {
    exact: exactOracleReading,
    // Only a plan that is written down would tell, in a table that the account may not have.
    estimate: async () => null,
    // The tables that these get are those that `describeTable` has described.
    ranges: (client, table, options) => sampledOracleRanges(client, table as OracleTable, options),
    parts: (client, table, options) => rowidParts(client, table as OracleTable, options),
    stream: streamOracleRows,
  },
  writing: oracleWriting,
};
