import { backOff } from "../model/back-off.js";
import { InternalError, TransientError } from "../model/errors.js";

/** Tries of a call before its trouble is told. */
export const ATTEMPTS = 6;
/** Before the second try; doubles with each. */
export const BACK_OFF_MS = 20;

/** Longest time for one call. The SDK never settles a call whose answer breaks off midway. */
const CALL_MS = 15_000;

/** The answer of a call, or an error when none comes in time. */
export async function settled<T>(call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CALL_MS} ms`)), CALL_MS);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The SDK does not decode errors: the code stands somewhere in the message. Empty = the network failed. */
export function tablestoreCode(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /OTS[A-Za-z]+/.exec(message)?.[0] ?? "";
}

const passing = new Set([
  "",
  "OTSRowOperationConflict",
  "OTSServerBusy",
  "OTSNotEnoughCapacityUnit",
  "OTSTableNotReady",
  "OTSPartitionUnavailable",
  "OTSTimeout",
  "OTSInternalServerError",
  "OTSServerUnavailable",
]);

/** Whether the same call may succeed a moment later. */
export function isPassing(error: unknown): boolean {
  return !(error instanceof TypeError) && passing.has(tablestoreCode(error));
}

/** Calls until it succeeds or the trouble does not pass. @throws TransientError SOURCE_BUSY, InternalError */
export async function retried<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await settled(call());
    } catch (error) {
      if (!isPassing(error) || attempt >= ATTEMPTS) throw mapped(error, "our tables");
      await backOff(attempt, BACK_OFF_MS);
    }
  }
}

/** An error of the SDK in our words. */
export function mapped(error: unknown, table: string): Error {
  const code = tablestoreCode(error);
  if (isPassing(error))
    return new TransientError("SOURCE_BUSY", `Tablestore does not serve ${table}: ${code || "no connection"}`, {
      cause: error,
    });
  return new InternalError("INTERNAL", `Tablestore refused a request on ${table}: ${code}`, { cause: error });
}
