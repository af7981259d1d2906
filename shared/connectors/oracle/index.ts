import type { Connector } from "../contract.js";
import { checkOracle } from "./check.js";
import { type OracleSource, oracleSource } from "./source.js";

/**
 * Oracle Database 12.1 and later: data source and connectivity test, with the driver's thin mode; nothing native is loaded.
 * Source: Oracle "Database Error Messages", "JDBC Developer's Guide" (URLs); node-oracledb documentation.
 * Verified: URLs, error codes, name, port, silence, refusals of the network and the tunnel (unit, integration).
 * Not verified against any Oracle Database: login, TLS, grants.
 */
export const oracle: Connector<OracleSource> = {
  name: "oracle",
  title: "Oracle Database",
  source: oracleSource,
  check: checkOracle,
};
