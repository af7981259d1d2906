import { type AuthPlugin, authPlugins, type Connection, type ConnectionOptions, type SslOptions } from "mysql2";
import { UserError } from "../../model/errors.js";
import { encryptionOf } from "./encryption.js";

// Whoever speaks the protocol of MySQL logs in by this. It touches private parts of mysql2, which is pinned to ~3.24.

const CLIENT_SSL = 0x800;

/** A greeting is short; a protocol before 4.1 is nobody's any more. */
const LONGEST_GREETING = 0xffff;

/** What is wrong with the first packet of a server; null = it greets, or says why it does not. */
export function greetingFault(first: Buffer): string | null {
  if (first.length < 5) return null;
  const length = first.readUIntLE(0, 3);
  if (length === 0 || length > LONGEST_GREETING) return `a greeting of ${length} bytes`;
  const version = first[4] ?? 0;
  return version === 10 || version === 255 ? null : `version ${version} of the protocol, where there is 10`;
}

/**
 * Makes a connection that was not opened yet do TLS if the server offers it in its greeting: the driver asks for its setting after it
 * has read that.
 */
export function preferTls(connection: Connection, ssl: SslOptions): void {
  const driver = connection as unknown as { serverCapabilityFlags?: unknown };
  const isOffered = () => (Number(driver.serverCapabilityFlags ?? 0) & CLIENT_SSL) !== 0;
  Object.defineProperty(connection.config, "ssl", { get: () => (isOffered() ? ssl : undefined) });
}

/** The socket that a connection uses now: the one of TLS as soon as there is one. */
export function streamOf(connection: Connection): unknown {
  return (connection as unknown as { stream?: unknown }).stream;
}

/**
 * How the driver logs in. Over a connection that is not encrypted a password only goes as a hash that serves once: the ways that
 * hand over the password itself, hidden by a key that anybody in between could have sent, are refused before anything is sent.
 * Source: MySQL manual, "Caching SHA-2 Pluggable Authentication"; Connector/J, option `allowPublicKeyRetrieval`.
 *
 * @param allowsReadablePassword  the data source lets the server's key be asked for
 */
export function loginPlugins({
  allowsReadablePassword,
}: {
  allowsReadablePassword: boolean;
}): NonNullable<ConnectionOptions["authPlugins"]> {
  const { caching_sha2_password: cachingSha2, sha256_password: sha256 } = authPlugins;
  return {
    // The first packet is the challenge for the hash; afterwards 3 = the hash was enough.
    caching_sha2_password: guarded(
      cachingSha2({}),
      (data, turn) => turn > 1 && data[0] !== 3 && !allowsReadablePassword,
    ),
    sha256_password: guarded(sha256({}), () => !allowsReadablePassword),
    mysql_clear_password: () => () => {
      throw new UserError("ACCESS_DENIED", "logging in: the server asks for the password itself; nothing was sent", {
        hint: "Use an account that logs in by caching_sha2_password or mysql_native_password.",
      });
    },
  };
}

type IsRefused = (data: Buffer, turn: number) => boolean;

function guarded(plugin: AuthPlugin, isRefused: IsRefused): AuthPlugin {
  return (metadata) => {
    const answer = plugin(metadata);
    let turn = 0;
    return (data) => {
      turn += 1;
      if (isRefused(data, turn) && !isEncrypted(metadata.connection)) throw passwordAsked();
      return answer(data);
    };
  };
}

function isEncrypted(connection: Connection): boolean {
  return encryptionOf(streamOf(connection)) !== null;
}

function passwordAsked(): UserError {
  const message =
    "logging in: the server asks for the password itself, and the connection is not encrypted; nothing was sent";
  const hint =
    "Switch TLS on at the server and in the data source (sslMode=PREFERRED or REQUIRED), or, where nobody can stand in between, set the option allowPublicKeyRetrieval=true.";
  return new UserError("ACCESS_DENIED", message, { hint, path: "properties.allowPublicKeyRetrieval" });
}

/** An account whose plugin the driver does not speak, such as ed25519 of MariaDB, or with which it could not agree. */
export function pluginFault(doing: string, said: string, cause: unknown): UserError {
  const plugin = /unknown plugin ([\w-]{1,64})/.exec(said)?.[1];
  const message = plugin ? `the account logs in by ${plugin}, which Sluice does not speak` : said;
  const hint = "Use an account that logs in by mysql_native_password or caching_sha2_password.";
  return new UserError("ACCESS_DENIED", `${doing}: ${message}`, { cause, hint });
}
