import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { mysqlUrl, startMariadb, startMysql } from "./mariadb.js";
import { startPostgres } from "./postgres.js";

declare module "vitest" {
  interface ProvidedContext {
    /** `mysql://user:password@host:port` of the one server of these tests; each makes its own database there. */
    mysql: string;
    /** What that server is; a test that needs another one starts the same. */
    mysqlKind: "mariadb" | "mysql";
    /** `postgres://user:password@host:port` of the one PostgreSQL of this test run. */
    postgres: string;
    /** Certificate of its authority in PEM; empty when the server is not ours. */
    postgresCa: string;
  }
}

/** Whose clocks the servers show where nobody says otherwise: not those of UTC, which would hide what takes them for granted. */
const zones = {
  mariadb: process.env.SLUICE_TEST_MYSQL_ZONE || "+08:00",
  mysql: process.env.SLUICE_TEST_OTHER_MYSQL_ZONE || "America/New_York",
};

/** Builds the functions and starts the servers that all tests of a run share; returns what ends them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = project.config.root;
  const build = join(root, "infra/build/build.mjs");
  // Whoever works on a part that needs no functions may go without them; `npm test` has just built them.
  const isBuilt = process.env.SLUICE_TEST_NO_BUILD || process.env.npm_lifecycle_event === "test";
  const isWanted = !isBuilt && existsSync(build);
  if (isWanted) execFileSync(process.execPath, [build], { cwd: root, stdio: "inherit" });
  // Of the projects that are set up one after the other, the first has built for all.
  process.env.SLUICE_TEST_NO_BUILD = "1";
  if (project.name === "own-process") return async () => undefined;
  if (project.name === "mysql") return setUpMysql(project);
  const [mysql, postgres] = await Promise.all([startMariadb([], zones.mariadb), startPostgres()]);
  project.provide("mysql", mysqlUrl(mysql));
  project.provide("mysqlKind", "mariadb");
  project.provide("postgres", postgres.url);
  project.provide("postgresCa", postgres.ca);
  return async () => void (await Promise.all([mysql.stop(), postgres.stop()]));
}

/** The same tests of MySQL's family on a MySQL instead of a MariaDB; they need no PostgreSQL. */
async function setUpMysql(project: TestProject): Promise<() => Promise<void>> {
  const mysql = await startMysql([], zones.mysql);
  project.provide("mysql", mysqlUrl(mysql));
  project.provide("mysqlKind", "mysql");
  return mysql.stop;
}
