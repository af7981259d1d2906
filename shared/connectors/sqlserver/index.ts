import type { Connector } from "../contract.js";
import { checkSqlserver } from "./check.js";
import { type SqlserverSource, sqlserverSource } from "./source.js";

/**
 * SQL Server: data source and connectivity test.
 * Source: SQL Server documentation, "Database Engine events and errors", "HAS_PERMS_BY_NAME"; tedious documentation.
 * Verified: URLs, error numbers, name, port, silence and refusals of the network (unit, integration).
 * Not verified against any SQL Server: login, TLS, grants.
 */
export const sqlserver: Connector<SqlserverSource> = {
  name: "sqlserver",
  title: "SQL Server",
  source: sqlserverSource,
  check: checkSqlserver,
};
