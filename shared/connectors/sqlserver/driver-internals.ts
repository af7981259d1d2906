import type { Duplex, Readable } from "node:stream";
import type { Connection } from "tedious";
import { UserError } from "../../model/errors.js";
import { encryptionOf } from "../network/encryption.js";

// The one place that touches private parts of tedious, which is pinned to ~19.2. Guarded by the conformance suite.

type MakeParser = (message: unknown, handler: object) => { readonly parser?: Readable };

/**
 * Hears of an answer that cannot be read. The driver leaves that to nobody, so any server that is none, or a hostile one,
 * would end the process.
 *
 * @param onBroken  to end the connection; whoever waits for an answer then learns of it
 */
export function hearBrokenAnswers(connection: Connection, onBroken: (error: Error) => void): void {
  const driver = connection as unknown as { createTokenStreamParser?: MakeParser };
  const original = driver.createTokenStreamParser;
  if (typeof original !== "function") return;
  driver.createTokenStreamParser = (message, handler) => {
    const made = original.call(connection, message, catching(handler, onBroken));
    made.parser?.on("error", onBroken);
    return made;
  };
}

/**
 * Sends no login, and with it no password, before TLS is agreed on: where a server says that it has none, the driver would go on
 * without, whatever was asked for.
 */
export function refuseReadableLogin(connection: Connection): void {
  const driver = connection as unknown as {
    sendLogin7Packet?: () => void;
    readonly messageIo?: { readonly tlsNegotiationComplete?: boolean };
  };
  const original = driver.sendLogin7Packet;
  if (typeof original !== "function") throw new Error("tedious is not as expected");
  driver.sendLogin7Packet = () => {
    if (driver.messageIo?.tlsNegotiationComplete !== true)
      throw new UserError(
        "SOURCE_REFUSED",
        "the server does no encryption, and the data source demands it; no password was sent",
      );
    original.call(connection);
  };
}

/** Protocol and cipher of a connection whose TLS began before all else; null = it has none. */
export function strictEncryption(connection: Connection): string | null {
  const { socket } = connection as unknown as { readonly socket?: Duplex };
  return socket ? encryptionOf(socket) : null;
}

/** The same handler of tokens; what it throws about one that does not belong there is told. */
function catching(handler: object, onBroken: (error: Error) => void): object {
  return new Proxy(handler, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...given: unknown[]): unknown => {
        try {
          return Reflect.apply(member, target, given);
        } catch (error) {
          return onBroken(error instanceof Error ? error : new Error(String(error)));
        }
      };
    },
  });
}
