import { Database } from "node-sqlite3-wasm";
import type { ResultColumn } from "./answers.js";
import { keptName, parseCreateTable } from "./create-table.js";
import { mergeParts, toSqlite } from "./dialect.js";
import { type Dictionary, makeDictionary } from "./dictionary.js";
import { addFunctions, oraError, type SessionState } from "./functions.js";
import { resultColumns } from "./result-types.js";

/** A value of a bind, with LOBs in full. */
export type EngineValue = string | Uint8Array | null;

/** What a statement did. */
export interface Done {
  /** Null = no query. */
  readonly columns: readonly ResultColumn[] | null;
  readonly rows: readonly (readonly unknown[])[];
  readonly changed: number;
}

/** A session of the engine. */
export interface EngineSession extends SessionState {
  readonly id: number;
}

/** An Oracle of one schema, with SQLite behind it: what it does not know it refuses by name, and never guesses. */
export interface OracleEngine {
  readonly schema: string;
  session(): EngineSession;
  /** The columns of a query, null for any other statement; both must be such as the engine could run. */
  describe(session: EngineSession, sql: string): readonly ResultColumn[] | null;
  /** Runs a statement once. */
  run(session: EngineSession, sql: string, values: readonly EngineValue[]): Done;
  inTransaction(session: EngineSession): boolean;
  /** Waits until no other session has changed anything that it has not committed. */
  turn(session: EngineSession, sql: string): Promise<void>;
  end(session: EngineSession, how: "COMMIT" | "ROLLBACK"): void;
  close(): void;
}

const changes = /^\s*(?:INSERT|UPDATE|DELETE|MERGE)\b/i;
const defines = /^\s*(?:CREATE|DROP|TRUNCATE|COMMENT|BEGIN)\b/i;

/** Makes an empty database. */
export function oracleEngine({ schema = "SHOP", charset = "AL32UTF8" } = {}): OracleEngine {
  const database = new Database();
  let current: EngineSession | null = null;
  addFunctions(database, () => current ?? sessionOf(0, schema, charset));
  const dictionary = makeDictionary(database, schema, charset);
  let sessions = 0;
  let owner: EngineSession | null = null;
  const waiting: (() => void)[] = [];
  const release = () => {
    owner = null;
    for (const wake of waiting.splice(0)) wake();
  };
  const begin = (session: EngineSession) => {
    if (owner === session) return;
    if (owner) throw oraError(54, "resource busy and acquire with NOWAIT specified or timeout expired");
    owner = session;
    database.exec("BEGIN");
  };
  const end = (session: EngineSession, how: "COMMIT" | "ROLLBACK") => {
    if (owner !== session) return;
    database.exec(how);
    release();
  };
  const using = <T>(session: EngineSession, work: () => T): T => {
    current = session;
    try {
      return work();
    } catch (error) {
      throw asOracleError(error, schema);
    }
  };
  return {
    schema,
    session: () => sessionOf(++sessions, schema, charset),
    inTransaction: (session) => owner === session,
    async turn(session, sql) {
      if (!changes.test(sql) && !defines.test(sql)) return;
      while (owner && owner !== session) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    end,
    describe: (session, sql) => using(session, () => describeSql({ database, dictionary, session }, sql)),
    run: (session, sql, values) =>
      using(session, () => runSql({ database, dictionary, session, begin, end }, sql, values)),
    close: () => database.close(),
  };
}

function sessionOf(id: number, schema: string, charset: string): EngineSession {
  const nls = new Map([
    ["NLS_CHARACTERSET", charset],
    ...["NLS_NUMERIC_CHARACTERS", "NLS_CALENDAR", "NLS_DATE_LANGUAGE", "NLS_SORT", "NLS_COMP", "NLS_LANGUAGE"].map(
      (name) => [name, "?"] as const,
    ),
    ...["NLS_DATE_FORMAT", "NLS_TIMESTAMP_FORMAT", "NLS_TIMESTAMP_TZ_FORMAT", "NLS_LENGTH_SEMANTICS"].map(
      (name) => [name, "?"] as const,
    ),
  ]);
  return { id, schema, nls, timeZone: "+00:00" };
}

interface Looking {
  readonly database: Database;
  readonly dictionary: Dictionary;
  readonly session: EngineSession;
}

function describeSql({ database, dictionary, session }: Looking, sql: string): readonly ResultColumn[] | null {
  const prepare = (text: string) => database.prepare(toSqlite(text, session)).finalize();
  if (/^\s*MERGE\b/i.test(sql)) {
    const { find, update, insert } = mergeParts(sql, () => "NULL");
    for (const part of [find, update, insert]) if (part !== null) prepare(part);
    return null;
  }
  if (isQuery(sql) || changes.test(sql)) prepare(sql);
  return isQuery(sql) ? resultColumns(sql, dictionary.tables) : null;
}

function isQuery(sql: string): boolean {
  return /^[\s(]*(?:SELECT|WITH)\b/i.test(sql);
}

interface Running extends Looking {
  begin(session: EngineSession): void;
  end(session: EngineSession, how: "COMMIT" | "ROLLBACK"): void;
}

const nothing: Done = { columns: null, rows: [], changed: 0 };

function runSql(running: Running, sql: string, values: readonly EngineValue[]): Done {
  const { session, begin, end, database } = running;
  const text = sql.trim().replace(/;\s*$/, "");
  if (isQuery(text)) return query(running, text, values);
  if (changes.test(text)) {
    begin(session);
    return { ...nothing, changed: /^MERGE/i.test(text) ? merge(running, text, values) : change(running, text, values) };
  }
  const savepoint = /^(?:SAVEPOINT|ROLLBACK\s+TO\s+SAVEPOINT)\s+(\w+)$/i.exec(text);
  if (savepoint) {
    begin(session);
    database.exec(/^SAVEPOINT/i.test(text) ? `SAVEPOINT ${savepoint[1]}` : `ROLLBACK TO ${savepoint[1]}`);
    return nothing;
  }
  if (/^(?:COMMIT|ROLLBACK)(?:\s+WORK)?$/i.test(text)) {
    end(session, /^COMMIT/i.test(text) ? "COMMIT" : "ROLLBACK");
    return nothing;
  }
  if (/^SET\s+TRANSACTION\s+READ\s+(?:ONLY|WRITE)$/i.test(text)) return nothing;
  if (/^ALTER\s+SESSION\s+SET\s/i.test(text)) return alterSession(session, text);
  end(session, "COMMIT");
  return define(running, text);
}

/** Values by the names that stand in the statement, in order. */
function bound(sql: string, values: readonly EngineValue[]): Record<string, EngineValue> {
  const names = [...sql.replace(/'(?:[^']|'')*'|"[^"]*"/g, "").matchAll(/:(\w+)/g)].map(([name]) => name);
  return Object.fromEntries(names.map((name, at) => [name, values[at] ?? null]));
}

function query(running: Running, sql: string, values: readonly EngineValue[]): Done {
  const { database, dictionary, session } = running;
  if (/\bALL_TABLES\b/.test(sql)) dictionary.count();
  if (/\bNLS_SESSION_PARAMETERS\b/.test(sql)) showSettings(database, session);
  const columns = resultColumns(sql, dictionary.tables);
  const rows = database.all(`SELECT * FROM (${toSqlite(sql, session)})`, bound(sql, values)) as Record<
    string,
    unknown
  >[];
  return { columns, rows: rows.map((row) => Object.values(row)), changed: rows.length };
}

function showSettings(database: Database, { nls }: EngineSession): void {
  database.exec("DELETE FROM NLS_SESSION_PARAMETERS");
  for (const [name, value] of nls) database.run("INSERT INTO NLS_SESSION_PARAMETERS VALUES (?, ?)", [name, value]);
}

function change({ database, session }: Running, sql: string, values: readonly EngineValue[]): number {
  return database.run(toSqlite(sql, session), bound(sql, values)).changes;
}

function merge(running: Running, sql: string, values: readonly EngineValue[]): number {
  const { database, dictionary, session } = running;
  const named = bound(sql, values);
  const { find, update, insert } = mergeParts(sql, (table, column) => {
    const declared = dictionary.tables.get(keptName(table.split(".").at(-1) ?? "").toUpperCase());
    return declared?.columns.find(({ name }) => name === column)?.defaultSql ?? "NULL";
  });
  const isThere = database.get(toSqlite(find, session), named) !== null;
  if (!isThere) return database.run(toSqlite(insert, session), named).changes;
  return update === null ? 0 : database.run(toSqlite(update, session), named).changes;
}

function alterSession(session: EngineSession, sql: string): Done {
  const settings = [...sql.replace(/^ALTER\s+SESSION\s+SET\s/i, "").matchAll(/(\w+)\s*=\s*('[^']*'|\S+)/g)];
  for (const [, name = "", given = ""] of settings) {
    const value = given.replace(/^'|'$/g, "");
    if (/^TIME_ZONE$/i.test(name)) {
      if (!isZone(value)) throw oraError(1882, "timezone region not found");
      session.timeZone = value;
    } else if (session.nls.has(name.toUpperCase())) session.nls.set(name.toUpperCase(), value);
    else if (!/^(?:CURRENT_SCHEMA|ISOLATION_LEVEL)$/i.test(name)) throw oraError(922, "missing or invalid option");
  }
  return nothing;
}

function isZone(value: string): boolean {
  if (/^[+-]\d\d?:\d\d?$/.test(value)) return true;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }) !== null;
  } catch {
    return false;
  }
}

function define(running: Running, sql: string): Done {
  const { database, dictionary, session } = running;
  const [, inner, spared] =
    /^BEGIN\s+EXECUTE\s+IMMEDIATE\s+'((?:[^']|'')*)';\s*EXCEPTION\s+WHEN\s+OTHERS\s+THEN\s+IF\s+SQLCODE\s*<>\s*-(\d+)\s+THEN\s+RAISE;\s*END\s+IF;\s*END;?$/is.exec(
      sql,
    ) ?? [];
  if (inner !== undefined) {
    try {
      return define(running, inner.replaceAll("''", "'"));
    } catch (error) {
      if (error instanceof Error && error.message.includes(`ORA-${spared?.padStart(5, "0")}`)) return nothing;
      throw error;
    }
  }
  const [, isOrganized] = /\)(\s*ORGANIZATION\s+INDEX)?\s*$/i.exec(sql) ?? [];
  const table = parseCreateTable(isOrganized ? sql.replace(/ORGANIZATION\s+INDEX\s*$/i, "") : sql);
  if (table) {
    if (dictionary.tables.has(table.name.toUpperCase()))
      throw oraError(955, "name is already used by an existing object");
    database.exec(toSqlite(table.sql, session));
    dictionary.add(table, { isIndexOrganized: isOrganized !== undefined });
    return nothing;
  }
  return defineOther(running, sql);
}

function defineOther({ database, dictionary, session }: Looking, sql: string): Done {
  const [, unique, index = "", on = "", list = ""] =
    /^CREATE\s+(UNIQUE\s+)?INDEX\s+(\S+)\s+ON\s+(\S+)\s*\((.*)\)$/i.exec(sql) ?? [];
  const [, view = "", select = ""] = /^CREATE\s+VIEW\s+(\S+)\s+AS\s+(SELECT\s.*)$/is.exec(sql) ?? [];
  const [, synonym = "", target = ""] = /^CREATE\s+PUBLIC\s+SYNONYM\s+(\S+)\s+FOR\s+(?:\w+\.)?(\S+)$/i.exec(sql) ?? [];
  const [, kind = "", dropped = ""] = /^(DROP|TRUNCATE)\s+TABLE\s+(?:"?\w+"?\.)?(\S+?)(?:\s+PURGE)?$/i.exec(sql) ?? [];
  const [, commented = "", words = ""] = /^COMMENT\s+ON\s+TABLE\s+(\S+)\s+IS\s+'(.*)'$/is.exec(sql) ?? [];
  if (index) {
    database.exec(toSqlite(`CREATE ${unique ?? ""}INDEX ${index} ON ${on} (${list})`, session));
    dictionary.addIndex(keptName(index), keptName(on), {
      columns: list.split(",").map(keptName),
      isUnique: unique !== undefined,
    });
  } else if (view) {
    database.exec(toSqlite(`CREATE VIEW ${view} AS ${select}`, session));
    const columns = resultColumns(select, dictionary.tables).map(({ name, type, scale }) => ({
      ...{
        name,
        type,
        displayedBy: type,
        length: /CHAR/.test(type) ? 4_000 : null,
        countsCharacters: false,
        precision: null,
        sql: "",
      },
      ...{
        scale: scale === -127 ? null : scale,
        isNullable: true,
        isVirtual: false,
        isInvisible: false,
        identity: null,
        defaultSql: "NULL",
      },
    }));
    dictionary.addView({ name: keptName(view), columns, primaryKey: [], uniqueKeys: [], sql: "" });
  } else if (synonym) dictionary.addSynonym(keptName(synonym), keptName(target));
  else if (/^DROP/i.test(kind)) {
    database.exec(`DROP TABLE ${dropped}`);
    dictionary.remove(keptName(dropped));
  } else if (kind) database.exec(`DELETE FROM ${dropped}`);
  else if (commented) dictionary.comment(keptName(commented), words);
  else throw oraError(900, "invalid SQL statement");
  return nothing;
}

/** What SQLite says, in Oracle's words. */
function asOracleError(error: unknown, schema: string): unknown {
  if (!(error instanceof Error)) return error;
  const words = error.message.replace(/^Error: /, "");
  if (/^ORA-/.test(words)) return new Error(words);
  const named = (pattern: RegExp) => pattern.exec(words)?.slice(1) ?? null;
  const unique = named(/^UNIQUE constraint failed: (\S+?)\./);
  if (unique) return oraError(1, `unique constraint (${schema}.SYS_C_${unique[0]}_0) violated`);
  const missing = named(/^NOT NULL constraint failed: (.+?)\.(.+)$/);
  if (missing) return oraError(1400, `cannot insert NULL into ("${schema}"."${missing[0]}"."${missing[1]}")`);
  const check = named(/^CHECK constraint failed: ORA-(\d+):(.+)$/);
  if (check) return checkError(Number(check[0]), `"${schema}"."T"."${check[1]}"`);
  if (/^CHECK constraint failed/.test(words)) return oraError(2290, `check constraint (${schema}.SYS_C1) violated`);
  const table = named(/no such table: (\S+)/);
  if (table) return oraError(942, `table or view "${schema}"."${table[0]}" does not exist`);
  const column = named(/no such (?:column|function): "?([^"\s]+)|has no column named (\S+)/);
  if (column) return oraError(904, `"${(column[0] ?? column[1] ?? "").toUpperCase()}": invalid identifier`);
  if (/cannot (?:INSERT into|UPDATE) generated column/.test(words))
    return oraError(54_013, "INSERT operation disallowed on virtual columns");
  if (/syntax error|incomplete input|unrecognized token/.test(words))
    return oraError(933, `SQL command not properly ended (${words})`);
  return oraError(600, words);
}

function checkError(number: number, column: string): Error {
  if (number === 12_899) return oraError(number, `value too large for column ${column} (actual: 21, maximum: 20)`);
  return oraError(
    number,
    number === 1722 ? "invalid number" : "value larger than specified precision allowed for this column",
  );
}
