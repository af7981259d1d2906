import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { inject } from "vitest";

/** A database and an account of its own for one test file, on the server of the test run. */
export interface ScratchPostgres {
  readonly database: string;
  /** Properties of a Sluice data source of type `postgresql` for this database, with the account below. */
  readonly source: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly username: string;
    readonly password: string;
  };
  /** Runs statements as the server's own account inside the database. */
  query(sql: string): Promise<void>;
  /** The same for a SELECT: all cells as the server prints them in a session of `UTC`, without a look by our connector. */
  texts(sql: string, values?: readonly unknown[]): Promise<(string | null)[][]>;
  /** Makes one more account; `groups` decide what the server's rules admit (see `startPostgres`). */
  account(groups: readonly string[]): Promise<{ readonly username: string; readonly password: string }>;
  /** Removes the database and all accounts. */
  drop(): Promise<void>;
}

/** Makes an empty database whose owner may connect without TLS. */
export async function scratchPostgres(url: string = inject("postgres")): Promise<ScratchPostgres> {
  const { hostname, port } = new URL(url);
  const database = `sluice_${randomBytes(6).toString("hex")}`;
  const admin = await opened(`${url}/postgres`);
  const accounts: string[] = [];
  const account: ScratchPostgres["account"] = async (groups) => {
    const username = `u_${randomBytes(6).toString("hex")}`;
    const password = randomBytes(12).toString("hex");
    await admin.query(`CREATE ROLE ${username} LOGIN PASSWORD '${password}'`);
    for (const group of groups) await admin.query(`GRANT ${group} TO ${username}`);
    accounts.push(username);
    return { username, password };
  };
  const owner = await account(["sluice_plain"]);
  await admin.query(`CREATE DATABASE ${database} OWNER ${owner.username}`);
  const inside = await opened(`${url}/${database}`);
  await inside.query("SET TimeZone = 'UTC'");
  return {
    database,
    source: { host: hostname, port: Number(port || 5432), database, ...owner },
    query: async (sql) => void (await inside.query(sql)),
    async texts(text, values = []) {
      const types = { getTypeParser: () => (cell: string | Buffer) => cell };
      const { rows } = await inside.query<(string | null)[]>({ text, values: [...values], rowMode: "array", types });
      return rows;
    },
    account,
    async drop() {
      await inside.end();
      await admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
      for (const name of accounts) await admin.query(`DROP ROLE IF EXISTS ${name}`);
      await admin.end();
    },
  };
}

async function opened(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  await client.connect();
  return client;
}
