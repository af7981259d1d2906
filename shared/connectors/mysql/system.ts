import type { WritableSystem } from "../sql/write/system.js";
import { connect } from "./client.js";
import { describe } from "./describe-statement.js";
import { estimatedRows } from "./estimated-rows.js";
import { exactReading, timestampsAsKeys } from "./exact-reading.js";
import { notOnlySet } from "./only-set.js";
import { streamRows } from "./row-stream.js";
import { saidBy, toSluiceError } from "./server-error.js";
import type { MysqlSource } from "./source.js";
import { mysqlText } from "./sql-text.js";
import { describeTable, tableName } from "./table-info.js";
import type { MysqlTypes } from "./types.js";
import { mysqlWriting } from "./writing.js";
import { mysqlZones } from "./zones.js";

/** MySQL for the flow of SQL systems. */
export const mysqlSystem: WritableSystem<MysqlTypes> = {
  text: mysqlText,
  errors: { toSluiceError, said: saidBy },
  zones: mysqlZones,
  connect,
  sourceFor,
  whyNotPlanned: notOnlySet,
  describeTable: (client, { database }, name) => describeTable(client, database, name),
  describe,
  reading: { exact: exactReading, noKey: timestampsAsKeys, estimate: estimatedRows, stream: streamRows },
  writing: mysqlWriting,
};

/** A data source that names no database is taken to be in the table's. */
function sourceFor(source: MysqlSource, table: string): MysqlSource {
  return source.database === "" ? { ...source, database: tableName("", table).schema } : source;
}
