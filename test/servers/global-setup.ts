import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { mysqlUrl, startMariadb } from "./mariadb.js";
import { startPostgres } from "./postgres.js";

declare module "vitest" {
  interface ProvidedContext {
    /** `mysql://user:password@host:port` of the one server of this test run; each test makes its own database there. */
    mysql: string;
    /** `postgres://user:password@host:port` of the one PostgreSQL of this test run. */
    postgres: string;
    /** Certificate of its authority in PEM; empty when the server is not ours. */
    postgresCa: string;
  }
}

/** Builds the functions and starts the servers that all tests of a run share; returns what ends them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = project.config.root;
  const build = join(root, "infra/build/build.mjs");
  // Whoever works on a part that needs no functions may go without them.
  const isWanted = !process.env.SLUICE_TEST_NO_BUILD && existsSync(build);
  if (isWanted) execFileSync(process.execPath, [build], { cwd: root, stdio: "inherit" });
  const [mysql, postgres] = await Promise.all([startMariadb(), startPostgres()]);
  project.provide("mysql", mysqlUrl(mysql));
  project.provide("postgres", postgres.url);
  project.provide("postgresCa", postgres.ca);
  return async () => void (await Promise.all([mysql.stop(), postgres.stop()]));
}
