import type { Column } from "../../model/batch.js";
import type { SqlClient } from "../sql/client.js";

/** A column of a statement's result, as the driver describes it. */
export interface OracleField {
  readonly name: string;
  /** Such as `NUMBER` or `TIMESTAMP WITH TIME ZONE`. */
  readonly typeName: string;
  readonly precision: number | null;
  readonly scale: number | null;
}

/** Values of one place in all rows that are sent together. */
export interface OracleBind {
  readonly kind: "text" | "national" | "bytes" | "long" | "longNational" | "longBytes" | "clob" | "nclob" | "blob";
  /** Bytes of the longest value, at least 1. */
  readonly maxSize: number;
}

/** A row that a statement for many rows did not take. */
export interface OracleRowError {
  readonly offset: number;
  readonly error: unknown;
}

/** An open connection: every value as text or bytes, one statement at a time. */
export interface OracleConnection extends SqlClient {
  /** The server's version, such as 1900000000. */
  readonly version: number;
  /** The character set of the database's texts, such as AL32UTF8. */
  readonly charset: string;
  /** Asks the server to parse a statement, which does not run it. DDL is not sent: a server that parses it runs it. */
  describe(sql: string): Promise<{ readonly fields: readonly OracleField[]; readonly binds: readonly string[] }>;
  /** The rows of a statement as they are asked for. */
  rows(sql: string, fetchSize: number): AsyncGenerator<readonly unknown[]>;
  /** Runs a statement for each of many rows. @returns how many it took, and those that it did not */
  executeMany(
    sql: string,
    binds: readonly OracleBind[],
    rows: readonly (readonly (string | Buffer | null)[])[],
  ): Promise<{ readonly taken: number; readonly refused: readonly OracleRowError[] }>;
}

/** A described column with what the flow of SQL systems wants to know of it. */
export interface OracleResultColumn extends Column {
  readonly typeName: string;
}
