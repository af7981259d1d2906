import type { BindParameters, Connection, ExecuteOptions } from "oracledb";
import type { QueryResult } from "../sql/client.js";
import { oracleCell } from "./cells.js";
import type { OracleDriver } from "./client.js";
import type { OracleBind, OracleConnection, OracleField, OracleRowError } from "./connection.js";

/** The driver's connection and the driver itself, which holds the names of its types. */
export interface OracleLine {
  readonly connection: Connection;
  readonly driver: OracleDriver;
}

/** Numbers as the driver's own text of them, and large values as a whole: never a JS number, a `Date` or a round trip for each. */
function asText({ STRING, BUFFER }: OracleDriver): NonNullable<ExecuteOptions["fetchTypeHandler"]> {
  return ({ dbTypeName = "" }) => {
    if (/^(?:NUMBER|CLOB|NCLOB|LONG|JSON|VECTOR|ROWID|UROWID)$/.test(dbTypeName)) return { type: STRING };
    return /^(?:BLOB|LONG RAW|RAW)$/.test(dbTypeName) ? { type: BUFFER } : undefined;
  };
}

/** All rows of a statement as text. */
export async function textsOn({ connection, driver }: OracleLine, sql: string): Promise<QueryResult> {
  const { metaData = [], rows = [] } = await connection.execute<unknown[]>(sql, [], {
    ...{ outFormat: driver.OUT_FORMAT_ARRAY, maxRows: 0, fetchTypeHandler: asText(driver), prefetchRows: 1000 },
  });
  const types = metaData.map(({ dbTypeName = "" }) => dbTypeName);
  const texts = rows.map((row) => row.map((value, at) => oracleCell(value, types[at] ?? "")?.toString() ?? null));
  return { names: metaData.map(({ name }) => name), rows: texts };
}

/** Has the server parse a statement. */
export async function describeOn(
  { connection }: OracleLine,
  sql: string,
): Promise<Awaited<ReturnType<OracleConnection["describe"]>>> {
  const { metaData = [], bindNames } = await connection.getStatementInfo(sql);
  const fields = metaData.map(({ name, dbTypeName = "", precision, scale }): OracleField => {
    return { name, typeName: dbTypeName, precision: precision ?? null, scale: scale ?? null };
  });
  return { fields, binds: bindNames ?? [] };
}

/** A statement whose rows are asked for bit by bit; `answered` runs a call of the driver. */
export interface AskedRows {
  readonly sql: string;
  readonly fetchSize: number;
  answered<T>(work: () => Promise<T>): Promise<T>;
}

/** The server sends rows only when it is asked for more. */
export async function* rowsOn(
  { connection, driver }: OracleLine,
  { sql, fetchSize, answered }: AskedRows,
): AsyncGenerator<readonly unknown[]> {
  const { resultSet } = await answered(() =>
    connection.execute<unknown[]>(sql, [], {
      ...{ resultSet: true, outFormat: driver.OUT_FORMAT_ARRAY, fetchTypeHandler: asText(driver) },
      ...{ fetchArraySize: fetchSize, prefetchRows: fetchSize },
    }),
  );
  if (!resultSet) return;
  for (;;) {
    const rows = await answered(() => resultSet.getRows(fetchSize));
    if (rows.length === 0) break;
    yield* rows;
  }
  await answered(() => resultSet.close());
}

/** Rows for one statement. */
export interface BoundBatch {
  readonly sql: string;
  readonly binds: readonly OracleBind[];
  readonly rows: readonly (readonly (string | Buffer | null)[])[];
}

/** Runs a statement for each row; a row that the server refuses costs no other one. */
export async function executeManyOn(
  { connection, driver }: OracleLine,
  { sql, binds, rows }: BoundBatch,
): Promise<Awaited<ReturnType<OracleConnection["executeMany"]>>> {
  const bindDefs = binds.map(({ kind, maxSize }) => ({ type: typeOf(driver, kind), dir: driver.BIND_IN, maxSize }));
  // The driver reads them only.
  const found = await connection.executeMany(sql, rows as unknown as BindParameters[], {
    ...{ bindDefs, batchErrors: true, autoCommit: false },
  });
  const refused = (found.batchErrors ?? []).map((error): OracleRowError => ({ offset: error.offset ?? -1, error }));
  return { taken: found.rowsAffected ?? 0, refused };
}

function typeOf(driver: OracleDriver, kind: OracleBind["kind"]) {
  const types = {
    text: driver.DB_TYPE_VARCHAR,
    national: driver.DB_TYPE_NVARCHAR,
    bytes: driver.DB_TYPE_RAW,
    long: driver.DB_TYPE_LONG,
    longNational: driver.DB_TYPE_LONG_NVARCHAR,
    longBytes: driver.DB_TYPE_LONG_RAW,
    clob: driver.DB_TYPE_CLOB,
    nclob: driver.DB_TYPE_NCLOB,
    blob: driver.DB_TYPE_BLOB,
  };
  return types[kind];
}
