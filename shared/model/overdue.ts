import { SluiceError, TransientError } from "./errors.js";

/** Why a signal fired when the time for the work was up. */
export class Overdue extends Error {
  override readonly name = "Overdue";

  /** @param ms  how long the work was allowed to take */
  constructor(readonly ms: number) {
    super(`no answer within ${ms / 1000} s`);
  }
}

/** A signal that fires after some time, or with another one, and the way to end the wait for it. */
export interface Deadline {
  readonly signal: AbortSignal;
  clear(): void;
}

/** Starts a deadline; its signal's reason is {@link Overdue}, or that of `signal`. */
export function startDeadline(ms: number, signal?: AbortSignal): Deadline {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(new Overdue(ms)), ms);
  const pass = () => over.abort(signal?.reason);
  signal?.addEventListener("abort", pass, { once: true });
  if (signal?.aborted) pass();
  return {
    signal: over.signal,
    clear() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", pass);
    },
  };
}

/**
 * What interrupted work throws.
 *
 * @param who        who did not answer, and to what, such as `db.example.com:3306 (SELECT)`
 * @param onRequest  the error of work that was stopped because somebody asked for it
 * @returns the reason itself when it is an error for users
 */
export function interruption({ reason }: AbortSignal, who: string, onRequest: () => SluiceError): SluiceError {
  if (reason instanceof SluiceError) return reason;
  if (reason instanceof Overdue) return silence(who, reason.ms);
  return isOverdue(reason) ? silence(who, null) : onRequest();
}

/** A server that lets in and then does not answer; null = nobody knows how long it had. */
export function silence(who: string, ms: number | null): TransientError {
  const within = ms === null ? "in time" : `within ${ms / 1000} s`;
  return new TransientError("SOURCE_UNREACHABLE", `${who} did not answer ${within}; the wait was ended`, {
    hint: "Look at what the server is doing in its list of processes: a lock, an overload, or a statement that takes long.",
  });
}

/** True for the reason of a deadline's signal, ours or the platform's. */
function isOverdue(reason: unknown): boolean {
  return reason instanceof Error && reason.name === "TimeoutError";
}
