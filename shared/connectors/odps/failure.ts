import { setTimeout as sleep } from "node:timers/promises";
import { InternalError, SluiceError, TransientError, UserError } from "../../model/errors.js";
import { interruption } from "../../model/overdue.js";
import { guardRefusal } from "../network/guard.js";
import { MalformedStream } from "./wire/intake.js";

/** An answer that is no success. */
export class MaxcomputeFailure extends Error {
  constructor(
    readonly status: number,
    /** Such as `ODPS-0420111` or `NoSuchPartition`; empty when the answer has none. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "MaxcomputeFailure";
  }
}

/** What a refusal is, by its code; the first that fits. Source: MaxCompute documentation, "Error codes"; the SDKs. */
const kinds: readonly (readonly [RegExp, "denied" | "missing" | "busy" | "modified"])[] = [
  [/^ODPS-04100\d\d|^ODPS-0420095|^ODPS-0130013|NoPermission|Unauthorized|AccessDenied|Signature/i, "denied"],
  [/^ODPS-0420111|^ODPS-0130131|^NoSuch(?:Table|Partition|Project|Object|Schema)/i, "missing"],
  [/^(?:FlowExceeded|SlotExceeded|QPSExceeded|ServiceUnavailable|DataStoreError|InternalServerError)/i, "busy"],
  [/^(?:TableModified|SchemaModified)/i, "modified"],
];

/** What the service or the way to it reported, as an error of ours. `what` names the object or the call. */
export function odpsFailure(cause: unknown, what: string): SluiceError {
  const refusal = guardRefusal(cause);
  if (refusal) return refusal;
  if (cause instanceof SluiceError) return cause;
  if (cause instanceof MaxcomputeFailure) return ofFailure(cause, what);
  if (cause instanceof MalformedStream)
    return new TransientError("SOURCE_BUSY", `${what}: the answer is damaged: ${cause.message}`, { cause });
  const { code = "", name = "", message = String(cause) } = cause as { code?: string; name?: string; message?: string };
  if (isNetworkFailure(code, name, message))
    return new TransientError("SOURCE_UNREACHABLE", `${what}: no answer from MaxCompute (${code || message})`, {
      cause,
    });
  return new InternalError("INTERNAL", `${what}: ${message}`, { cause });
}

function ofFailure(cause: MaxcomputeFailure, what: string): SluiceError {
  const { status, code, message } = cause;
  const text = `${what}: ${message} (${code || status})`;
  const kind = kinds.find(([pattern]) => pattern.test(code))?.[1];
  if (kind === "denied" || (kind === undefined && (status === 401 || status === 403)))
    return new UserError("ACCESS_DENIED", text, { cause });
  if (kind === "missing" || (kind === undefined && status === 404))
    return new UserError("SOURCE_OBJECT_MISSING", text, { cause });
  if (kind === "busy" || status >= 500 || status === 429 || status === 408)
    return new TransientError("SOURCE_BUSY", text, { cause });
  if (kind === "modified") {
    const message = `${what}: the table was changed while it was being read (${code}); start a new run`;
    return new UserError("SOURCE_OBJECT_MISSING", message, { cause });
  }
  return new UserError("SOURCE_REFUSED", text, { cause });
}

function isNetworkFailure(code: string, name: string, message: string): boolean {
  return (
    /^E[A-Z]{3,}|^ERR_STREAM|^Z_/.test(code) ||
    /Timeout/i.test(name) ||
    /socket hang up|aborted|timed out/i.test(message)
  );
}

/** The error of work that was stopped, on request or because its time was up. */
export function odpsWorkStopped(signal: AbortSignal, what: string): SluiceError {
  return interruption(signal, `MaxCompute (${what})`, () => {
    return new UserError("CANCELLED", "work on MaxCompute was stopped on request");
  });
}

/** How calls are repeated. */
export interface Patience {
  readonly signal: AbortSignal;
  /** How often a call is tried that fails with 5xx; what is refused because of a quota waits for as long as it takes. */
  readonly attempts: number;
}

/** So often a server is asked that does not answer at all. */
const NETWORK_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 200;
/** As the SDKs: a second, doubling to 64. */
const LONGEST_PAUSE_MS = 64_000;

/** Runs a call again while the service is busy or unreachable. */
export async function withOdpsRetries<T>(
  what: string,
  run: () => Promise<T>,
  { signal, attempts }: Patience,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (cause) {
      if (signal.aborted) throw odpsWorkStopped(signal, what);
      const error = odpsFailure(cause, what);
      const isQuota = cause instanceof MaxcomputeFailure && cause.status === 429 && attempts > 1;
      const most = error.code === "SOURCE_UNREACHABLE" ? Math.min(attempts, NETWORK_ATTEMPTS) : attempts;
      if (!(error instanceof TransientError) || (attempt >= most && !isQuota)) throw error;
      await pause(attempt, signal, what);
    }
  }
}

/** Waits longer each time, with chance in it so that shards do not come back together. */
async function pause(attempt: number, signal: AbortSignal, what: string): Promise<void> {
  const ms = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS) * (0.5 + Math.random());
  await sleep(ms, undefined, { signal }).catch(() => {
    throw odpsWorkStopped(signal, what);
  });
}
