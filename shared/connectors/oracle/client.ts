import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "oracledb";
import { passwordOf } from "../network/database-source.js";
import { foreignAnswer, otherProtocol, readable } from "../network/foreign-answer.js";
import type { NetworkTarget } from "../network/guard.js";
import { openGuardedProxy, openGuardedRelay } from "../network/proxy.js";
import type { OracleSource } from "./source.js";

/** An open connection. */
export interface OracleClient {
  /** Values of the first row. */
  firstRow(sql: string): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

/**
 * Connects to one address with the driver's thin mode, which is all JavaScript. The driver opens its sockets itself, also
 * to where a listener redirects it: with TLS a proxy on loopback puts all of them behind the guard; without, which the
 * driver does not send through a proxy, a relay leads to the one address and cuts redirections off.
 *
 * @throws the driver's error with its `ORA-` or `NJS-` code, or what the guard or the network refused
 */
export async function connectOracle(source: OracleSource, target: NetworkTarget): Promise<OracleClient> {
  const failures: Error[] = [];
  const onFailure = (error: Error): void => void failures.push(error);
  const way = source.tls
    ? await openGuardedProxy(onFailure)
    : await openGuardedRelay({ target, inspect: inspector(), onFailure });
  try {
    // At first use only: the package is large.
    const { default: oracledb } = await import("oracledb");
    const seconds = Math.ceil(source.connectTimeoutMs / 1000);
    const connection = await oracledb.getConnection({
      user: source.username,
      password: passwordOf(source, process.env),
      connectString: descriptor(source, source.tls ? target : way),
      ...(source.tls ? { httpsProxy: way.host, httpsProxyPort: way.port } : {}),
      ...{ connectTimeout: seconds, transportConnectTimeout: seconds },
      ...(source.tls?.ca ? { walletContent: source.tls.ca } : {}),
    });
    return { firstRow: (sql) => firstRow(connection, sql), close: () => closed(connection, way.close) };
  } catch (error) {
    await way.close();
    throw failures[0] ?? readable(withoutWay(error, way, target), "Oracle");
  }
}

/** What the driver says of its connection names the way that we opened for it; the user knows the server alone. */
function withoutWay(error: unknown, way: NetworkTarget, { host, port }: NetworkTarget): unknown {
  if (!(error instanceof Error)) return error;
  error.message = error.message.replace(new RegExp(`127\\.0\\.0\\.1(\\D{1,8})${way.port}\\b`, "g"), `${host}$1${port}`);
  return error;
}

/**
 * What a listener says: at first it accepts (2), refuses (4), redirects (5) or asks again (11). A redirection, which comes before
 * anything else has been agreed on, names another address.
 */
function inspector(): (data: Buffer) => Error | null {
  let isFirst = true;
  return (data) => {
    const fault = isFirst ? (otherProtocol(data) ?? answerFault(data)) : null;
    isFirst = false;
    if (fault !== null) return foreignAnswer("Oracle", fault);
    const isRedirection = data.length >= 8 && data[4] === 5 && data[5] === 0;
    return isRedirection ? new Error("the listener redirects to another address: give that address, or use TLS") : null;
  };
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
