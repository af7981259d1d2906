import type { Duplex } from "node:stream";
import type { ConnectionOptions } from "node:tls";
import { Client } from "pg";
import { SluiceError, UserError } from "../../model/errors.js";
import { own } from "../../model/own.js";
import { contained } from "../network/contained.js";
import { passwordOf, type TlsSetting } from "../network/database-source.js";
import { encryptionOf } from "../network/encryption.js";
import { type NetworkTarget, networkGuard } from "../network/guard.js";
import { type CopyTap, copyTap } from "./copy-tap.js";
import { guardedStream } from "./guarded-stream.js";
import type { PostgresqlSource } from "./source.js";

/** An open connection. */
export interface PostgresqlClient {
  /** Rows as arrays of text; `values` stand for `$1` and so on. */
  query(sql: string, values?: readonly (string | number | null)[]): Promise<readonly (readonly (string | null)[])[]>;
  close(): Promise<void>;
  /** Protocol and cipher of TLS; null = not encrypted. */
  readonly encryption: string | null;
  /** The driver's connection, for copying, and where the rows it brings can be had. */
  readonly driver: Client;
  readonly tap: CopyTap;
}

/**
 * Connects to one address, through the guard.
 *
 * @throws the driver's error: `DatabaseError` with the server's SQLSTATE, or the network's
 */
export async function connectPostgresqlWire(
  source: PostgresqlSource,
  target: NetworkTarget,
): Promise<PostgresqlClient> {
  if (!source.prefersTls) return connectOnce(source, target);
  const { prefersTls: _, ...plain } = source;
  try {
    return await connectOnce({ ...plain, tls: { verify: false } }, target);
  } catch (error) {
    // What a server says of an account, it would say again.
    if (!isTlsFault(error)) throw error;
    return connectOnce(plain, target);
  }
}

/** The server offers no TLS, or none that can be agreed on. */
function isTlsFault(error: unknown): boolean {
  const { state, message } = wireErrorOf(error);
  return /does not support SSL|establishing an SSL connection/.test(message) || /^(ERR_SSL|EPROTO)/.test(state);
}

async function connectOnce(source: PostgresqlSource, { host, port }: NetworkTarget): Promise<PostgresqlClient> {
  const client = new Client({
    ...{ host, port, user: source.username, database: source.database },
    // Asked for by a function, since the driver looks for what is empty in PGPASSWORD and ~/.pgpass of whoever runs it.
    password: () => passwordOf(source, process.env),
    connectionTimeoutMillis: source.connectTimeoutMs,
    application_name: "sluice",
    stream: () => contained(networkGuard().socket()),
    ...(source.tls ? { ssl: tlsOptions(source.tls) } : { ssl: false }),
    // Values stay as the server writes them.
    types: { getTypeParser: () => (value: string | Buffer) => value },
  });
  const tap = copyTap();
  guardAnswers(client, tap);
  // A connection that breaks while nobody asks would end the process; the next statement tells of it.
  client.on("error", () => {});
  // Heard before the driver does, which then has nothing to write to.
  client.connection.on("authenticationCleartextPassword", () => {
    const { stream } = client.connection;
    if (!source.allowsReadablePassword && encryptionOf(stream) === null) stream.destroy(passwordAsked());
  });
  try {
    await client.connect();
  } catch (error) {
    // Without a goodbye: a server that has its own idea of the protocol may not hang up either.
    client.connection.stream.destroy();
    throw error;
  }
  return {
    async query(sql, values = []) {
      const { rows } = await client.query<(string | null)[]>({ text: sql, values: [...values], rowMode: "array" });
      return rows;
    },
    close: () => hangUp(client),
    // The driver's socket is the one of TLS as soon as there is one.
    encryption: encryptionOf(client.connection.stream),
    driver: client,
    tap,
  };
}

/** How long a server may take to hang up after a goodbye. */
const GOODBYE_MS = 1_000;

async function hangUp(client: Client): Promise<void> {
  const { stream } = client.connection;
  const timer = setTimeout(() => stream.destroy(), GOODBYE_MS);
  await client.end().catch(() => {});
  clearTimeout(timer);
}

/** Checks what the driver hears before it does; over TLS that is a stream of its own. */
function guardAnswers(client: Client, tap: CopyTap): void {
  // The driver has a connection, and its listening in one place, but declares neither.
  const { connection } = client as unknown as { connection: { attachListeners(stream: Duplex): void } };
  const attach = connection.attachListeners.bind(connection);
  connection.attachListeners = (stream) => attach(tap.between(guardedStream(contained(stream))));
}

const LONGEST_WORDS = 1_000;

/** What the driver says of ways to sign in that it has not, by the protocol's number. */
const unknownWay = /^Unknown authenticationOk message type (\d+)$/;
const ways: Readonly<Record<string, string>> = { 2: "Kerberos", 6: "SCM credentials", 7: "GSSAPI", 9: "SSPI" };

function wordsOf({ message }: Error): string {
  const way = unknownWay.exec(message)?.[1];
  if (way === undefined) return message.slice(0, LONGEST_WORDS);
  return `the server asks to sign in by ${own(ways, way) ?? `way ${way} of the protocol`}, which is not supported; let pg_hba.conf ask this account for a password (scram-sha-256)`;
}

/** What the server or the driver said, without a secret: neither repeats the password. */
export function wireErrorOf(error: unknown): { readonly state: string; readonly message: string } {
  if (error instanceof SluiceError) return { state: "", message: wordsOf(error) };
  if (!(error instanceof Error)) return { state: "", message: String(error) };
  const { code } = error as Error & { code?: unknown }; // SQLSTATE, or a code of the network
  return { state: typeof code === "string" ? code : "", message: wordsOf(error) };
}

function passwordAsked(): UserError {
  const message =
    "logging in: the server asks for the password itself, and the connection is not encrypted; nothing was sent";
  const hint =
    "Switch TLS on at the server, let it take scram-sha-256 from this account, or, where nobody can listen, set the option require_auth=password.";
  return new UserError("ACCESS_DENIED", message, { hint, path: "properties.require_auth" });
}

function tlsOptions({ verify, ca, cert, key }: TlsSetting): ConnectionOptions {
  return { rejectUnauthorized: verify, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}
