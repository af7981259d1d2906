import { randomBytes } from "node:crypto";
import type { FunctionError } from "./protocol.js";

/** One request to a function. */
export interface Invocation {
  readonly requestId: string;
  readonly event: Buffer;
  /** How often an async request was tried before; 0 for sync requests. */
  readonly retryCount: number;
}

/** What running a request took. */
export interface InvocationStats {
  readonly instanceId: string;
  readonly durationMs: number;
  readonly maxMemoryMb: number;
}

/** The values of the header `x-fc-error-type`. */
export type FunctionErrorType = "HandledInvocationError" | "UnhandledInvocationError" | "InitializationError";

/** How a request ended. A failure's payload is the JSON that the platform answers. */
export type InvocationOutcome = InvocationStats & { readonly payload: Buffer } & (
    | { readonly ok: true }
    | { readonly ok: false; readonly errorType: FunctionErrorType; readonly error: FunctionError }
  );

/** A failed outcome. */
export function failure(errorType: FunctionErrorType, error: FunctionError, stats: InvocationStats): InvocationOutcome {
  return { ok: false, errorType, error, payload: Buffer.from(JSON.stringify(error)), ...stats };
}

/** A new request id in FC 3.0's form. */
export function newRequestId(): string {
  const hex = randomBytes(14).toString("hex");
  return `1-${hex.slice(0, 8)}-${hex.slice(8, 16)}-${hex.slice(16)}`;
}
