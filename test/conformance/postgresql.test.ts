import { postgresql } from "../../shared/connectors/postgresql/index.js";
import { scratchPostgres } from "../servers/scratch-postgres.js";
import { conformance } from "./suite.js";

conformance(
  postgresql,
  async () => {
    const scratch = await scratchPostgres();
    const { source } = scratch;
    await scratch.query(`CREATE TABLE orders (id bigint PRIMARY KEY); GRANT SELECT ON orders TO ${source.username}`);
    return {
      source,
      wrongPassword: { ...source, password: "not-the-secret" },
      closedPort: { ...source, port: 1 },
      failing: { "an unknown database": { ...source, database: "no_such_database" } },
      missing: { table: "no_such_table" },
      close: () => scratch.drop(),
    };
  },
  { modes: [] },
);
