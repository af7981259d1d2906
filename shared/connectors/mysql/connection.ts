import type { Connection } from "mysql2";

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
}

/** What a connection is for. */
export interface ConnectSetting {
  readonly signal?: AbortSignal;
  /** Statements of the job, run after our own. */
  readonly session?: readonly string[];
  /** Zone of the session, an offset or an IANA name; absent = UTC, null = whatever the server gives to every session. */
  readonly timeZone?: string | null;
  readonly use: "read" | "write" | "control";
  /** One call may send several statements, of which only the server knows where each ends. */
  readonly severalAtOnce?: boolean;
}
