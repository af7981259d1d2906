import type { WritableSystem } from "../sql/write/system.js";
import { connectMysql } from "./client.js";
import { mysqlColumnsOf } from "./describe-statement.js";
import { mysqlEstimatedRows } from "./estimated-rows.js";
import { exactMysqlReading, timestampsAsKeys } from "./exact-reading.js";
import { notOnlyMysqlSet } from "./only-set.js";
import { streamMysqlRows } from "./row-stream.js";
import { mysqlFailure, saidBy } from "./server-error.js";
import type { MysqlSource } from "./source.js";
import { mysqlText } from "./sql-text.js";
import { describeMysqlTable, mysqlTableName } from "./table-info.js";
import type { MysqlTypes } from "./types.js";
import { mysqlWriting } from "./writing.js";
import { mysqlZones } from "./zones.js";

/** MySQL for the flow of SQL systems. */
export const mysqlSystem: WritableSystem<MysqlTypes> = {
  text: mysqlText,
  errors: { toSluiceError: mysqlFailure, said: saidBy },
  zones: mysqlZones,
  connect: connectMysql,
  sourceFor,
  whyNotPlanned: notOnlyMysqlSet,
  describeTable: (client, { database }, name) => describeMysqlTable(client, database, name),
  describe: mysqlColumnsOf,
  reading: { exact: exactMysqlReading, noKey: timestampsAsKeys, estimate: mysqlEstimatedRows, stream: streamMysqlRows },
  writing: mysqlWriting,
};

/** A data source that names no database is taken to be in the table's. */
function sourceFor(source: MysqlSource, table: string): MysqlSource {
  return source.database === "" ? { ...source, database: mysqlTableName("", table).schema } : source;
}
