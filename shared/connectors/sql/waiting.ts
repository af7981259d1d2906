import { type SluiceError, UserError } from "../../model/errors.js";
import { interruption, silence } from "../../model/overdue.js";
import type { SqlClient } from "./client.js";

/** A server that lets in answers what sets a session up within this time, or not at all. */
const SET_UP_MS = 60_000;

/** What an interrupted reader or writer throws. */
export function cancelled(): UserError {
  return new UserError("CANCELLED", "interrupted on request");
}

/** What work throws that a signal has ended; `server` is who kept it waiting. */
export function endedBy(signal: AbortSignal, server: string): SluiceError {
  return interruption(signal, server, cancelled);
}

/**
 * A connection that is cut, and its statement ended on the server, when the signal fires; until it is closed.
 *
 * @param server  who is waited for, for the error
 */
export function heeding<C extends SqlClient>(client: C, signal: AbortSignal | undefined, server: string): C {
  if (!signal) return client;
  let doing = "";
  const abort = () => void client.cut(endedBy(signal, `${server}${doing}`));
  const forget = () => signal.removeEventListener("abort", abort);
  const noted = (sql: string): string => {
    doing = ` (${/^\W*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? "a statement"})`;
    return sql;
  };
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  return {
    ...client,
    query: (sql: string) => client.query(noted(sql)),
    // Systems may take more than the statement.
    execute: (sql: string, ...more: []) => client.execute(noted(sql), ...more),
    close() {
      forget();
      return client.close();
    },
    destroy() {
      forget();
      client.destroy();
    },
    cut(why?: SluiceError) {
      forget();
      return client.cut(why);
    },
  };
}

/** Sets a session up within its time; a server that says nothing is cut off. */
export async function inSetUpTime<T>(
  client: Pick<SqlClient, "cut">,
  { server, ms = SET_UP_MS }: { readonly server: string; readonly ms?: number | undefined },
  work: () => Promise<T>,
): Promise<T> {
  const late = setTimeout(() => void client.cut(silence(`${server} (setting up the session)`, ms)), ms);
  try {
    return await work();
  } finally {
    clearTimeout(late);
  }
}
