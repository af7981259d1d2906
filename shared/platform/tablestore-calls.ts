import { InternalError, TransientError } from "../model/errors.js";
import { backOff, type Retries, retrying } from "../model/retry.js";
import { tablestoreMeaning } from "./tablestore-errors.js";

/** Before the second try, about half of it; doubles with each. */
const FIRST_WAIT_MS = 20;

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

/** Whether the same call may succeed a moment later. */
export function isPassingStore(error: unknown): boolean {
  if (error instanceof TypeError) return false;
  const code = tablestoreCode(error);
  return code === "" || tablestoreMeaning(code) === "passes";
}

/** How calls of our tables are repeated. */
export const tableRetries: Retries = {
  attempts: 6,
  mayPass: isPassingStore,
  wait: (attempt) => backOff(attempt, FIRST_WAIT_MS),
};

/** Calls until it succeeds or the trouble does not pass. @throws TransientError SOURCE_BUSY, InternalError */
export async function retried<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await retrying(() => settled(call()), tableRetries);
  } catch (error) {
    throw mapped(error, "our tables");
  }
}

/** An error of the SDK in our words. */
export function mapped(error: unknown, table: string): Error {
  const code = tablestoreCode(error);
  if (isPassingStore(error))
    return new TransientError("SOURCE_BUSY", `Tablestore does not serve ${table}: ${code || "no connection"}`, {
      cause: error,
    });
  return new InternalError("INTERNAL", `Tablestore refused a request on ${table}: ${code}`, { cause: error });
}
