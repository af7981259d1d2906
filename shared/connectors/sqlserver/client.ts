import type { Socket } from "node:net";
import { Connection, type ConnectionConfiguration, Request } from "tedious";
import { type SluiceError, UserError } from "../../model/errors.js";
import { passwordOf } from "../network/database-source.js";
import { encryptionOf } from "../network/encryption.js";
import { checkFirstAnswer, foreignAnswer, readable } from "../network/foreign-answer.js";
import { guardedConnect, type NetworkTarget } from "../network/guard.js";
import { hearBrokenAnswers, refuseReadableLogin, strictEncryption } from "./driver-internals.js";
import type { SqlserverSource } from "./source.js";

/** A connection that has logged in. */
export interface SqlserverClient {
  /** Values of the first row. */
  firstRow(sql: string): Promise<readonly unknown[]>;
  close(): void;
  readonly driver: Connection;
  /** What was wrong with an answer that could not be read, by which the connection ended; null = nothing. */
  fault(): SluiceError | null;
  /** Protocol and cipher of TLS; null = not encrypted. */
  readonly encryption: string | null;
}

/** What the server said while the connection was refused. */
export class SqlserverRefusal extends Error {
  constructor(
    /** The server's error numbers, in order. */
    readonly numbers: readonly number[],
    message: string,
    options: ErrorOptions,
  ) {
    super(message, options);
    this.name = "SqlserverRefusal";
  }
}

/**
 * Connects to one address, through the guard.
 *
 * @throws SqlserverRefusal with what server or network said; UserError CONFIG_INVALID for a missing password variable
 */
export async function loginSqlserver(source: SqlserverSource, target: NetworkTarget): Promise<SqlserverClient> {
  let socket: Socket | undefined;
  const reach = async (): Promise<Socket> => {
    socket = guardedConnect(target);
    checkFirstAnswer(socket, "SQL Server", answerFault);
    return reached(socket);
  };
  const connection = new Connection(configuration(source, target, reach));
  if (source.tls && !source.isStrictTls) refuseReadableLogin(connection);
  let encryption: string | null = null;
  connection.on("secure", (cleartext) => {
    encryption = encryptionOf(cleartext);
  });
  const numbers: number[] = [];
  const messages: string[] = [];
  connection.on("errorMessage", ({ number, message }) => {
    numbers.push(number);
    messages.push(message);
  });
  // A connection that breaks while nobody asks would end the process; the next request tells of it.
  connection.on("error", () => {});
  let fault: SluiceError | null = null;
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: Error) => {
      if (!error) return resolve();
      connection.close();
      // A socket that was ended for its first answer is only lost to the driver.
      const cause = socket?.errored instanceof UserError ? socket.errored : readable(error, "SQL Server");
      const said = messages.length > 0 ? messages.join(" ") : cause instanceof Error ? cause.message : error.message;
      reject(new SqlserverRefusal(numbers, said, { cause }));
    };
    connection.connect(settle);
    hearBrokenAnswers(connection, (error) => {
      socket?.destroy(error);
      const mapped = readable(error, "SQL Server");
      fault ??= mapped instanceof UserError ? mapped : foreignAnswer("SQL Server", error.message, error);
      settle(fault);
    });
  });
  if (source.isStrictTls) encryption = strictEncryption(connection);
  return {
    firstRow: (sql) => firstRow(connection, sql),
    close: () => connection.close(),
    driver: connection,
    fault: () => fault,
    encryption,
  };
}

/** As long as TLS takes in one of its own records. */
const PACKET_BYTES = 16_000;

/** Every answer begins with a packet of one type (MS-TDS 2.2.3.1): a tabular result, of 8 to 32,767 bytes. */
function answerFault(first: Buffer): string | null {
  if (first[0] !== 4) return `a packet of type ${first[0]}, where there is 4`;
  if (first.length < 4) return null;
  const length = first.readUInt16BE(2);
  return length < 8 || length > 32_767 ? `a packet of ${length} bytes` : null;
}

function firstRow(connection: Connection, sql: string): Promise<readonly unknown[]> {
  return new Promise((resolve, reject) => {
    let row: readonly unknown[] = [];
    const request = new Request(sql, (error) => (error ? reject(error) : resolve(row)));
    request.once("row", (columns: { value: unknown }[]) => {
      row = columns.map(({ value }) => value);
    });
    connection.execSqlBatch(request);
  });
}

function configuration(
  source: SqlserverSource,
  { host, port }: NetworkTarget,
  reach: () => Promise<Socket>,
): ConnectionConfiguration {
  const { tls, username: userName, database, connectTimeoutMs, hostNameInCertificate } = source;
  return {
    server: host,
    authentication: { type: "default", options: { userName, password: passwordOf(source, process.env) } },
    options: {
      ...{ port, database, appName: "sluice", connectTimeout: connectTimeoutMs },
      connector: reach,
      // The driver's own limit of 15 s would end every long read and load.
      requestTimeout: 0,
      packetSize: PACKET_BYTES,
      // Names of months and days in texts, and the order of 01-02-03: of these only the last could matter.
      dateFormat: "ymd",
      encrypt: source.isStrictTls ? "strict" : tls !== null,
      trustServerCertificate: !tls?.verify,
      ...(hostNameInCertificate ? { serverName: hostNameInCertificate } : {}),
      ...(tls?.ca ? { cryptoCredentialsDetails: { ca: tls.ca } } : {}),
    },
  };
}

function reached(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}
