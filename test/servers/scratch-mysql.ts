import { randomBytes } from "node:crypto";
import { type Connection, createConnection } from "mysql2/promise";
import { inject } from "vitest";
import { parseMysqlUrl } from "./mariadb.js";
import { withSequences } from "./sequence.js";

/** A database of its own for one test file, on the server of the test run. */
export interface ScratchDatabase {
  readonly name: string;
  /** Properties of a Sluice data source of type `mysql` for this database. */
  readonly source: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly username: string;
    readonly password: string;
  };
  /** A plain driver connection: everything as text, statements one by one. */
  readonly connection: Connection;
  /** Runs a statement, values escaped; rows come back as arrays of text (or bytes). `seq_1_to_9` has nine rows on every server. */
  query(sql: string, values?: readonly unknown[]): Promise<(string | Buffer | null)[][]>;
  /** Removes the database and closes the connection. */
  drop(): Promise<void>;
}

/** Makes an empty utf8mb4 database with a random name. */
export async function scratchDatabase(url: string = inject("mysql")): Promise<ScratchDatabase> {
  const { host, port, user, password } = parseMysqlUrl(url);
  const name = `sluice_${randomBytes(6).toString("hex")}`;
  const connection = await createConnection({
    ...{ host, port, user, password, charset: "utf8mb4", rowsAsArray: true },
    typeCast: (field) => (bytesField(field.type) ? field.buffer() : field.string("utf8")),
  });
  await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  await connection.query(`USE ${name}`);
  await connection.query("SET time_zone = '+00:00', sql_mode = 'NO_AUTO_VALUE_ON_ZERO'");
  const hasSequences = await knowsSequences(connection);
  return {
    name,
    source: { host, port, database: name, username: user, password },
    connection,
    query: async (sql, values) => {
      const [rows] = await connection.query({
        // MySQL's list in the information schema fails while any statement beside holds a character beyond utf8mb3.
        sql: hasSequences
          ? sql
          : withSequences(sql.replace(/information_schema\.processlist/i, "performance_schema.processlist")),
        values: values?.slice() ?? [],
      });
      // The driver's row type does not know `rowsAsArray` together with our typeCast.
      return Array.isArray(rows) ? (rows as (string | Buffer | null)[][]) : [];
    },
    drop: async () => {
      await connection.query(`DROP DATABASE IF EXISTS ${name}`);
      await connection.end();
    },
  };
}

/** MariaDB's engine for them; other servers are made to yield the rows of a join in order. */
async function knowsSequences(connection: Connection): Promise<boolean> {
  const [found] = await connection.query("SELECT 1 FROM information_schema.engines WHERE engine = 'SEQUENCE'");
  const isKnown = Array.isArray(found) && found.length > 0;
  if (!isKnown) await connection.query("SET optimizer_switch = 'block_nested_loop=off'");
  return isKnown;
}

function bytesField(type: string): boolean {
  return type === "BIT" || type === "GEOMETRY";
}
