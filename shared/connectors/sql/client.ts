import type { SluiceError } from "../../model/errors.js";
import type { Preview } from "../../model/preview.js";

/** Rows as arrays of text, together with the column names. */
export interface QueryResult {
  readonly names: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** An open connection, as far as the flow needs it: every value as text, one statement at a time. Systems add what is theirs. */
export interface SqlClient {
  /** What was put back after statements of the job that would have made the session unfit, a line each. */
  readonly putBack: readonly string[];
  query(sql: string): Promise<QueryResult>;
  /** A statement that returns no rows, or several where the connection was asked for that. */
  execute(sql: string): Promise<{ readonly affectedRows: number }>;
  /** Ends the connection in good order; what it did not commit is gone. Never fails. */
  close(): Promise<void>;
  /** Drops the connection at once, whatever it does. */
  destroy(): void;
  /**
   * Drops the connection and ends on the server what it was doing: a server that sorts, scans or waits does not notice a lost
   * connection until it sends the next row. Never fails, and ends in time.
   *
   * @param why  the error of statements that wait for an answer
   */
  cut(why?: SluiceError): Promise<void>;
}

/** What a connection is for. */
export interface ConnectSetting {
  readonly use: "read" | "write" | "control";
  /** As long as the connection is open: when it fires, the connection is cut, and its statement ended on the server. */
  readonly signal?: AbortSignal;
  /** Longest time to set the session up, in milliseconds; default one minute. */
  readonly setUpMs?: number;
  /** The connection is for a plan: `session` may only set variables, and what is read is read in read-only transactions. */
  readonly preview?: Preview | undefined;
  /** Statements of the job, run after our own. */
  readonly session?: readonly string[];
  /** Zone of the session, an offset or an IANA name; absent = UTC, null = whatever the server gives to every session. */
  readonly timeZone?: string | null;
  /** One call may send several statements, of which only the server knows where each ends. */
  readonly severalAtOnce?: boolean;
}
