import { sqlserver } from "../../shared/connectors/sqlserver/index.js";
import { conformance } from "./suite.js";
import { unreachableDatabase } from "./unreachable-database.js";

conformance(sqlserver, unreachableDatabase, {
  modes: [],
  unsupported: { check: "no SQL Server can be started for the tests; failures of the network are looked at" },
});
