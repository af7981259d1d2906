import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { loadDb2Driver } from "../../shared/connectors/db2/driver.js";
import { openPlace } from "./db2/place.js";
import { keptName, listParts } from "./oracle/create-table.js";

/** A schema for one test file: on a server of one's own (`SLUICE_TEST_DB2_URL`) by the real driver, else behind the tests' module. */
export interface ScratchDb2 {
  /** Properties of a Sluice data source. */
  readonly source: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly username: string;
    readonly password: string;
  };
  /** Connections that are open, where that can be known. */
  readonly connections?: () => number;
  /** Runs a statement without our connector; rows as arrays of text. */
  run(sql: string): Promise<(string | null)[][]>;
  /** The same for each of the rows. */
  runMany(sql: string, rows: readonly (readonly (string | Buffer | null)[])[]): Promise<void>;
  /** A name that no other table has. */
  name(): string;
  close(): Promise<void>;
}

/** Where a server of one's own is: `db2://user:password@host:port/database`. */
export const db2Url = process.env.SLUICE_TEST_DB2_URL;

/** Opens a scratch schema. */
export async function scratchDb2(): Promise<ScratchDb2> {
  const prefix = `S${randomBytes(4).toString("hex").toUpperCase()}`;
  if (db2Url === undefined) process.env.SLUICE_DB2_DRIVER = fileURLToPath(new URL("db2/ibm-db.ts", import.meta.url));
  const place = db2Url === undefined ? await openPlace(prefix) : null;
  const source = place?.source ?? sourceOf(db2Url ?? "");
  const driver = await loadDb2Driver();
  const { host, port, database, username, password } = source;
  const connection = await driver.open(
    `DATABASE=${database};HOSTNAME=${host};PORT=${port};PROTOCOL=TCPIP;UID=${username};PWD=${password};`,
  );
  const made: string[] = [];
  let names = 0;
  const change = async (sql: string, values: readonly unknown[]) => {
    const statement = await connection.prepare(sql);
    await statement.executeNonQuery(values);
    await statement.close();
  };
  return {
    ...{ source, name: () => `${prefix}_${++names}` },
    ...(place ? { connections: () => place.connections() - 1 } : {}),
    async run(sql) {
      const [, table] = /^CREATE\s+TABLE\s+("[^"]+"|\w+)/i.exec(sql) ?? [];
      if (table !== undefined) made.push(table);
      if (!/^\s*(?:SELECT|WITH)\b/i.test(sql)) {
        await change(withNotNull(sql), []);
        return [];
      }
      const [result] = await connection.queryResult(sql);
      const rows = (await result?.fetchN(100_000, { fetchMode: 3 })) ?? [];
      result?.closeSync();
      return rows.map((row) => row.map((cell) => (cell === null ? null : String(cell))));
    },
    async runMany(sql, rows) {
      await connection.beginTransaction();
      const statement = await connection.prepare(sql);
      for (const row of rows) await statement.executeNonQuery(row);
      await statement.close();
      await connection.commitTransaction();
    },
    async close() {
      for (const table of place ? [] : [...made, '"sluice_ledger"'])
        await change(`DROP TABLE ${table}`, []).catch(() => {});
      await connection.close();
      await place?.close();
    },
  };
}

/** DB2 wants NOT NULL said of the columns of a key, which the cases for all systems leave out. */
function withNotNull(sql: string): string {
  const [, head = "", inner = ""] = /^(CREATE TABLE \S+ \()([\s\S]*)\)$/i.exec(sql) ?? [];
  if (inner === "") return sql;
  const [, key = ""] = /(?:^|,)\s*PRIMARY KEY\s*\(([^)]*)\)/i.exec(inner) ?? [];
  const names = key.split(",").map(keptName);
  const parts = listParts(inner).map((part) => {
    const [name = ""] = /^(?:"[^"]+"|\w+)/.exec(part) ?? [];
    if (/NOT NULL|^PRIMARY/i.test(part)) return part;
    if (names.includes(keptName(name))) return `${part} NOT NULL`;
    return part.replace(/\bPRIMARY KEY\b/i, "NOT NULL PRIMARY KEY");
  });
  return `${head}${parts.join(", ")})`;
}

function sourceOf(url: string): ScratchDb2["source"] {
  const { hostname, port, pathname, username, password } = new URL(url);
  return {
    ...{ host: hostname, port: Number(port || 50_000), database: pathname.slice(1) },
    ...{ username: decodeURIComponent(username), password: decodeURIComponent(password) },
  };
}
