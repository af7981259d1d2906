import type { Connector } from "../contract.js";
import type { SqlReadParams } from "../sql/read/read-params.js";
import { sqlserverCatalog } from "./catalog.js";
import { checkSqlserver } from "./check.js";
import { sqlserverReader } from "./reader.js";
import { type SqlserverSource, sqlserverSource } from "./source.js";
import type { SqlserverWriteParams } from "./write-params.js";
import { sqlserverWriter } from "./writer.js";

/**
 * SQL Server from 2016 on, and Azure SQL: data source, connectivity test, catalog, reader and writer.
 * Source: SQL Server documentation, "CAST and CONVERT", "MERGE", "System catalog views", "Database Engine events and errors"; MS-TDS; tedious.
 * Verified: the driver, framing, TLS, streaming, bulk loads, errors and the flow of both sides against a server of the test folder that speaks
 * TDS in front of SQLite (conformance, end to end); statements by their text (unit). Not run against any SQL Server: docs/verified.md.
 */
export const sqlserver: Connector<SqlserverSource, SqlReadParams, SqlserverWriteParams> = {
  name: "sqlserver",
  title: "SQL Server",
  source: sqlserverSource,
  check: checkSqlserver,
  catalog: sqlserverCatalog,
  reader: sqlserverReader,
  writer: sqlserverWriter,
};
