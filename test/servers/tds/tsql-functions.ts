import type { Database } from "node-sqlite3-wasm";
import { tsqlConvert } from "./tsql-convert.js";
import { TsqlError, tokensOf } from "./tsql-tokens.js";
import type { TdsValue } from "./values.js";

/** What functions ask of the session. */
export interface FunctionSetting {
  /** The number of a table, by its name as a statement writes it; null = there is none. */
  objectId(name: string): number | null;
  property(name: string): number | null;
  readonly database: string;
}

/** The engine's errors carry text only. */
function rethrown(error: unknown): never {
  if (error instanceof TsqlError) throw new Error(`TSQL ${error.number} ${error.message}`);
  throw error;
}

/** Gives the engine the server's functions. */
export function makeFunctions(db: Database, { objectId, property, database }: FunctionSetting): void {
  const as = (type: TdsValue, value: TdsValue, style: TdsValue) => {
    try {
      return tsqlConvert(String(type), value, style === null ? null : Number(style));
    } catch (error) {
      return rethrown(error);
    }
  };
  const tried: typeof as = (type, value, style) => {
    try {
      return tsqlConvert(String(type), value, style === null ? null : Number(style));
    } catch (error) {
      if (error instanceof TsqlError) return null;
      throw error;
    }
  };
  db.function("tsql_convert", as, { deterministic: true });
  db.function("tsql_try_convert", tried, { deterministic: true });
  db.function("tsql_object_id", (name) => objectId(String(name)));
  db.function("tsql_collationproperty", (name, _property) =>
    name === null ? null : String(name).endsWith("UTF8") ? 65_001 : 1252,
  );
  db.function("tsql_sessionproperty", (name) => property(String(name)));
  db.function("tsql_db_id", () => 1);
  db.function("tsql_db_name", () => database);
  db.function("tsql_has_perms_by_name", (_name, _kind, _right) => 1);
  db.function("tsql_quotename", (name) => `[${String(name).replaceAll("]", "]]")}]`);
  db.function("tsql_schema_name", (_id) => "dbo");
  db.function("tsql_len", (text) => (text === null ? null : String(text).replace(/ +$/, "").length));
  db.function("tsql_replicate", (text, count) => String(text).repeat(Number(count)));
  db.function("tsql_charindex", (needle, text) => (needle === "" ? 0 : String(text).indexOf(String(needle)) + 1));
  db.function("tsql_todatetimeoffset", (moment, offset) => (moment === null ? null : `${moment} ${offset}`));
  // Patterns with sets of characters, which the engine's own LIKE does not have.
  db.function("like", (pattern, text) => {
    if (pattern === null || text === null) return null;
    const source = String(pattern).replace(/\[[^\]]*\]|[%_]|[\\^$.*+?()|{}]/g, (part) =>
      part === "%" ? "[\\s\\S]*" : part === "_" ? "[\\s\\S]" : part.startsWith("[") ? part : `\\${part}`,
    );
    return Number(new RegExp(`^${source}$`, "i").test(String(text)));
  });
}

/** The parts of a table's name as a statement writes it. */
export function writtenParts(name: string): string[] {
  return tokensOf(name).flatMap(({ kind, text }) => (kind === "sign" ? [] : [text]));
}
