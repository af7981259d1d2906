import { type AuthPlugin, authPlugins, type Connection, type ConnectionOptions } from "mysql2";
import { UserError } from "../../model/errors.js";
import { encryptionOf } from "../network/encryption.js";
import { streamOf } from "./driver-internals.js";

/**
 * How the driver logs in. Over a connection that is not encrypted a password only goes as a hash that serves once: the ways that
 * hand over the password itself, hidden by a key that anybody in between could have sent, are refused before anything is sent.
 * Source: MySQL manual, "Caching SHA-2 Pluggable Authentication"; Connector/J, option `allowPublicKeyRetrieval`.
 *
 * @param allowsReadablePassword  the data source lets the server's key be asked for
 */
export function loginPlugins(allowsReadablePassword: boolean): NonNullable<ConnectionOptions["authPlugins"]> {
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
