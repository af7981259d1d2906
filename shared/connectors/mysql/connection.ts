import type { Connection } from "mysql2";
import type { SqlClient } from "../sql/client.js";

/** What a statement without a result set did. */
export interface Outcome {
  readonly affectedRows: number;
  /** As the server counts them, at most 65,535; notes are switched off. */
  readonly warnings: number;
}

/** An open connection: every value as text, one statement at a time. */
export interface MysqlClient extends SqlClient {
  /** The server's number of this connection, for KILL. */
  readonly threadId: number;
  /** Protocol and cipher of TLS; null = not encrypted. */
  readonly encryption: string | null;
  /** A statement that returns no rows. `localData` is what a LOAD DATA LOCAL statement loads, and all it can load. */
  execute(sql: string, localData?: Buffer): Promise<Outcome>;
  /** The driver's connection, for streaming. */
  readonly connection: Connection;
}
