import { randomBytes } from "node:crypto";
import { Connection, Request } from "tedious";
import { startTdsServer, type TdsServer } from "./tds/server.js";

/** A database of its own for one test file: on a SQL Server of one's own, or on the stand-in. */
export interface ScratchSqlserver {
  /** Properties of a Sluice data source of type `sqlserver`. */
  readonly source: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly username: string;
    readonly password: string;
    readonly properties: { readonly encrypt: string; readonly trustServerCertificate: string };
  };
  /** True for a SQL Server. */
  readonly isReal: boolean;
  /** Runs a batch by the plain driver; rows of the last result as arrays of text. Statements convert what the driver would alter. */
  run(sql: string): Promise<(string | null)[][]>;
  /** How many connections of ours the server sees. */
  connections(): Promise<number>;
  /** The statements that the stand-in was sent; empty for a SQL Server. */
  readonly heard: readonly string[];
  close(): Promise<void>;
}

/** Names a server whose account may make databases: `sqlserver://user:password@host:port`. */
const urlVariable = "SLUICE_TEST_SQLSERVER_URL";

/** True when a server of one's own is named. */
export const hasSqlserver = (): boolean => (process.env[urlVariable] ?? "") !== "";

/** Makes an empty database. */
export async function scratchSqlserver(): Promise<ScratchSqlserver> {
  const database = `sluice_${randomBytes(6).toString("hex")}`;
  const url = process.env[urlVariable];
  return url ? onServer(new URL(url), database) : onStandIn(database);
}

async function onStandIn(database: string): Promise<ScratchSqlserver> {
  const server: TdsServer = await startTdsServer();
  server.database(database);
  const properties = { encrypt: "false", trustServerCertificate: "true" };
  const source = { host: "127.0.0.1", port: server.port, database, ...server.account, properties };
  const inside = await opened(source);
  return {
    ...{ source, isReal: false, run: (sql) => textsOf(inside, sql), heard: server.heard },
    connections: async () => server.sessions() - 1,
    async close() {
      inside.close();
      await server.close();
    },
  };
}

async function onServer({ hostname, port, username, password }: URL, database: string): Promise<ScratchSqlserver> {
  const account = { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  const properties = { encrypt: "true", trustServerCertificate: "true" };
  const source = { host: hostname, port: Number(port || 1433), database, ...account, properties };
  const admin = await opened({ ...source, database: "master" });
  await textsOf(admin, `CREATE DATABASE ${database}`);
  const inside = await opened(source);
  const sessions = `SELECT COUNT(*) FROM sys.dm_exec_sessions WHERE program_name = 'sluice' AND database_id = DB_ID('${database}')`;
  return {
    ...{ source, isReal: true, run: (sql) => textsOf(inside, sql), heard: [] },
    connections: async () => Number((await textsOf(admin, sessions))[0]?.[0]),
    async close() {
      inside.close();
      await textsOf(
        admin,
        `ALTER DATABASE ${database} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE ${database}`,
      );
      admin.close();
    },
  };
}

/** A connection of the plain driver. */
export function opened(source: ScratchSqlserver["source"], options: object = {}): Promise<Connection> {
  const { host, port, database, username: userName, password, properties } = source;
  const connection = new Connection({
    server: host,
    authentication: { type: "default", options: { userName, password } },
    options: {
      port,
      database,
      encrypt: properties.encrypt === "true",
      trustServerCertificate: true,
      requestTimeout: 0,
      ...options,
    },
  });
  connection.on("error", () => {});
  return new Promise((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve(connection))));
}

/** Runs a batch and answers all rows as the driver delivers them. */
export function valuesOf(connection: Connection, sql: string): Promise<unknown[][]> {
  return new Promise((resolve, reject) => {
    const rows: unknown[][] = [];
    const request = new Request(sql, (error) => (error ? reject(error) : resolve(rows)));
    request.on("row", (cells: { value: unknown }[]) => void rows.push(cells.map(({ value }) => value)));
    connection.execSqlBatch(request);
  });
}

async function textsOf(connection: Connection, sql: string): Promise<(string | null)[][]> {
  const rows = await valuesOf(connection, sql);
  return rows.map((row) =>
    row.map((value) => (value === null ? null : Buffer.isBuffer(value) ? value.toString("hex") : String(value))),
  );
}
