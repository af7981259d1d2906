import http from "node:http";

/** The header by which the local cloud knows an instance that calls with a key which is not its own. */
export const INSTANCE_HEADER = "x-local-instance";

const loopback = new Set(["localhost", "127.0.0.1", "::1"]);

/**
 * Puts the mark on all that this process requests of this machine. Data sources have keys of their own, so that a
 * signature does not tell which instance calls; signatures of our services cover no such header.
 */
export function markRequests(mark: string): void {
  const original = http.request;
  const marked = (...given: Parameters<typeof original>): http.ClientRequest => {
    const request = original(...given);
    if (loopback.has(request.host) && !request.headersSent) request.setHeader(INSTANCE_HEADER, mark);
    return request;
  };
  // The function has several forms; what is given is handed on as it is.
  http.request = marked as typeof original;
}
