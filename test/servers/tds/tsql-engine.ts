import { Database } from "node-sqlite3-wasm";
import { catalogSql, countRows, engineName, fillTypes, forgetTable, noteIndex, noteTable } from "./tsql-catalog.js";
import { newTable } from "./tsql-ddl.js";
import { makeFunctions, writtenParts } from "./tsql-functions.js";
import { runMerge } from "./tsql-merge.js";
import { newSession, setOption, systemVariable, type TsqlSession } from "./tsql-session.js";
import { closing, cutAt, isSign, isWord, type Token, TsqlError, tokensOf, typeAt } from "./tsql-tokens.js";
import { nameLiteral, type TranslateSetting, textLiteral, translated } from "./tsql-translate.js";
import type { TdsColumn, TdsValue } from "./values.js";

/** What a batch answers, in order. */
export type Outcome =
  | { readonly kind: "rows"; readonly columns: readonly TdsColumn[]; readonly rows: Iterable<readonly TdsValue[]> }
  | { readonly kind: "done"; readonly count?: number }
  | { readonly kind: "transaction"; readonly what: 8 | 9 | 10 }
  | { readonly kind: "error"; readonly error: TsqlError };

/** A session of the engine. */
export interface TsqlEngine {
  readonly database: string;
  /** Runs a batch; an error that ends it is thrown, with the transaction rolled back where the server would do so. */
  run(sql: string): Generator<Outcome>;
  /** Rows of a bulk load, for the table and columns that `insert bulk` named. */
  load(rows: readonly (readonly TdsValue[])[]): number;
  close(): void;
}

/** Makes an empty database of the engine in a file. */
export function makeDatabase(file: string): void {
  const db = new Database(file);
  db.exec("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY");
  db.exec("BEGIN");
  db.exec(catalogSql);
  fillTypes(db);
  db.exec("COMMIT");
  db.close();
}

/** Errors that end the batch and roll back the transaction, as conversions do; all others end their statement only. */
const ending: readonly number[] = [241, 242, 245, 248, 8114, 8115, 8169, 9436];

/** Opens a session on a database of {@link makeDatabase}. */
export function openEngine(
  file: string,
  { id, database }: { readonly id: number; readonly database: string },
): TsqlEngine {
  const db = new Database(file, { fileMustExist: true });
  // Nobody reads the file after the server is gone; waits for the disk were two fifths of its tests' time.
  db.exec("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA temp_store = MEMORY");
  const session = newSession(db, id);
  const engine = statementsOn(session);
  makeFunctions(db, {
    objectId: engine.objectId,
    property: (name) => Number(session.options.get(name) ?? null),
    database,
  });
  return {
    database,
    *run(sql) {
      try {
        for (const statement of cutAt(tokensOf(sql), ";"))
          yield* session.depth === 0 && isAlone(statement)
            ? underOneLock(db, engine.statement(statement))
            : engine.statement(statement);
      } catch (error) {
        const said = asTsqlError(error);
        if (ending.includes(said.number) && session.depth > 0) {
          session.depth = 0;
          if (db.inTransaction) db.exec("ROLLBACK");
          yield { kind: "transaction", what: 10 };
        }
        throw said;
      } finally {
        engine.endBatch();
      }
    },
    load: engine.load,
    close: () => db.close(),
  };
}

/** True for a statement that neither begins nor ends a transaction. */
function isAlone([first]: readonly Token[]): boolean {
  return isWord(first, "SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "DROP", "EXEC", "EXECUTE");
}

/** The engine's lock is a folder, which each of the engine's statements behind one of the server's would make and remove. */
function* underOneLock(db: Database, outcomes: Generator<Outcome>): Generator<Outcome> {
  db.exec("SAVEPOINT tsql_alone");
  try {
    yield* outcomes;
  } catch (error) {
    db.exec("ROLLBACK TO tsql_alone");
    throw error;
  } finally {
    db.exec("RELEASE tsql_alone");
  }
}

/** What the engine says, in the server's numbers. */
function asTsqlError(error: unknown): TsqlError {
  if (error instanceof TsqlError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const [, number, words = ""] = /TSQL (\d+) ([\s\S]*)/.exec(message) ?? [];
  if (number !== undefined) return new TsqlError(Number(number), words);
  const found = translations.find(([pattern]) => pattern.test(message));
  if (!found) return new TsqlError(50_000, `the stand-in for SQL Server: ${message}`);
  const [pattern, code, text] = found;
  return new TsqlError(code, text(pattern.exec(message)?.[1] ?? ""));
}

const translations: readonly (readonly [RegExp, number, (name: string) => string])[] = [
  [
    /UNIQUE constraint failed: ([\s\S]*)/,
    2627,
    (name) => `Violation of PRIMARY KEY constraint. Cannot insert duplicate key in object '${name}'.`,
  ],
  [
    /NOT NULL constraint failed: [\s\S]*\.([^.]*)$/,
    515,
    (name) => `Cannot insert the value NULL into column '${name}'; column does not allow nulls.`,
  ],
  [
    /CHECK constraint failed: ([\s\S]*)/,
    547,
    (name) => `The INSERT statement conflicted with the CHECK constraint "${name}".`,
  ],
  [/no such table: (?:main\.|temp\.)?([\s\S]*)/, 208, (name) => `Invalid object name '${name}'.`],
  [/no such column: ([\s\S]*)/, 207, (name) => `Invalid column name '${name}'.`],
  [/has no column named ([\s\S]*)/, 207, (name) => `Invalid column name '${name}'.`],
  [/near "([^"]*)": syntax error|incomplete input/, 102, (name) => `Incorrect syntax near '${name}'.`],
  [/database is locked|database table is locked/, 1222, () => "Lock request time out period exceeded."],
  [/already exists/, 2714, () => "There is already an object of this name in the database."],
];

/** The statements that a session knows. */
function statementsOn(session: TsqlSession) {
  const { db } = session;
  const tableVariables: string[] = [];
  let bulk: { readonly table: string; readonly columns: readonly string[] } | null = null;
  const known = (schema: string, table: string): string | null => {
    const name = engineName(schema, table);
    const found = db.get(
      "SELECT o.name FROM sys_objects o JOIN sys_schemas s ON s.schema_id = o.schema_id WHERE lower(s.name) = lower(?) AND lower(o.name) = lower(?)",
      [schema, table],
    );
    return found || schema.toLowerCase() === "dbo" ? name : null;
  };
  const setting: TranslateSetting & { hasDefault(table: string, column: string): boolean } = {
    table: known,
    variable: (name) => (name.startsWith("@@") ? systemVariable(session, name) : variable(name)),
    hasDefault: (table, column) =>
      (
        db.get(
          "SELECT c.has_default AS n FROM sys_columns c JOIN sys_objects o ON o.object_id = c.object_id WHERE o.name = ? AND c.name = ?",
          [table, column],
        ) as { n: number } | null
      )?.n === 1,
  };
  const variable = (name: string): string => {
    const found = session.variables.get(name.toLowerCase());
    if (found === undefined) throw new TsqlError(137, `Must declare the scalar variable "${name}".`);
    return found;
  };
  const sql = (tokens: readonly Token[]) => translated(tokens, setting);
  const objectId = (name: string): number | null => {
    const parts = writtenParts(name.replace(/^tempdb\.\.?/i, ""));
    const [table = "", schema = "dbo"] = [parts.at(-1), parts.at(-2)];
    if (table.startsWith("#")) return db.get("SELECT 1 FROM sqlite_temp_schema WHERE name = ?", [table]) ? 1 : null;
    const found = db.get(
      "SELECT object_id FROM sys_objects o JOIN sys_schemas s ON s.schema_id = o.schema_id WHERE lower(o.name) = lower(?) AND lower(s.name) = lower(?)",
      [table, schema],
    ) as { object_id: number } | null;
    return found?.object_id ?? null;
  };
  const columnsOf = (select: string): TdsColumn[] => {
    db.exec(`CREATE TEMP VIEW tsql_look AS ${select}`);
    try {
      const found = db.all("SELECT name, type FROM pragma_table_info('tsql_look')") as { name: string; type: string }[];
      return found.map(({ name, type }) => ({
        name: /[('"]|^\d/.test(name) ? "" : name.replace(/:\d+$/, ""),
        declared: declaredOf(type),
      }));
    } finally {
      db.exec("DROP VIEW tsql_look");
    }
  };

  function* statement(tokens: readonly Token[]): Generator<Outcome> {
    const [first, second] = tokens;
    if (!first) return;
    const word = first.text.toUpperCase();
    if (word === "SELECT" || word === "WITH") yield* select(tokens);
    else if (word === "IF") yield* branch(tokens);
    else if (word === "SET") set(tokens);
    else if (word === "DECLARE") declare(tokens);
    else if (word === "BEGIN" && isWord(second, "TRAN", "TRANSACTION")) yield* begin();
    else if (word === "COMMIT" || word === "ROLLBACK" || word === "SAVE") yield* transaction(word, tokens);
    else if (word === "CREATE") create(tokens);
    else if (word === "DROP") drop(tokens);
    else if (word === "TRUNCATE") db.exec(`DELETE FROM ${sql(tokens.slice(2))}`);
    else if (word === "EXEC" || word === "EXECUTE") yield* describe(tokens);
    else if (word === "INSERT" && isWord(second, "BULK")) bulk = bulkOf(tokens);
    else yield* change(word, tokens);
  }

  function* select(tokens: readonly Token[]): Generator<Outcome> {
    if (tokens.some((token, at) => isWord(token, "SYS") && isWord(tokens[at + 2], "PARTITIONS"))) countRows(db);
    if (tokens.some((token) => isWord(token, "DM_EXEC_SESSIONS"))) showSession();
    const text = sql(tokens);
    const columns = columnsOf(text);
    yield { kind: "rows", columns, rows: rowsOf(text) };
  }

  function showSession(): void {
    db.exec("CREATE TEMP TABLE IF NOT EXISTS sys_dm_exec_sessions (session_id int, date_format nvarchar)");
    db.exec("DELETE FROM temp.sys_dm_exec_sessions");
    db.run("INSERT INTO temp.sys_dm_exec_sessions VALUES (?, ?)", [
      session.id,
      session.options.get("DATEFORMAT") ?? "",
    ]);
  }

  function* rowsOf(text: string): Generator<readonly TdsValue[]> {
    // Its driver makes objects of rows: the engine tells columns of one name apart only inside of a query.
    const prepared = db.prepare(`SELECT * FROM (${text})`);
    try {
      for (const row of prepared.iterate()) yield Object.values(row) as TdsValue[];
    } finally {
      prepared.finalize();
    }
  }

  /** `IF condition statement ELSE statement`; the statement begins at its word. */
  function* branch(tokens: readonly Token[]): Generator<Outcome> {
    const words = ["SELECT", "SET", "COMMIT", "ROLLBACK", "CREATE", "TRUNCATE", "DROP", "INSERT"];
    let depth = 0;
    const start = tokens.findIndex((token, at) => {
      if (isSign(token, "(")) depth++;
      if (isSign(token, ")")) depth--;
      return at > 0 && depth === 0 && isWord(token, ...words);
    });
    const end = tokens.findIndex((token) => isWord(token, "ELSE"));
    const condition = sql(tokens.slice(1, start));
    const { yes } = db.get(`SELECT CASE WHEN ${condition} THEN 1 ELSE 0 END AS yes`) as { yes: number };
    if (yes === 1) yield* statement(tokens.slice(start, end < 0 ? undefined : end));
    else if (end >= 0) yield* statement(tokens.slice(end + 1));
  }

  function set(tokens: readonly Token[]): void {
    if (isWord(tokens[1], "IDENTITY_INSERT")) {
      const isOn = isWord(tokens.at(-1), "ON");
      const table = sql([{ kind: "word", text: "INTO" }, ...tokens.slice(2, -1)]).replace(/^INTO /, "");
      if (isOn && session.identityInsert !== null && session.identityInsert !== table)
        throw new TsqlError(8107, "IDENTITY_INSERT is already ON for another table.");
      session.identityInsert = isOn ? table : null;
      return;
    }
    // The driver sets several without a semicolon between them.
    for (const [at, token] of tokens.entries()) {
      if (!isWord(token, "SET")) continue;
      const value = isWord(tokens[at + 1], "TRANSACTION")
        ? tokens
            .slice(at + 4, at + 6)
            .map(({ text }) => text)
            .join(" ")
        : signed(tokens, at + 2);
      setOption(session, tokens[at + 1]?.text ?? "", value);
    }
  }

  function declare(tokens: readonly Token[]): void {
    const name = tokens[1]?.text ?? "";
    if (isWord(tokens[2], "TABLE")) {
      const { body } = newTable(tokens.slice(4, closing(tokens, 3)), setting);
      db.exec(`CREATE TEMP TABLE ${nameLiteral(name)} (${body})`);
      session.variables.set(name.toLowerCase(), nameLiteral(name));
      tableVariables.push(name);
      return;
    }
    const { end } = typeAt(tokens, 2);
    if (!isSign(tokens[end], "=")) throw new Error("the stand-in declares variables with a value only");
    session.variables.set(name.toLowerCase(), sql(tokens.slice(end + 1)));
  }

  function* begin(): Generator<Outcome> {
    if (session.depth++ > 0) return;
    db.exec("BEGIN");
    yield { kind: "transaction", what: 8 };
  }

  function* transaction(word: string, tokens: readonly Token[]): Generator<Outcome> {
    const name = tokens[isWord(tokens[1], "TRAN", "TRANSACTION") ? 2 : 1];
    if (word === "SAVE" && name) return void db.exec(`SAVEPOINT ${nameLiteral(name.text)}`);
    if (session.depth === 0)
      throw new TsqlError(
        word === "COMMIT" ? 3902 : 3903,
        `The ${word} TRANSACTION request has no corresponding BEGIN TRANSACTION.`,
      );
    if (word === "ROLLBACK" && name) return void db.exec(`ROLLBACK TO ${nameLiteral(name.text)}`);
    session.depth = word === "COMMIT" ? session.depth - 1 : 0;
    if (session.depth > 0) return;
    db.exec(word);
    yield { kind: "transaction", what: word === "COMMIT" ? 9 : 10 };
  }

  function create(tokens: readonly Token[]): void {
    if (isWord(tokens[1], "SCHEMA"))
      return void db.run("INSERT INTO sys_schemas SELECT COUNT(*) + 1, ? FROM sys_schemas", [tokens[2]?.text ?? ""]);
    const isUnique = isWord(tokens[1], "UNIQUE");
    if (isWord(tokens[isUnique ? 2 : 1], "INDEX")) return void createIndex(tokens, isUnique);
    if (!isWord(tokens[1], "TABLE")) throw new Error(`the stand-in does not create a ${tokens[1]?.text}`);
    const open = tokens.findIndex((token) => isSign(token, "("));
    const parts = tokens.slice(2, open).filter(({ kind }) => kind !== "sign");
    const [table = "", schema = "dbo"] = [parts.at(-1)?.text, parts.at(-2)?.text];
    const made = newTable(tokens.slice(open + 1, closing(tokens, open)), setting);
    const isTemporary = table.startsWith("#");
    if (isTemporary) return void db.exec(`CREATE TEMP TABLE ${nameLiteral(table)} (${made.body})`);
    const id = noteTable(db, { schema, table }, made.columns);
    try {
      db.exec(`CREATE TABLE ${nameLiteral(engineName(schema, table))} (${made.body})`);
    } catch (error) {
      forgetTable(db, id);
      throw error;
    }
    for (const index of made.indexes) noteIndex(db, id, index);
  }

  function createIndex(tokens: readonly Token[], isUnique: boolean): void {
    const on = tokens.findIndex((token) => isWord(token, "ON"));
    const open = tokens.findIndex((token) => isSign(token, "("));
    const table = tokens
      .slice(on + 1, open)
      .map(({ text }) => text)
      .join("");
    const columns = cutAt(tokens.slice(open + 1, closing(tokens, open)), ",").map((one) => one[0]?.text ?? "");
    const name = tokens[on - 1]?.text ?? "";
    db.exec(
      `CREATE ${isUnique ? "UNIQUE " : ""}INDEX ${nameLiteral(name)} ON ${nameLiteral(table)} (${columns.map(nameLiteral).join(", ")})`,
    );
    noteIndex(db, objectId(table) ?? 0, { name, isPrimary: false, isUnique, columns });
  }

  function drop(tokens: readonly Token[]): void {
    const isMaybe = isWord(tokens[2], "IF");
    const parts = tokens.slice(isMaybe ? 4 : 2).filter(({ kind }) => kind !== "sign");
    const [table = "", schema = "dbo"] = [parts.at(-1)?.text, parts.at(-2)?.text];
    const id = table.startsWith("#") ? null : objectId(`[${schema}].[${table}]`);
    db.exec(`DROP TABLE ${isMaybe ? "IF EXISTS " : ""}${nameLiteral(engineName(schema, table))}`);
    if (id !== null) forgetTable(db, id);
  }

  function* describe(tokens: readonly Token[]): Generator<Outcome> {
    const called = tokens.find(({ text }) => /^sp_/i.test(text))?.text ?? tokens[1]?.text;
    if (called?.toLowerCase() !== "sp_describe_first_result_set")
      throw new TsqlError(2812, `Could not find stored procedure '${called}'.`);
    const text = tokens.find(({ kind }) => kind === "string")?.text ?? "";
    const columns = ["is_hidden", "name", "system_type_name"].map((name) => ({
      name,
      declared: name === "is_hidden" ? "bit" : "nvarchar(128)",
    }));
    yield {
      kind: "rows",
      columns,
      rows: firstResult(text).map(({ name, declared }) => [0, name === "" ? null : name, declared]),
    };
  }

  /** The columns of the first statement with a result; the others are looked at for faults. */
  function firstResult(text: string): TdsColumn[] {
    let found: TdsColumn[] = [];
    for (const tokens of cutAt(tokensOf(text), ";")) {
      const word = tokens[0]?.text.toUpperCase() ?? "";
      if (word === "SELECT" || word === "WITH") found = found.length > 0 ? found : columnsOf(sql(tokens));
      else if (word === "DECLARE") declare(tokens);
      else if (word === "MERGE") takingBack(() => runMerge(session, tokens, setting));
      else if (["INSERT", "UPDATE", "DELETE"].includes(word)) db.prepare(`EXPLAIN ${sql(tokens)}`).finalize();
      else if (!["", "SET"].includes(word))
        throw new TsqlError(
          11_514,
          `The metadata could not be determined because the stand-in does not look at ${word}.`,
        );
    }
    return found;
  }

  /** Runs something and takes it back. */
  function takingBack(work: () => void): void {
    db.exec("SAVEPOINT tsql_look");
    try {
      work();
    } finally {
      db.exec("ROLLBACK TO tsql_look; RELEASE tsql_look");
    }
  }

  function* change(word: string, tokens: readonly Token[]): Generator<Outcome> {
    try {
      if (word === "MERGE") {
        refuseIdentity(tokens);
        yield { kind: "done", count: runMerge(session, tokens, setting) };
      } else if (["INSERT", "UPDATE", "DELETE"].includes(word)) {
        refuseIdentity(tokens);
        yield { kind: "done", count: db.run(sql(withoutDefaults(tokens))).changes };
      } else throw new TsqlError(102, `Incorrect syntax near '${tokens[0]?.text}'.`);
    } catch (error) {
      const said = asTsqlError(error);
      if (ending.includes(said.number)) throw said;
      yield { kind: "error", error: said };
    }
  }

  /** DEFAULT among values is NULL where no column of the table has another; else it is refused. */
  function withoutDefaults(tokens: readonly Token[]): readonly Token[] {
    if (!tokens.some((token) => isWord(token, "DEFAULT"))) return tokens;
    const name = tokens
      .slice(
        2,
        tokens.findIndex((token) => isSign(token, "(")),
      )
      .map(({ kind, text }) => (kind === "name" ? `[${text.replaceAll("]", "]]")}]` : text));
    const { n } = db.get("SELECT COUNT(*) AS n FROM sys_columns WHERE object_id = ? AND has_default = 1", [
      objectId(name.join("")) ?? 0,
    ]) as { n: number };
    if (n > 0) throw new Error("the stand-in does not know the defaults of this table");
    return tokens.map((token): Token => (isWord(token, "DEFAULT") ? { kind: "word", text: "NULL" } : token));
  }

  /** Values for an identity column are taken only where the session has said so. */
  function refuseIdentity(tokens: readonly Token[]): void {
    const into = tokens.findIndex((token) => isWord(token, "INTO"));
    const rest = tokens.slice(into + 1);
    const end = rest.findIndex(
      (token) => token.kind !== "name" && !isSign(token, ".") && !(token.kind === "word" && rest[0] === token),
    );
    const name = rest
      .slice(0, end)
      .map(({ kind, text }) => (kind === "name" ? `[${text.replaceAll("]", "]]")}]` : text))
      .join("");
    const list = tokens.findIndex(
      (token, at) => isSign(token, "(") && (isWord(tokens[at - 1], "INSERT") || at === into + 1 + end),
    );
    if (into < 0 || list < 0 || name.startsWith("@") || name.startsWith("#")) return;
    const names = cutAt(tokens.slice(list + 1, closing(tokens, list)), ",").map((one) => one[0]?.text.toLowerCase());
    const identity = db.get("SELECT name FROM sys_columns WHERE object_id = ? AND is_identity = 1", [
      objectId(name) ?? 0,
    ]) as { name: string } | null;
    const table = sql([{ kind: "word", text: "INTO" }, ...rest.slice(0, end)]).replace(/^INTO /, "");
    if (identity && names.includes(identity.name.toLowerCase()) && session.identityInsert !== table)
      throw new TsqlError(
        544,
        `Cannot insert explicit value for identity column in table '${name}' when IDENTITY_INSERT is set to OFF.`,
      );
  }

  return {
    statement,
    objectId,
    load(rows: readonly (readonly TdsValue[])[]): number {
      if (!bulk)
        throw new TsqlError(
          4002,
          "The incoming tabular data stream (TDS) protocol stream is incorrect: no INSERT BULK came before it.",
        );
      const { table, columns } = bulk;
      bulk = null;
      const insert = db.prepare(
        `INSERT INTO ${nameLiteral(table)} (${columns.map(nameLiteral).join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
      );
      try {
        for (const row of rows) insert.run([...row]);
      } finally {
        insert.finalize();
      }
      return rows.length;
    },
    endBatch(): void {
      session.variables.clear();
      for (const name of tableVariables.splice(0)) db.exec(`DROP TABLE IF EXISTS temp.${nameLiteral(name)}`);
    },
  };
}

function bulkOf(tokens: readonly Token[]): { table: string; columns: string[] } {
  const open = tokens.findIndex((token) => isSign(token, "("));
  const columns = cutAt(tokens.slice(open + 1, closing(tokens, open)), ",").map((one) => one[0]?.text ?? "");
  return {
    table: tokens
      .slice(2, open)
      .map(({ text }) => text)
      .join(""),
    columns,
  };
}

function signed(tokens: readonly Token[], at: number): string {
  return isSign(tokens[at], "-") ? `-${tokens[at + 1]?.text}` : (tokens[at]?.text ?? "");
}

/** The server's type behind one of the engine's; expressions have none but their kind. */
function declaredOf(type: string): string {
  const [first = "", ...rest] = type.split(" ");
  if (rest.length > 0) return rest.join(" ").toLowerCase();
  const kinds: Readonly<Record<string, string>> = {
    INT: "bigint",
    INTEGER: "int",
    REAL: "float",
    BLOB: "varbinary(max)",
    TEXT: "nvarchar(4000)",
    NUM: "float",
  };
  return kinds[first] ?? (first === "" || first === "nvarchar" ? "nvarchar(4000)" : first.toLowerCase());
}

/** A literal, for those who make statements in tests. */
export const literalOf = textLiteral;
