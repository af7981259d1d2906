import type { Connector } from "../contract.js";
import type { SqlReadParams } from "../sql/read/read-params.js";
import { postgresqlCatalog } from "./catalog.js";
import { checkPostgresql } from "./check.js";
import { postgresqlReader } from "./reader.js";
import { type PostgresqlSource, postgresqlSource } from "./source.js";
import type { PostgresqlWriteParams } from "./write-params.js";
import { postgresqlWriter } from "./writer.js";

/**
 * PostgreSQL: data source, connectivity test, catalog, reader and writer; also AnalyticDB for PostgreSQL, Hologres and PolarDB for PostgreSQL.
 * Source: PostgreSQL manual, "COPY", "Data Types", "Error Codes", "Client Authentication", "System Information Functions"; pg documentation.
 * Verified against: PostgreSQL 15 (conformance, integration, end to end); by hand 18.4 (conformance). Not verified: AnalyticDB for PostgreSQL, Hologres, PolarDB.
 */
export const postgresql: Connector<PostgresqlSource, SqlReadParams, PostgresqlWriteParams> = {
  name: "postgresql",
  title: "PostgreSQL and compatible systems",
  source: postgresqlSource,
  check: checkPostgresql,
  catalog: postgresqlCatalog,
  reader: postgresqlReader,
  writer: postgresqlWriter,
};
