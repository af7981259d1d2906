import { Database } from "node-sqlite3-wasm";
import type { ConnectSetting, SqlClient } from "../../../shared/connectors/sql/client.js";
import type { ServerSaid, SqlErrors } from "../../../shared/connectors/sql/system.js";
import { cancelled } from "../../../shared/connectors/sql/waiting.js";
import type { RowRefusal } from "../../../shared/connectors/sql/write/refusal.js";
import type { Cell } from "../../../shared/model/batch.js";
import { type ErrorCode, InternalError, SluiceError, TransientError, UserError } from "../../../shared/model/errors.js";

/** Connection properties: the database is a file. */
export interface SqliteSource {
  readonly database: string;
}

/** An open connection. */
export interface SqliteClient extends SqlClient {
  readonly db: Database;
}

let open = 0;

/** How many connections are open. */
export const openConnections = (): number => open;

/** Opens the file, which must be there. */
export async function connect({ database }: SqliteSource, setting: ConnectSetting): Promise<SqliteClient> {
  if (setting.signal?.aborted) throw cancelled();
  const db = opened(database);
  open++;
  const destroy = () => {
    if (!db.isOpen) return;
    open--;
    db.close();
  };
  for (const statement of setting.session ?? []) db.exec(statement);
  return {
    ...{ db, putBack: [], destroy, close: async () => destroy(), cut: async () => destroy() },
    async query(sql) {
      const rows = db.all(sql) as Record<string, unknown>[]; // not expanded
      return { names: Object.keys(rows[0] ?? {}), rows: rows.map((row) => Object.values(row).map(textOf)) };
    },
    async execute(sql) {
      db.exec(sql);
      return { affectedRows: Number((db.get("SELECT changes() AS n") as { n: number }).n) };
    },
  };
}

function opened(database: string): Database {
  try {
    return new Database(database, { fileMustExist: true });
  } catch (cause) {
    throw new UserError("SOURCE_OBJECT_MISSING", `there is no database ${database}`, { cause });
  }
}

/** A value of the driver as a cell: numbers as SQLite prints them, bytes as bytes. */
export function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  return value instanceof Uint8Array ? Buffer.from(value) : String(value);
}

function textOf(value: unknown): string | null {
  return cellOf(value)?.toString() ?? null;
}

const codes: readonly (readonly [words: RegExp, code: ErrorCode])[] = [
  [/no such (?:table|column)/, "SOURCE_OBJECT_MISSING"],
  [/database is locked/, "SOURCE_BUSY"],
];

/** What SQLite says of rows (its documentation, "Result and Error Codes"). */
const refusals: readonly (readonly [words: RegExp, reason: RowRefusal["reason"]])[] = [
  [/UNIQUE constraint failed: \w+\.(\w+)/, "DUPLICATE_KEY"],
  [/NOT NULL constraint failed: \w+\.(\w+)/, "NOT_NULL"],
  [/CHECK constraint failed/, "CONSTRAINT"],
  [/cannot store \w+ value in \w+ column \w+\.(\w+)|datatype mismatch/, "CONVERSION"],
];

/** Why SQLite did not take a row. */
export function refusalOf(error: unknown): RowRefusal | null {
  const message = wordsOf(error);
  const [found, reason] =
    refusals.map(([words, why]) => [words.exec(message), why] as const).find(([one]) => one) ?? [];
  return found && reason ? { reason, message, ...(found[1] ? { column: found[1] } : {}) } : null;
}

export const errors: SqlErrors = {
  toSluiceError(cause, doing): SluiceError {
    if (cause instanceof SluiceError) return cause;
    const message = `${doing}: ${wordsOf(cause)}`;
    if (!isOurs(cause)) return new InternalError("INTERNAL", message, { cause });
    const code = codes.find(([words]) => words.test(message))?.[1] ?? "SOURCE_REFUSED";
    return code === "SOURCE_BUSY"
      ? new TransientError(code, message, { cause })
      : new UserError(code, message, { cause });
  },
  said(error): ServerSaid | null {
    const message = wordsOf(error);
    const isSyntax = /syntax error/.test(message);
    return isOurs(error) ? { message, isSyntax, isNoAnswer: false, withoutData: () => undefined } : null;
  },
};

function isOurs(error: unknown): boolean {
  return error instanceof Error && error.name === "SQLite3Error";
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
