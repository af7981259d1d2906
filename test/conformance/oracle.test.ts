import { oracle } from "../../shared/connectors/oracle/index.js";
import { conformance } from "./suite.js";
import { unreachableDatabase } from "./unreachable-database.js";

conformance(oracle, unreachableDatabase, {
  modes: [],
  unsupported: { check: "no Oracle can be started for the tests; failures of the network are looked at" },
});
