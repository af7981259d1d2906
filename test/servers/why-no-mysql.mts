import { existsSync } from "node:fs";

/** What Debian's packages are fetched with, their signatures checked and themselves unpacked. */
const needed = ["/usr/bin/apt-get", "/usr/share/keyrings/debian-archive-keyring.gpg", "/usr/bin/dpkg-deb"];

/** Why the tests cannot run on a MySQL besides MariaDB; null when they can. */
export function whyNoMysql(): string | null {
  if (process.env.SLUICE_TEST_NO_OTHER_MYSQL) return "SLUICE_TEST_NO_OTHER_MYSQL says so";
  if (process.env.SLUICE_TEST_OTHER_MYSQL_URL || needed.every((file) => existsSync(file))) return null;
  return "this is no Debian, and SLUICE_TEST_OTHER_MYSQL_URL names none";
}
