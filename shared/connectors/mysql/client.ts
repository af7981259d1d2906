import { isIP, type Socket } from "node:net";
import { Readable } from "node:stream";
import { type Connection, type ConnectionOptions, createConnection, type Query, type ResultSetHeader } from "mysql2";
import type { SluiceError } from "../../model/errors.js";
import { startDeadline } from "../../model/overdue.js";
import { passwordOf } from "../network/database-source.js";
import { encryptionOf } from "../network/encryption.js";
import { firstAnswer } from "../network/first-answer.js";
import { checkFirstAnswer, readable } from "../network/foreign-answer.js";
import { guardedConnect, type NetworkTarget } from "../network/guard.js";
import { greetingFault, loginPlugins, preferTls, streamOf } from "../network/mysql-login.js";
import type { ConnectSetting } from "../sql/client.js";
import { endedBy, heeding, inSetUpTime } from "../sql/waiting.js";
import type { MysqlClient, Outcome } from "./connection.js";
import { cutStream, releaseLocalStream, separateEndPackets } from "./driver-internals.js";
import { mysqlFailure, mysqlServerErrorOf } from "./server-error.js";
import { setUpMysqlSession } from "./session.js";
import type { MysqlSource } from "./source.js";

export type { MysqlClient, Outcome } from "./connection.js";

/**
 * Connects to the first address that answers and sets the session up.
 *
 * @throws UserError ACCESS_DENIED, SOURCE_OBJECT_MISSING, SOURCE_REFUSED; TransientError SOURCE_UNREACHABLE, SOURCE_BUSY
 */
export function connectMysql(source: MysqlSource, setting: ConnectSetting): Promise<MysqlClient> {
  const { signal } = setting;
  const open = async (address: NetworkTarget) => {
    if (signal?.aborted) throw endedBy(signal, nameOf(address));
    const client = heeding(await openClient(source, address, setting), signal, nameOf(address));
    return prepareSession(client, { ...source, addresses: [address] }, setting);
  };
  return firstAnswer(source.addresses, open, (error, address) =>
    mysqlFailure(error, `connecting to ${nameOf(address)}`),
  );
}

/** How long ending a statement from a second connection may take in all. */
const KILL_MS = 2_000;

/** Ends whatever a connection is doing on the server, from a second connection. Never fails: the statement may be over. */
async function killThread(source: MysqlSource, address: NetworkTarget, threadId: number): Promise<void> {
  const { signal, clear } = startDeadline(KILL_MS);
  try {
    // Numbers of connections are those of one server.
    const client = await openClient({ ...source, addresses: [address] }, address, { use: "control", signal });
    signal.addEventListener("abort", () => client.destroy(), { once: true });
    await client.execute(`KILL ${threadId}`).catch(() => {});
    await client.close();
  } catch {
    // Unreachable now: the server notices the cut connection by itself.
  } finally {
    clear();
  }
}

function nameOf({ host, port }: NetworkTarget): string {
  return `${host}:${port}`;
}

/** TLS that was only preferred, and cannot be agreed on, is done without: who cut it off could have hidden the offer as well. */
async function openClient(source: MysqlSource, address: NetworkTarget, setting: ConnectSetting): Promise<MysqlClient> {
  try {
    return await openOnce(source, address, setting);
  } catch (error) {
    const isTlsFault = mysqlServerErrorOf(error)?.code === "HANDSHAKE_SSL_ERROR";
    if (!source.prefersTls || !isTlsFault) throw error;
    return openOnce({ ...source, prefersTls: false }, address, setting);
  }
}

async function openOnce(source: MysqlSource, address: NetworkTarget, setting: ConnectSetting): Promise<MysqlClient> {
  const { use, signal, severalAtOnce = false } = setting;
  const options = { ...driverOptions(source, address, use), multipleStatements: severalAtOnce };
  // Our own socket, because the driver's way to drop a connection waits for data that nobody reads any more.
  const socket = guardedConnect(address);
  socket.setNoDelay(true).setKeepAlive(true, 30_000);
  checkFirstAnswer(socket, "MySQL", greetingFault);
  const connection = createConnection({ ...options, stream: () => socket });
  separateEndPackets(connection);
  if (source.prefersTls) preferTls(connection, { rejectUnauthorized: false, verifyIdentity: false });
  return await new Promise((resolve, reject) => {
    const abort = () => socket.destroy();
    signal?.addEventListener("abort", abort, { once: true });
    connection.connect((error) => {
      signal?.removeEventListener("abort", abort);
      const kill = () => killThread(source, address, connection.threadId);
      if (!error && !signal?.aborted) return resolve(wrap(connection, socket, kill));
      socket.destroy();
      reject(signal?.aborted ? endedBy(signal, nameOf(address)) : readable(error, "MySQL"));
    });
  });
}

function driverOptions(
  source: MysqlSource,
  { host, port }: NetworkTarget,
  use: ConnectSetting["use"],
): ConnectionOptions {
  const { tls, username: user, database, connectTimeoutMs: connectTimeout } = source;
  const password = passwordOf(source, process.env);
  // The driver has no way to check a certificate against an IP address.
  const ssl = tls && { ...tls, rejectUnauthorized: tls.verify, verifyIdentity: tls.verify && isIP(host) === 0 };
  return {
    ...{ host, port, user, password, connectTimeout },
    ...(database === "" ? {} : { database }),
    ...(ssl ? { ssl } : {}),
    authPlugins: loginPlugins({ allowsReadablePassword: source.allowsReadablePassword ?? false }),
    charset: "UTF8MB4_GENERAL_CI",
    rowsAsArray: true,
    // A server can ask a client with LOCAL_FILES for any file it names: only writers offer it, and they hand out their own bytes.
    flags: use === "write" ? ["LOCAL_FILES", "FOUND_ROWS"] : ["-LOCAL_FILES", "FOUND_ROWS"],
    typeCast: (field) => field.string("utf8"),
  };
}

async function prepareSession(client: MysqlClient, source: MysqlSource, setting: ConnectSetting): Promise<MysqlClient> {
  if (setting.use === "control") return client;
  const [address] = source.addresses;
  const patience = { server: address ? nameOf(address) : source.database, ms: setting.setUpMs };
  try {
    const putBack = await inSetUpTime(client, patience, () => setUpMysqlSession(client, source, setting));
    return { ...client, putBack };
  } catch (error) {
    await client.cut();
    throw mysqlFailure(error, "setting up the session");
  }
}

function wrap(connection: Connection, socket: Socket, kill: () => Promise<void>): MysqlClient {
  let isClosed = false;
  let ended: SluiceError | undefined;
  let killing: Promise<void> | undefined;
  // Statements that wait get the error themselves; without a listener a lost idle connection would end the process.
  connection.on("error", () => {});
  const mapped = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      throw ended ?? error;
    }
  };
  return {
    connection,
    threadId: connection.threadId,
    encryption: encryptionOf(streamOf(connection)),
    putBack: [],
    query: (sql) => mapped(runQuery(connection, sql)),
    execute: (sql, localData) => mapped(runStatement(connection, sql, localData)),
    close: async () => {
      if (killing) return killing;
      if (isClosed) return;
      isClosed = true;
      await farewell(connection, socket);
    },
    destroy: () => {
      isClosed = true;
      socket.destroy();
    },
    cut: (why) => {
      isClosed = true;
      ended ??= why;
      cutStream(connection, why);
      socket.destroy(why);
      killing ??= kill();
      return killing;
    },
  };
}

function farewell(connection: Connection, socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    // A server that has hung would not answer the farewell either.
    const patience = setTimeout(() => socket.destroy(), 1_000);
    socket.once("close", () => {
      clearTimeout(patience);
      resolve();
    });
    if (socket.destroyed) resolve();
    else connection.end();
  });
}

function runQuery(connection: Connection, sql: string): ReturnType<MysqlClient["query"]> {
  return new Promise((resolve, reject) => {
    connection.query({ sql, rowsAsArray: true }, (error, rows, fields) => {
      if (error) return reject(readable(error, "MySQL"));
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
        reject(readable(error, "MySQL"));
        return;
      }
      // The driver's header of a statement without rows; other shapes (rows of a SELECT) have no such figures.
      const { affectedRows = 0, warningStatus = 0 } = result as Partial<ResultSetHeader>;
      resolve({ affectedRows, warnings: warningStatus });
    };
    const local = localData && { infileStreamFactory: () => localStream(localData) };
    const query: Query = connection.query({ sql, ...local }, done);
  });
}

/** The driver makes one packet of each piece, and a server cuts the connection at a packet beyond its max_allowed_packet. */
const PACKET_BYTES = 64 * 1024;

/** An empty chunk would end the stream once too often. */
function localStream(data: Buffer): Readable {
  const pieces = Array.from({ length: Math.ceil(data.length / PACKET_BYTES) }, (_, i) =>
    data.subarray(i * PACKET_BYTES, (i + 1) * PACKET_BYTES),
  );
  return Readable.from(pieces);
}
