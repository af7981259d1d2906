import { randomBytes } from "node:crypto";
import { type BulkTrial, proveBulk } from "../sql/write/bulk-proof.js";
import type { MysqlClient } from "./client.js";
import { mysqlServerErrorOf } from "./server-error.js";
import { quoteMysqlName } from "./sql-text.js";

/** Speakers of the protocol whose LOAD DATA is known, or not known, to keep MySQL's rules (see `proveLoadData`). */
const otherEngines = /oceanbase|tidb|tddl|polardb-?x|doris|starrocks|analyticdb/i;
const knownEngines = /mariadb|^(?:mysql|percona|source distribution|\((?:ubuntu|debian)\))/i;

/**
 * Finds out once per run whether LOAD DATA LOCAL behaves as MySQL and MariaDB do: what it cannot take as it is it warns of, what it skips it does
 * not count, and all of it goes with a rollback. Tried on a temporary table, or else on a table of its own. An account that may make neither
 * gets LOAD DATA from servers that are MySQL or MariaDB by name (decision 0012).
 *
 * @returns null when it does, else why not
 */
export async function proveLoadData(client: MysqlClient): Promise<string | null> {
  const name = await serverName(client);
  // Known to lie: it commits, never warns, and counts rows that it has skipped. Its scratch table would tell the same.
  if (/oceanbase/i.test(name)) return "OceanBase commits by LOAD DATA and changes values without a word";
  const table = quoteMysqlName(`sluice_probe_${randomBytes(6).toString("hex")}`);
  const drop = await makeScratch(client, table);
  if (drop === null) {
    if (knownEngines.test(name) && !otherEngines.test(name)) return null;
    return "the account may not make a table to prove it on";
  }
  try {
    return await proveBulk(trials(client, table));
  } catch (error) {
    const found = mysqlServerErrorOf(error);
    if (!found?.errno) throw error;
    return found.message;
  } finally {
    await client.execute("ROLLBACK").catch(() => {});
    await client.execute(drop).catch(() => {});
  }
}

async function serverName(client: MysqlClient): Promise<string> {
  const { rows } = await client.query("SELECT @@version_comment, @@version");
  return (rows[0] ?? []).join(" ");
}

/** @returns the statement that removes the table; null when the account may make none */
async function makeScratch(client: MysqlClient, table: string): Promise<string | null> {
  const body = `${table} (k INT NOT NULL PRIMARY KEY, t VARCHAR(3), n TINYINT, d DATE) ENGINE = InnoDB`;
  for (const kind of ["TEMPORARY TABLE", "TABLE"]) {
    const isMade = await client.execute(`CREATE ${kind} ${body}`).then(
      () => true,
      (error: unknown) => {
        if (!mysqlServerErrorOf(error)?.errno) throw error;
        return false;
      },
    );
    if (isMade) return `DROP ${kind} ${table}`;
  }
  return null;
}

function trials(client: MysqlClient, table: string): BulkTrial[] {
  const load = (line: string) =>
    client.execute(
      `LOAD DATA LOCAL INFILE 'sluice' INTO TABLE ${table} CHARACTER SET utf8mb4 ` +
        "FIELDS TERMINATED BY x'09' ESCAPED BY x'5c' LINES TERMINATED BY x'0a' (k, t, n, d)",
      Buffer.from(`${line}\n`),
    );
  const isWarned = (line: string) => async () => (await load(line)).warnings > 0;
  const keys = async () => {
    const { rows } = await client.query(`SELECT k, t, n, d FROM ${table} ORDER BY k`);
    return rows
      .map((row) => row.join())
      .slice(0, 2)
      .join(" ");
  };
  return [
    {
      fault: "a good row is not loaded as it is",
      async holds() {
        await client.execute("START TRANSACTION");
        await client.execute(`INSERT INTO ${table} VALUES (1, 'one', 1, '2024-02-29')`);
        const { affectedRows, warnings } = await load("2\ttwo\t-2\t2024-02-29");
        return affectedRows === 1 && warnings === 0 && (await keys()) === "1,one,1,2024-02-29 2,two,-2,2024-02-29";
      },
    },
    { fault: "a value that is too long is cut without a word", holds: isWarned("3\tlonger\t3\t2024-02-29") },
    { fault: "a number out of range is changed without a word", holds: isWarned("4\ta\t999\t2024-02-29") },
    { fault: "an impossible date is changed without a word", holds: isWarned("5\ta\t5\t2024-02-31") },
    { fault: "missing fields are filled without a word", holds: isWarned("6\ta") },
    {
      fault: "a row with a duplicate key is skipped, and counted as loaded",
      async holds() {
        const { affectedRows, warnings } = await load("1\tx\t1\t2024-02-29");
        return affectedRows === 0 && warnings > 0;
      },
    },
    {
      fault: "it commits what was written before it",
      async holds() {
        await client.execute("ROLLBACK");
        return (await client.query(`SELECT 1 FROM ${table}`)).rows.length === 0;
      },
    },
  ];
}
