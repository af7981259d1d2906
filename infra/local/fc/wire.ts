import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { FcError } from "./fc-error.js";

/** Largest event of a synchronous request, and of an asynchronous one, in bytes. */
export const payloadLimits = { sync: 32 * 1024 * 1024, async: 128 * 1024 } as const;

/** Past this a client is cut off instead of being heard to the end before it is refused. */
const DRAIN_LIMIT_BYTES = 4 * payloadLimits.sync;

/**
 * Reads a request's body.
 *
 * @throws FcError 400 when it is larger than any payload may be; most of the rest is read first, so that the client
 *   has sent everything and listens
 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= payloadLimits.sync) chunks.push(chunk);
    else if (bytes > DRAIN_LIMIT_BYTES) break;
  }
  if (bytes > payloadLimits.sync) throw tooLarge(payloadLimits.sync);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

/** The refusal of a payload above a limit. Source: Function Compute documentation, "Error codes". */
export function tooLarge(limitBytes: number): FcError {
  return new FcError(400, "EntityTooLarge", `payload size exceeds maximum allowed size (${limitBytes} bytes)`);
}

/** An answer before it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** An answer without a body; it has no content type either, since clients parse a body of type JSON. */
export function emptyAnswer(status: number, headers: OutgoingHttpHeaders = {}): Answer {
  return { status, headers, body: Buffer.alloc(0) };
}

/** An answer in JSON. */
export function jsonAnswer(status: number, value: unknown, headers: OutgoingHttpHeaders = {}): Answer {
  const body = Buffer.from(JSON.stringify(value));
  return { status, headers: { ...headers, "content-type": "application/json" }, body };
}

/** The answer to an error: under the older API's names and under the newer one's, of which clients read either. */
export function errorAnswer(error: unknown, requestId: string): Answer {
  const known = error instanceof FcError ? error : new FcError(500, "InternalServerError", String(error));
  const { status, code, message } = known;
  const names = { ErrorCode: code, ErrorMessage: message, Code: code, Message: message, RequestId: requestId };
  return jsonAnswer(status, names);
}

/** Sends an answer with its request id. A client that went away meanwhile is nobody's problem. */
export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer, requestId: string): void {
  response.on("error", () => undefined);
  response.writeHead(status, { ...headers, "x-fc-request-id": requestId, "content-length": body.length });
  response.end(body);
}
