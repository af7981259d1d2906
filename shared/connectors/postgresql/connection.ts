import type { SqlClient } from "../sql/client.js";
import type { CopiedRow } from "./copy-tap.js";
import type { Described } from "./statement-copy.js";

/** An open connection: every value as the server's text, one statement at a time. */
export interface PostgresqlConnection extends SqlClient {
  /** The server's version as a number, such as 150004. */
  readonly version: number;
  /** Prepares a statement, which does not run it. */
  describe(sql: string): Promise<Described>;
  /** Runs `COPY (…) TO STDOUT`; rows are told as they come. */
  copyOut(sql: string, onRow: CopiedRow): Promise<void>;
  /** Makes the server wait, and lets it go on. */
  pause(): void;
  resume(): void;
  /** Runs `COPY … FROM STDIN`. @returns how many rows the server took */
  copyIn(sql: string, data: Buffer): Promise<number>;
}
