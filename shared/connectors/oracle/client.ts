import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "oracledb";
import { UserError } from "../../model/errors.js";
import { passwordOf } from "../network/database-source.js";
import { foreignAnswer, otherProtocol, readable } from "../network/foreign-answer.js";
import type { NetworkTarget } from "../network/guard.js";
import { type GuardedWay, openGuardedProxy, openGuardedRelay } from "../network/proxy.js";
import type { OracleSource } from "./source.js";

/** The driver's module. */
export type OracleDriver = typeof import("oracledb");

/** An open connection. */
export interface OracleClient {
  /** Values of the first row. */
  firstRow(sql: string): Promise<readonly unknown[]>;
  close(): Promise<void>;
  /** Cuts the connection at once; the server learns of it by the socket's end. */
  hangUp(): Promise<void>;
  /** The driver's connection and the driver itself. */
  readonly connection: Connection;
  readonly driver: OracleDriver;
}

/** More of them would lead in a circle. */
const MOST_REDIRECTIONS = 3;

/**
 * Connects to one address with the driver's thin mode, which is all JavaScript. The driver opens its sockets itself, also
 * to where a listener redirects it: with TLS a proxy on loopback puts all of them behind the guard; without, which the
 * driver does not send through a proxy, a relay leads to one address, and a redirection, as the listeners of a cluster give, to another relay.
 *
 * @throws the driver's error with its `ORA-` or `NJS-` code, or what the guard or the network refused
 */
export async function connectOracle(source: OracleSource, target: NetworkTarget): Promise<OracleClient> {
  let next = target;
  for (let redirections = 0; ; redirections++) {
    try {
      return await connectOnce(source, next);
    } catch (error) {
      if (!(error instanceof Redirection) || redirections === MOST_REDIRECTIONS) throw error;
      next = error.target;
    }
  }
}

/** The listener wants another address to be asked. */
class Redirection extends UserError {
  constructor(readonly target: NetworkTarget) {
    super("SOURCE_UNREACHABLE", "the listener redirects to another address, again and again: give the last one");
  }
}

async function connectOnce(source: OracleSource, target: NetworkTarget): Promise<OracleClient> {
  const failures: Error[] = [];
  const onFailure = (error: Error): void => void failures.push(error);
  const way = source.tls
    ? await openGuardedProxy(onFailure)
    : await openGuardedRelay({ target, inspect: inspector(), onFailure });
  try {
    // At first use only: the package is large.
    const { default: driver } = await import("oracledb");
    const connection = await login(source, { driver, target, way });
    return {
      ...{ connection, driver, hangUp: way.close },
      firstRow: (sql) => firstRow(connection, sql),
      close: () => closed(connection, way.close),
    };
  } catch (error) {
    await way.close();
    throw failures[0] ?? readable(withoutWay(error, way, target), "Oracle");
  }
}

interface Way {
  readonly driver: OracleDriver;
  readonly target: NetworkTarget;
  readonly way: GuardedWay;
}

function login(source: OracleSource, { driver, target, way }: Way): Promise<Connection> {
  const seconds = Math.ceil(source.connectTimeoutMs / 1000);
  const { tls } = source;
  const wallet = [tls?.key, tls?.cert, tls?.ca].filter((part) => part !== undefined).join("\n");
  return driver.getConnection({
    user: source.username,
    password: passwordOf(source, process.env),
    connectString: descriptor(source, tls ? target : way),
    ...(tls ? { httpsProxy: way.host, httpsProxyPort: way.port } : {}),
    ...{ connectTimeout: seconds, transportConnectTimeout: seconds },
    ...(wallet === "" ? {} : { walletContent: wallet }),
  });
}

/** What the driver says of its connection names the way that we opened for it; the user knows the server alone. */
function withoutWay(error: unknown, way: NetworkTarget, { host, port }: NetworkTarget): unknown {
  if (!(error instanceof Error)) return error;
  error.message = error.message.replace(new RegExp(`127\\.0\\.0\\.1(\\D{1,8})${way.port}\\b`, "g"), `${host}$1${port}`);
  return error;
}

/** What a listener says: at first it accepts (2), refuses (4), redirects (5) or asks again (11), before anything has been agreed on. */
function inspector(): (data: Buffer) => Error | null {
  let isFirst = true;
  return (data) => {
    const fault = isFirst ? (otherProtocol(data) ?? answerFault(data)) : null;
    isFirst = false;
    if (fault !== null) return foreignAnswer("Oracle", fault);
    return data.length >= 8 && data[4] === 5 && data[5] !== undefined && data.length < 4096 ? redirection(data) : null;
  };
}

/** A redirection whose address comes in a packet of its own, or in the next read, is not followed. */
function redirection(data: Buffer): Error | null {
  const words = data.toString("latin1", 10);
  const host = /\(\s*HOST\s*=\s*([^()\s]+)\s*\)/i.exec(words)?.[1];
  const port = Number(/\(\s*PORT\s*=\s*(\d{1,5})\s*\)/i.exec(words)?.[1]);
  if (host === undefined || !(port >= 1 && port <= 65_535))
    return new Error("the listener redirects to another address: give that address, or use TLS");
  return new Redirection({ host, port });
}

const firstTypes = [2, 4, 5, 11];

function answerFault(first: Buffer): string | null {
  if (first.length < 5) return null;
  const length = first.readUInt16BE(0);
  if (length < 8) return `a packet of ${length} bytes`;
  return firstTypes.includes(first[4] ?? 0) ? null : `a packet of type ${first[4]} at first`;
}

/** With TLS it names the host, so that the certificate is checked against what the user wrote. */
function descriptor({ tls, database, isSid }: OracleSource, { host, port }: NetworkTarget): string {
  const address = `(ADDRESS=(PROTOCOL=${tls ? "tcps" : "tcp"})(HOST=${bare(host)})(PORT=${port}))`;
  const data = `(CONNECT_DATA=(${isSid ? "SID" : "SERVICE_NAME"}=${bare(database)}))`;
  const security = tls ? `(SECURITY=(SSL_SERVER_DN_MATCH=${tls.verify ? "yes" : "no"}))` : "";
  return `(DESCRIPTION=${address}${data}${security})`;
}

/** Parentheses and equal signs would begin another part of the descriptor. */
function bare(text: string): string {
  return text.replace(/[()=\s"']/g, "");
}

async function firstRow(connection: Connection, sql: string): Promise<readonly unknown[]> {
  const { rows } = await connection.execute<unknown[]>(sql);
  return rows?.[0] ?? [];
}

const FAREWELL_MS = 1000;

async function closed(connection: Connection, closeProxy: () => Promise<void>): Promise<void> {
  // Behind a statement that gets no answer the farewell would wait for ever.
  await Promise.race([connection.close().catch(() => {}), sleep(FAREWELL_MS, undefined, { ref: false })]);
  await closeProxy();
}
