import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { SluiceError } from "../../model/errors.js";
import { passwordOf } from "../network/database-source.js";
import { firstAnswer } from "../network/first-answer.js";
import type { NetworkTarget } from "../network/guard.js";
import { type GuardedWay, openGuardedRelay } from "../network/proxy.js";
import type { ConnectSetting, SqlClient } from "../sql/client.js";
import { cancelled, endedBy, heeding } from "../sql/waiting.js";
import { type Db2Database, type Db2ResultColumn, loadDb2Driver } from "./driver.js";
import { db2Failure } from "./server-error.js";
import type { Db2Source } from "./source.js";

/** An open connection. */
export interface Db2Connection extends SqlClient {
  /** The columns of a query, by running it for no rows; none for what is no query, which is prepared only. */
  describe(sql: string): Promise<readonly Db2ResultColumn[]>;
  /** The rows of a statement as they are asked for. */
  rows(sql: string): AsyncGenerator<readonly unknown[]>;
  /** Runs a statement for all rows at once. */
  insertArray(sql: string, rows: readonly (readonly (string | null)[])[]): Promise<void>;
  /** Runs a statement for one row. */
  insertOne(sql: string, values: readonly unknown[]): Promise<void>;
}

/**
 * Connects to the address and sets the session up. The driver opens its socket itself: a relay on loopback puts it behind the guard.
 *
 * @throws UserError UNSUPPORTED without the driver, ACCESS_DENIED, SOURCE_OBJECT_MISSING; TransientError SOURCE_UNREACHABLE, SOURCE_BUSY
 */
export function openDb2(source: Db2Source, setting: ConnectSetting): Promise<Db2Connection> {
  const { signal, session = [] } = setting;
  const open = async (address: NetworkTarget) => {
    if (signal?.aborted) throw cancelled();
    const client = heeding(await connectDb2(source, address), signal, nameOf(address));
    try {
      for (const statement of session) await client.execute(statement);
    } catch (error) {
      await client.cut();
      throw db2Failure(error, "setting up the session");
    }
    return client;
  };
  return firstAnswer(source.addresses, open, (error, address) =>
    signal?.aborted ? endedBy(signal, nameOf(address)) : db2Failure(error, `connecting to ${nameOf(address)}`),
  );
}

function nameOf({ host, port }: NetworkTarget): string {
  return `${host}:${port}`;
}

/**
 * Connects to one address.
 *
 * @throws the driver's error, or what the guard or the network refused
 */
export async function connectDb2(source: Db2Source, target: NetworkTarget): Promise<Db2Connection> {
  const driver = await loadDb2Driver();
  const failures: Error[] = [];
  const onFailure = (error: Error): void => void failures.push(error);
  const way = await openGuardedRelay({ target, inspect: () => null, onFailure });
  const trust = source.tls?.ca ? await fileOf(source.tls.ca) : null;
  try {
    return wrapped(await driver.open(connectionString(source, way, trust?.file ?? null)), way);
  } catch (error) {
    await way.close();
    throw failures[0] ?? error;
  } finally {
    await trust?.remove();
  }
}

/** The library wants a file of what it is to trust. */
async function fileOf(pem: string): Promise<{ readonly file: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), "sluice-db2-"));
  const file = path.join(folder, "authority.pem");
  await writeFile(file, pem, { mode: 0o600 });
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Keywords of IBM's library (IBM, "CLI/ODBC configuration keywords"). Statements are prepared when they are said to be. */
function connectionString(source: Db2Source, way: GuardedWay, trust: string | null): string {
  const parts: Record<string, string> = {
    ...{ DATABASE: source.database, HOSTNAME: way.host, PORT: String(way.port), PROTOCOL: "TCPIP" },
    ...{ UID: source.username, PWD: passwordOf(source, process.env), DeferredPrepare: "0" },
    ConnectTimeout: String(Math.ceil(source.connectTimeoutMs / 1000)),
    ...(source.tls ? { Security: "SSL", ...(trust === null ? {} : { SSLServerCertificate: trust }) } : {}),
  };
  return Object.entries(parts)
    .map(([name, value]) => `${name}=${quoted(value)};`)
    .join("");
}

/** A semicolon would begin another keyword. */
function quoted(value: string): string {
  return /[;{}=\s]/.test(value) ? `{${value.replaceAll("}", "}}")}}` : value;
}

/** Rows that are asked for at once. */
const ROWS_AT_ONCE = 1_000;
const FAREWELL_MS = 1_000;

function wrapped(database: Db2Database, way: GuardedWay): Db2Connection {
  let ended: SluiceError | undefined;
  const answered = async <T>(work: () => Promise<T>): Promise<T> => {
    if (ended) throw ended;
    try {
      return await work();
    } catch (error) {
      throw ended ?? error;
    }
  };
  const hangUp = async () => {
    await Promise.race([database.close().catch(() => {}), sleep(FAREWELL_MS, undefined, { ref: false })]);
    await way.close();
  };
  return {
    putBack: [],
    query: (sql) => answered(() => textsOn(database, sql)),
    execute: (sql) => answered(() => executeOn(database, sql)),
    describe: (sql) => answered(() => describeOn(database, sql)),
    async *rows(sql) {
      const [result] = await answered(() => database.queryResult(sql));
      if (!result) return;
      try {
        for (;;) {
          const rows = await answered(() => result.fetchN(ROWS_AT_ONCE, { fetchMode: 3 }));
          yield* rows;
          if (rows.length < ROWS_AT_ONCE) return;
        }
      } finally {
        result.closeSync();
      }
    },
    insertArray: (sql, rows) => answered(() => insertArrayOn(database, sql, rows)),
    insertOne: (sql, values) => answered(() => preparedOn(database, sql, values).then(() => {})),
    close: hangUp,
    destroy: () => void way.close(),
    async cut(why) {
      ended ??= why ?? cancelled();
      // The library has no way to stop a statement from outside: it ends with its socket.
      await way.close();
    },
  };
}

async function textsOn(database: Db2Database, sql: string) {
  const [result] = await database.queryResult(sql);
  if (!result) return { names: [], rows: [] };
  try {
    const names = result.getColumnMetadataSync().map((column) => column.SQL_DESC_NAME);
    const rows: (string | null)[][] = [];
    for (;;) {
      const some = await result.fetchN(ROWS_AT_ONCE, { fetchMode: 3 });
      rows.push(...some.map((row) => row.map((cell) => (cell === null ? null : String(cell).trimEnd()))));
      if (some.length < ROWS_AT_ONCE) return { names, rows };
    }
  } finally {
    result.closeSync();
  }
}

/** Transactions are the driver's own; everything else goes to the server as it is. */
async function executeOn(database: Db2Database, sql: string): Promise<{ readonly affectedRows: number }> {
  const words = sql.split(";").map((word) => word.trim());
  if (words.every((word) => /^(?:BEGIN|COMMIT|ROLLBACK)$/.test(word))) {
    for (const word of words) {
      if (word === "BEGIN") await database.beginTransaction();
      else await (word === "COMMIT" ? database.commitTransaction() : database.rollbackTransaction());
    }
    return { affectedRows: 0 };
  }
  return { affectedRows: await preparedOn(database, sql, []) };
}

async function preparedOn(database: Db2Database, sql: string, values: readonly unknown[]): Promise<number> {
  const statement = await database.prepare(sql);
  try {
    return await statement.executeNonQuery(values);
  } finally {
    await statement.close();
  }
}

async function describeOn(database: Db2Database, sql: string): Promise<readonly Db2ResultColumn[]> {
  if (!/^[\s(]*(?:select|with|values)\b/i.test(sql)) {
    await (await database.prepare(sql)).close();
    return [];
  }
  // A query that begins by WITH stands in no other: it is opened, and nothing of it is fetched.
  const isWith = /^[\s(]*with\b/i.test(sql);
  const [result] = await database.queryResult(isWith ? sql : `SELECT * FROM (${sql}\n) AS QUERY_OF_SLUICE WHERE 1 = 0`);
  const columns = result?.getColumnMetadataSync() ?? [];
  result?.closeSync();
  return columns;
}

async function insertArrayOn(
  database: Db2Database,
  sql: string,
  rows: readonly (readonly (string | null)[])[],
): Promise<void> {
  const width = rows[0]?.length ?? 0;
  const params = Array.from({ length: width }, (_, at) => {
    const data = rows.map((row) => row[at] ?? null);
    const longest = data.reduce((most, cell) => Math.max(most, cell === null ? 0 : Buffer.byteLength(cell)), 1);
    return { ParamType: "ARRAY" as const, DataType: "VARCHAR" as const, Length: longest, Data: data };
  });
  await database.query({ sql, params, ArraySize: rows.length, noResults: true });
}
