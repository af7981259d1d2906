import { setTimeout as sleep } from "node:timers/promises";
import { type SluiceError, TransientError, UserError } from "../../model/errors.js";
import { interruption } from "../../model/overdue.js";
import { retrying } from "../../model/retry.js";
import type { FileStore } from "./bucket.js";

/** How the calls of one bucket are made. */
export interface Calling extends Pick<FileStore, "title" | "explain"> {
  readonly signal: AbortSignal;
  /** How often a call is tried; a connectivity test wants 1. */
  readonly attempts: number;
}

/** The error of work that was stopped, on request or because its time was up. */
export function objectWorkStopped(signal: AbortSignal, title: string, what: string): SluiceError {
  const asked = () => new UserError("CANCELLED", `work on ${title} was stopped on request`);
  return interruption(signal, `${title} (${what})`, asked);
}

/** Runs a call again while the store is busy or unreachable, at most `attempts` times. */
export async function withObjectRetries<T>(calling: Calling, what: string, run: () => Promise<T>): Promise<T> {
  const { signal, attempts, explain, title } = calling;
  const once = async (): Promise<T> => {
    try {
      return await orAbort(calling, what, run());
    } catch (cause) {
      throw signal.aborted ? objectWorkStopped(signal, title, what) : explain(cause, what);
    }
  };
  const mayPass = (error: unknown) => !signal.aborted && error instanceof TransientError;
  return retrying(once, { attempts, mayPass, wait: (attempt) => pauseObjects(calling, what, attempt) });
}

/** Waits longer each time, with chance in it so that shards do not come back together. */
export async function pauseObjects(
  { signal, title }: Pick<Calling, "signal" | "title">,
  what: string,
  attempt: number,
) {
  const ms = 100 * 2 ** Math.min(attempt, 6) * (0.5 + Math.random());
  await sleep(ms, undefined, { signal }).catch(() => {
    throw objectWorkStopped(signal, title, what);
  });
}

/** Rejects as soon as the signal says so; the work itself goes on unheard. */
export async function orAbort<T>(
  { signal, title }: Pick<Calling, "signal" | "title">,
  what: string,
  work: Promise<T>,
): Promise<T> {
  if (signal.aborted) {
    work.catch(() => undefined);
    throw objectWorkStopped(signal, title, what);
  }
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(objectWorkStopped(signal, title, what));
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener("abort", onAbort);
  }
}
