import { db2 } from "../../shared/connectors/db2/index.js";
import { conformance } from "./suite.js";

const source = { host: "127.0.0.1", port: 1, database: "shop", username: "reader", password: "right-secret-3" };

conformance(db2, async () => ({ source, closedPort: source, close: async () => undefined }), {
  modes: [],
  unsupported: { check: "its native driver is no part of the functions; the test says so" },
});
