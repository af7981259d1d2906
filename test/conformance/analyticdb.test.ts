import { analyticdb } from "../../shared/connectors/analyticdb/index.js";
import { scratchDatabase } from "../servers/scratch-mysql.js";
import { conformance } from "./suite.js";

/** MariaDB stands in: AnalyticDB 2.0 is logged in to with the MySQL protocol. */
conformance(
  analyticdb,
  async () => {
    const scratch = await scratchDatabase();
    const { host, port, database, username: accessId, password: accessKey } = scratch.source;
    const source = { url: `${host}:${port}`, database, accessId, accessKey };
    return {
      source,
      wrongPassword: { ...source, accessKey: "not-the-secret" },
      closedPort: { ...source, url: `${host}:1` },
      failing: { "an unknown database": { ...source, database: "no_such_database" } },
      close: () => scratch.drop(),
    };
  },
  { modes: [] },
);
