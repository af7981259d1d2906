import { InternalError, TransientError } from "../model/errors.js";
import type { FcContext } from "./environment.js";
import { createLog } from "./log.js";

type Handler<E, R> = (event: E, context: FcContext) => Promise<R>;

/** Long enough for an answer to leave the process, short enough to end before the next request. */
const EXIT_MS = 20;

/** What broke this instance: thrown where no promise that a request awaits could hear of it. */
let fault: Error | null = null;
/** Requests under way; the platform gives an instance one at a time. */
const failing = new Set<(error: Error) => void>();

/**
 * Makes what is thrown outside of the promises of a request (in a driver's listener, in a timer, by a promise that nobody awaits) this
 * request's failure in place of the end of its process without a word. The instance, whose state nobody knows then, takes no further
 * request and ends after the answer.
 *
 * @returns a handler that throws InternalError naming the fault; TransientError SOURCE_BUSY on an instance that is about to end
 */
export function endingOnFault<E, R>(handler: Handler<E, R>): Handler<E, R> {
  return async (event, context) => {
    if (fault) {
      endSoon();
      throw new TransientError(
        "SOURCE_BUSY",
        "this instance ends after a fault of the request before: send yours again",
      );
    }
    const heard = hear(context);
    try {
      return await Promise.race([heard.failure, handler(event, context)]);
    } finally {
      heard.end();
      if (fault) endSoon();
    }
  };
}

function hear({ function: { name }, requestId }: FcContext): { failure: Promise<never>; end(): void } {
  let reject: (error: Error) => void = () => {};
  const failure = new Promise<never>((_, no) => {
    reject = no;
  });
  const fail = (cause: Error): void => {
    const message = `${cause.name}: ${cause.message}`;
    createLog({ function: name, requestId }).error("fault of the instance", { error: message, stack: cause.stack });
    reject(new InternalError("INTERNAL", `a fault that nothing awaited ended the instance: ${message}`, { cause }));
  };
  if (failing.size === 0) listen();
  failing.add(fail);
  const end = (): void => {
    failing.delete(fail);
    // Without a request a fault is nobody's, and ends the process as ever; with one before, nothing may end it ahead of the answer.
    if (failing.size === 0 && !fault) unlisten();
  };
  return { failure, end };
}

function onFault(thrown: unknown): void {
  fault = thrown instanceof Error ? thrown : new Error(String(thrown));
  for (const fail of failing) fail(fault);
}

/** False where something else has taken them all. */
let capturesExceptions = false;

function listen(): void {
  // Goes before listeners to `uncaughtException`, of which the platform may have one that ends the process.
  capturesExceptions = !process.hasUncaughtExceptionCaptureCallback();
  if (capturesExceptions) process.setUncaughtExceptionCaptureCallback(onFault);
  process.prependListener("unhandledRejection", onFault);
}

function unlisten(): void {
  if (capturesExceptions) process.setUncaughtExceptionCaptureCallback(null);
  process.off("unhandledRejection", onFault);
}

function endSoon(): void {
  setTimeout(() => process.exit(1), EXIT_MS);
}
