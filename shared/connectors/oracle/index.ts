import type { Connector } from "../contract.js";
import type { SqlReadParams } from "../sql/read/read-params.js";
import type { SqlWriteParams } from "../sql/write/write-params.js";
import { oracleCatalog } from "./catalog.js";
import { checkOracle } from "./check.js";
import { oracleReader } from "./reader.js";
import { type OracleSource, oracleSource } from "./source.js";
import { oracleWriter } from "./writer.js";

/**
 * Oracle Database 12.1 and later: data source, connectivity test, catalog, reader and writer, with the driver's thin mode; nothing native is loaded.
 * Source: Oracle "SQL Language Reference", "Database Error Messages", "Database Reference" (dictionary views), "Net Services Reference", "JDBC
 * Developer's Guide" (URLs); node-oracledb documentation.
 * Verified: the driver itself against a server of the tests that speaks its protocol, with SQLite behind it (conformance, SQL cases, end to end);
 * statements by golden tests; URLs, error codes, name, port, silence, refusals of the network and the tunnel (unit, integration).
 * Not verified against any Oracle Database: see docs/verified.md for the command that does.
 */
export const oracle: Connector<OracleSource, SqlReadParams, SqlWriteParams> = {
  name: "oracle",
  title: "Oracle Database",
  source: oracleSource,
  check: checkOracle,
  catalog: oracleCatalog,
  reader: oracleReader,
  writer: oracleWriter,
};
