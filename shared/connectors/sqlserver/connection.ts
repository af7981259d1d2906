import type { SqlClient } from "../sql/client.js";

/** A value as the driver delivers it. */
export type DriverValue = string | number | boolean | Buffer | null;

/** Rows for a bulk load into a table of the session: an ordinal, and text or bytes for each column. */
export interface BulkRows {
  /** Quoted. */
  readonly table: string;
  /** Names of the columns behind the ordinal, and whether they take bytes. */
  readonly columns: readonly { readonly name: string; readonly takesBytes: boolean }[];
  readonly rows: Iterable<readonly (number | string | Buffer | null)[]>;
}

/** What became of a statement that returns no rows. */
export interface SqlserverDone {
  readonly affectedRows: number;
  /** Numbers of what the server says besides, such as 3604: a row with a key that is there was left out. */
  readonly noted: readonly number[];
}

/** An open connection: one statement at a time, each sent as a batch of its own. */
export interface SqlserverConnection extends SqlClient {
  execute(sql: string): Promise<SqlserverDone>;
  /** Runs a statement; each row is handed over as it comes. */
  stream(sql: string, onRow: (row: readonly DriverValue[]) => void): Promise<void>;
  /** Makes the server wait, and lets it go on. */
  pause(): void;
  resume(): void;
  bulk(load: BulkRows): Promise<void>;
  /** The zone in which dates without an offset are meant; the server's sessions have none. */
  zone(): string;
  enterZone(zone: string): void;
}
