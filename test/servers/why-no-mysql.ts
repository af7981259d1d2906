import { canHaveDebianMysql } from "./debian-mysql.js";

/** Why the tests cannot run on a MySQL besides MariaDB; null when they can. */
export function whyNoMysql(): string | null {
  if (process.env.SLUICE_TEST_NO_OTHER_MYSQL) return "SLUICE_TEST_NO_OTHER_MYSQL says so";
  if (process.env.SLUICE_TEST_OTHER_MYSQL_URL || canHaveDebianMysql()) return null;
  return "this is no Debian, and SLUICE_TEST_OTHER_MYSQL_URL names none";
}
