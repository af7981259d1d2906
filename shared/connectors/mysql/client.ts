import { isIP, type Socket } from "node:net";
import { Readable } from "node:stream";
import { type Connection, type ConnectionOptions, createConnection, type Query, type ResultSetHeader } from "mysql2";
import { type SluiceError, UserError } from "../../model/errors.js";
import { passwordOf } from "../network/database-source.js";
import { guardedConnect, type Target } from "../network/guard.js";
import type { ConnectSetting, MysqlClient, Outcome } from "./connection.js";
import { releaseLocalStream } from "./driver-internals.js";
import { toSluiceError } from "./server-error.js";
import { setUpSession } from "./session.js";
import type { MysqlSource } from "./source.js";

export type { ConnectSetting, MysqlClient, Outcome } from "./connection.js";

/**
 * Connects to the first address that answers and sets the session up.
 *
 * @throws UserError ACCESS_DENIED, SOURCE_OBJECT_MISSING, SOURCE_REFUSED; TransientError SOURCE_UNREACHABLE, SOURCE_BUSY
 */
export async function connect(source: MysqlSource, setting: ConnectSetting): Promise<MysqlClient> {
  let failure: SluiceError | undefined;
  for (const address of source.addresses) {
    if (setting.signal?.aborted) throw cancelled();
    try {
      return await prepareSession(await openClient(source, address, setting), source, setting);
    } catch (error) {
      failure ??= toSluiceError(error, `connecting to ${address.host}:${address.port}`);
      // Another address of the same server would refuse as well.
      if (failure.code !== "SOURCE_UNREACHABLE") break;
    }
  }
  throw failure ?? new UserError("CONFIG_INVALID", "the data source has no address", { path: "address" });
}

/** Ends whatever a connection is doing on the server, from a second connection. Never fails: the statement may be over. */
export async function killThread(source: MysqlSource, threadId: number): Promise<void> {
  try {
    const client = await connect(source, { use: "control" });
    await client.execute(`KILL ${threadId}`).catch(() => {});
    await client.close();
  } catch {
    // Unreachable now: the server notices the cut connection by itself.
  }
}

/** What an interrupted reader or writer throws. */
export function cancelled(): UserError {
  return new UserError("CANCELLED", "interrupted on request");
}

async function openClient(source: MysqlSource, address: Target, setting: ConnectSetting): Promise<MysqlClient> {
  const { use, signal, severalAtOnce = false } = setting;
  const options = { ...driverOptions(source, address, use), multipleStatements: severalAtOnce };
  // Our own socket, because the driver's way to drop a connection waits for data that nobody reads any more.
  const socket = guardedConnect(address);
  socket.setNoDelay(true).setKeepAlive(true, 30_000);
  const connection = createConnection({ ...options, stream: () => socket });
  return await new Promise((resolve, reject) => {
    const abort = () => socket.destroy();
    signal?.addEventListener("abort", abort, { once: true });
    connection.connect((error) => {
      signal?.removeEventListener("abort", abort);
      if (!error) return resolve(wrap(connection, socket));
      socket.destroy();
      reject(signal?.aborted ? cancelled() : error);
    });
  });
}

function driverOptions(source: MysqlSource, { host, port }: Target, use: ConnectSetting["use"]): ConnectionOptions {
  const { tls, username: user, database, connectTimeoutMs: connectTimeout } = source;
  const password = passwordOf(source, process.env);
  // The driver has no way to check a certificate against an IP address.
  const ssl = tls && { ...tls, rejectUnauthorized: tls.verify, verifyIdentity: tls.verify && isIP(host) === 0 };
  return {
    ...{ host, port, user, password, connectTimeout },
    ...(database === "" ? {} : { database }),
    ...(ssl ? { ssl } : {}),
    charset: "UTF8MB4_GENERAL_CI",
    rowsAsArray: true,
    // A server can ask a client with LOCAL_FILES for any file it names: only writers offer it, and they hand out their own bytes.
    flags: use === "write" ? ["LOCAL_FILES", "FOUND_ROWS"] : ["-LOCAL_FILES", "FOUND_ROWS"],
    typeCast: (field) => field.string("utf8"),
  };
}

async function prepareSession(client: MysqlClient, source: MysqlSource, setting: ConnectSetting): Promise<MysqlClient> {
  if (setting.use === "control") return client;
  try {
    return { ...client, putBack: await setUpSession(client, source, setting) };
  } catch (error) {
    client.destroy();
    throw toSluiceError(error, "setting up the session");
  }
}

function wrap(connection: Connection, socket: Socket): MysqlClient {
  let isClosed = false;
  // Statements that wait get the error themselves; without a listener a lost idle connection would end the process.
  connection.on("error", () => {});
  return {
    connection,
    threadId: connection.threadId,
    putBack: [],
    query: (sql) => runQuery(connection, sql),
    execute: (sql, localData) => runStatement(connection, sql, localData),
    close: () =>
      new Promise((resolve) => {
        if (isClosed) return resolve();
        isClosed = true;
        // A server that has hung would not answer the farewell either.
        const patience = setTimeout(() => socket.destroy(), 1_000);
        socket.once("close", () => {
          clearTimeout(patience);
          resolve();
        });
        if (socket.destroyed) resolve();
        else connection.end();
      }),
    destroy: () => {
      isClosed = true;
      socket.destroy();
    },
  };
}

function runQuery(connection: Connection, sql: string): ReturnType<MysqlClient["query"]> {
  return new Promise((resolve, reject) => {
    connection.query({ sql, rowsAsArray: true }, (error, rows, fields) => {
      if (error) return reject(error);
      // With `rowsAsArray` and our typeCast the driver returns arrays of text; its types cannot say so.
      const texts = Array.isArray(rows) ? (rows as unknown as (string | null)[][]) : [];
      resolve({ names: (fields ?? []).map((field) => field.name), rows: texts });
    });
  });
}

function runStatement(connection: Connection, sql: string, localData?: Buffer): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, result: unknown): void => {
      if (error) {
        if (localData) releaseLocalStream(query);
        reject(error);
        return;
      }
      // The driver's header of a statement without rows; other shapes (rows of a SELECT) have no such figures.
      const { affectedRows = 0, warningStatus = 0 } = result as Partial<ResultSetHeader>;
      resolve({ affectedRows, warnings: warningStatus });
    };
    const local = localData && { infileStreamFactory: () => streamOf(localData) };
    const query: Query = connection.query({ sql, ...local }, done);
  });
}

/** The driver makes one packet of each piece, and a server cuts the connection at a packet beyond its max_allowed_packet. */
const PACKET_BYTES = 64 * 1024;

/** An empty chunk would end the stream once too often. */
function streamOf(data: Buffer): Readable {
  const pieces = Array.from({ length: Math.ceil(data.length / PACKET_BYTES) }, (_, i) =>
    data.subarray(i * PACKET_BYTES, (i + 1) * PACKET_BYTES),
  );
  return Readable.from(pieces);
}
