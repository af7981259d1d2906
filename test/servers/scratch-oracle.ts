import { randomBytes } from "node:crypto";
import type { BindParameters, Connection } from "oracledb";
import { type OracleServer, startOracle } from "./oracle/server.js";

/** A schema for one test file: on a server of one's own (`SLUICE_TEST_ORACLE_URL`), else on the tests' small server. */
export interface ScratchOracle {
  /** Properties of a Sluice data source. */
  readonly source: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly username: string;
    readonly password: string;
  };
  /** The tests' server; null on one of one's own. */
  readonly server: OracleServer | null;
  /** Runs a statement with the plain driver; rows as arrays of text. */
  run(sql: string, binds?: BindParameters): Promise<(string | null)[][]>;
  /** The same for many rows. */
  runMany(sql: string, rows: readonly (readonly (string | Buffer | null)[])[]): Promise<void>;
  /** A name that no other table has. */
  name(): string;
  close(): Promise<void>;
}

/** Where a server of one's own is: `oracle://user:password@host:port/service`. */
export const oracleUrl = process.env.SLUICE_TEST_ORACLE_URL;

/** Opens a scratch schema. */
export async function scratchOracle(): Promise<ScratchOracle> {
  const server = oracleUrl === undefined ? await startOracle() : null;
  const source = server?.source ?? sourceOf(oracleUrl ?? "");
  const { default: oracledb } = await import("oracledb");
  const connectString = `${source.host}:${source.port}/${source.database}`;
  const connection = await oracledb.getConnection({ user: source.username, password: source.password, connectString });
  const made: string[] = [];
  let names = 0;
  const prefix = `S${randomBytes(4).toString("hex").toUpperCase()}`;
  const texts = async (sql: string, binds: BindParameters = []) => {
    const { rows = [] } = await connection.execute<unknown[]>(sql, binds, {
      ...{ autoCommit: true, outFormat: oracledb.OUT_FORMAT_ARRAY },
      fetchTypeHandler: ({ dbTypeName }) =>
        /^(?:NUMBER|CLOB|NCLOB)$/.test(dbTypeName ?? "") ? { type: oracledb.STRING } : undefined,
    });
    return rows.map((row) => row.map((cell) => (cell === null ? null : String(cell).replace(/^(-?)\./, "$10."))));
  };
  return {
    ...{ source, server, name: () => `${prefix}_${++names}` },
    async run(sql, binds) {
      const [, table] = /^CREATE\s+TABLE\s+("[^"]+"|\w+)/i.exec(sql) ?? [];
      if (table !== undefined) made.push(table);
      return texts(sql, binds);
    },
    async runMany(sql, rows) {
      const width = rows[0]?.length ?? 0;
      const bindDefs = Array.from({ length: width }, (_, at) => {
        const isBytes = rows.some((row) => Buffer.isBuffer(row[at]));
        return { type: isBytes ? oracledb.BUFFER : oracledb.STRING, maxSize: isBytes ? 2_000 : 4_000 };
      });
      // The driver reads them only.
      const values = rows.map((row) =>
        row.map((cell) => (cell?.length === 0 ? null : cell)),
      ) as unknown as BindParameters[];
      if (rows.length > 0) await connection.executeMany(sql, values, { autoCommit: true, bindDefs });
    },
    close: () => closed(connection, made, server),
  };
}

async function closed(connection: Connection, made: readonly string[], server: OracleServer | null): Promise<void> {
  for (const table of server ? [] : [...made, '"sluice_ledger"'])
    await connection.execute(`DROP TABLE ${table} PURGE`).catch(() => {});
  await connection.close();
  await server?.close();
}

function sourceOf(url: string): ScratchOracle["source"] {
  const { hostname, port, pathname, username, password } = new URL(url);
  return {
    ...{ host: hostname, port: Number(port || 1521), database: pathname.slice(1) },
    ...{ username: decodeURIComponent(username), password: decodeURIComponent(password) },
  };
}
