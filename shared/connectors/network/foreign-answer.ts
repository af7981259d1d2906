import type { Socket } from "node:net";
import { UserError } from "../../model/errors.js";

/**
 * What answers at an address is not the system that a data source names.
 *
 * @param protocol  such as `MySQL`
 * @param what  what was seen in place of it
 */
export function foreignAnswer(protocol: string, what: string, cause?: unknown): UserError {
  const hint = `Check host and port: something else than ${protocol} may listen there.`;
  const message = `the server does not answer in ${protocol}'s protocol: ${what}`;
  return new UserError("SOURCE_UNREACHABLE", message, { hint, cause });
}

/** What the first bytes of an answer are, when people mistake a port; null = none of these. */
export function otherProtocol(first: Buffer): string | null {
  const begun = first.toString("latin1", 0, 5);
  return others.find(([start]) => begun.startsWith(start))?.[1] ?? null;
}

const others: readonly (readonly [start: string, words: string])[] = [
  ["HTTP/", "HTTP is spoken there"],
  ["SSH-", "SSH is spoken there"],
  ["\x15\x03", "TLS is spoken there"],
];

/**
 * Ends a connection whose first answer is none of the protocol: drivers wait for the rest of whatever a wrong first byte promises.
 *
 * @param fault  tells what is wrong with it in a few words; null = nothing
 */
export function checkFirstAnswer(socket: Socket, protocol: string, fault: (first: Buffer) => string | null): void {
  socket.prependOnceListener("data", (first: Buffer) => {
    const what = otherProtocol(first) ?? fault(first);
    if (what !== null) socket.destroy(foreignAnswer(protocol, what));
  });
}

/**
 * What a driver throws over an answer that it reads beyond its end, or that holds what there is not: nothing of ours goes into such a
 * call. Other errors are given back as they are.
 */
export function readable(error: unknown, protocol: string): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as Error & { code?: unknown }; // what Node's and drivers' errors carry
  const isOfParser = error instanceof RangeError || error instanceof TypeError || parserCodes.has(String(code ?? ""));
  const isLost = parserWords.test(error.message);
  return isOfParser || isLost ? foreignAnswer(protocol, "it cannot be read to its end", error) : error;
}

const parserCodes = new Set([
  "ERR_OUT_OF_RANGE",
  "ERR_BUFFER_OUT_OF_BOUNDS",
  "HANDSHAKE_UNKNOWN_ERROR",
  "NJS-509",
  "NJS-068",
]);
const parserWords =
  /^Should not reach here|no auth plugin instance found|unknown plugin \.|Unable to process incoming packet/;
