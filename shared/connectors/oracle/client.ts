import type { Connection } from "oracledb";
import { passwordOf } from "../network/database-source.js";
import type { Target } from "../network/guard.js";
import { openGuardedProxy } from "../network/proxy.js";
import type { OracleSource } from "./source.js";

/** An open connection. */
export interface OracleClient {
  /** Values of the first row. */
  firstRow(sql: string): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

/**
 * Connects to one address with the driver's thin mode, which is all JavaScript. The driver opens its sockets itself, also
 * to where a listener redirects it: a tunnel on loopback puts all of them behind the guard.
 *
 * @throws the driver's error with its `ORA-` or `NJS-` code, or what the guard or the network refused
 */
export async function connect(source: OracleSource, target: Target): Promise<OracleClient> {
  const failures: Error[] = [];
  const proxy = await openGuardedProxy((error) => failures.push(error));
  try {
    // At first use only: the package is large.
    const { default: oracledb } = await import("oracledb");
    const connection = await oracledb.getConnection({
      user: source.username,
      password: passwordOf(source, process.env),
      connectString: descriptor(source, target),
      httpsProxy: proxy.host,
      httpsProxyPort: proxy.port,
      // The limit of the whole test or run comes from outside; these are seconds.
      connectTimeout: Math.ceil(source.connectTimeoutMs / 1000),
      transportConnectTimeout: Math.ceil(source.connectTimeoutMs / 1000),
      ...(source.tls?.ca ? { walletContent: source.tls.ca } : {}),
    });
    return { firstRow: (sql) => firstRow(connection, sql), close: () => closed(connection, proxy.close) };
  } catch (error) {
    await proxy.close();
    throw failures[0] ?? error;
  }
}

/** Connects by name, so that the certificate is checked against what the user wrote. */
function descriptor({ tls, database, isSid }: OracleSource, { host, port }: Target): string {
  const address = `(ADDRESS=(PROTOCOL=${tls ? "tcps" : "tcp"})(HOST=${bare(host)})(PORT=${port}))`;
  const data = `(CONNECT_DATA=(${isSid ? "SID" : "SERVICE_NAME"}=${bare(database)}))`;
  const security = tls ? `(SECURITY=(SSL_SERVER_DN_MATCH=${tls.verify ? "yes" : "no"}))` : "";
  return `(DESCRIPTION=(RETRY_COUNT=0)${address}${data}${security})`;
}

/** Parentheses and equal signs would begin another part of the descriptor. */
function bare(text: string): string {
  return text.replace(/[()=\s"']/g, "");
}

async function firstRow(connection: Connection, sql: string): Promise<readonly unknown[]> {
  const { rows } = await connection.execute<unknown[]>(sql);
  return rows?.[0] ?? [];
}

async function closed(connection: Connection, closeProxy: () => Promise<void>): Promise<void> {
  await connection.close().catch(() => {});
  await closeProxy();
}
