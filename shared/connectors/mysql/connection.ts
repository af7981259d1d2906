import type { Connection } from "mysql2";
import type { SluiceError } from "../../model/errors.js";
import type { Preview } from "../../model/preview.js";

/** What a statement without a result set did. */
export interface Outcome {
  readonly affectedRows: number;
  /** As the server counts them, at most 65,535; notes are switched off. */
  readonly warnings: number;
}

/** An open connection: every value as text, one statement at a time. */
export interface MysqlClient {
  /** The server's number of this connection, for KILL. */
  readonly threadId: number;
  /** Protocol and cipher of TLS; null = not encrypted. */
  readonly encryption: string | null;
  /** What was put back after statements of the job that would have made the session unfit, a line each. */
  readonly putBack: readonly string[];
  /** Rows as arrays of text, together with the column names. */
  query(sql: string): Promise<{ readonly names: readonly string[]; readonly rows: readonly (string | null)[][] }>;
  /** A statement that returns no rows. `localData` is what a LOAD DATA LOCAL statement loads, and all it can load. */
  execute(sql: string, localData?: Buffer): Promise<Outcome>;
  /** The driver's connection, for streaming. */
  readonly connection: Connection;
  /** Ends the connection in good order. */
  close(): Promise<void>;
  /** Cuts the connection; statements that wait for an answer fail. */
  destroy(): void;
  /**
   * Cuts the connection and ends on the server, from a second one, what it was doing: a server that sorts, scans or waits does not
   * notice a cut connection until it sends the next row. Never fails, and ends in time.
   *
   * @param why  the error of statements that wait for an answer
   */
  cut(why?: SluiceError): Promise<void>;
}

/** What a connection is for. */
export interface ConnectSetting {
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
  readonly use: "read" | "write" | "control";
  /** One call may send several statements, of which only the server knows where each ends. */
  readonly severalAtOnce?: boolean;
}
