import type { Database } from "node-sqlite3-wasm";
import { TsqlError } from "./tsql-tokens.js";

/** What a session of the server keeps beside its data. */
export interface TsqlSession {
  readonly db: Database;
  /** Options of SET, in capitals; `ON` and `OFF` are 1 and 0. */
  readonly options: Map<string, string>;
  /** Variables and table variables of the batch, as literals. */
  readonly variables: Map<string, string>;
  /** Tables whose identity columns take values. */
  identityInsert: string | null;
  /** How many transactions are begun. */
  depth: number;
  /** The spid. */
  readonly id: number;
}

/** Options that SET may name, and what they are at first. */
const usual: Readonly<Record<string, string>> = {
  ...{ ANSI_NULLS: "1", ANSI_PADDING: "1", ANSI_WARNINGS: "1", ARITHABORT: "1", CONCAT_NULL_YIELDS_NULL: "1" },
  ...{ QUOTED_IDENTIFIER: "1", NUMERIC_ROUNDABORT: "0", IMPLICIT_TRANSACTIONS: "0", NOCOUNT: "0", XACT_ABORT: "0" },
  ...{ TEXTSIZE: "4096", DATEFORMAT: "mdy", DATEFIRST: "7", LANGUAGE: "us_english", LOCK_TIMEOUT: "-1", ROWCOUNT: "0" },
  ...{ NOEXEC: "0", PARSEONLY: "0", FMTONLY: "0", ANSI_NULL_DFLT_ON: "0", CURSOR_CLOSE_ON_COMMIT: "0" },
  TRANSACTION: "READ COMMITTED",
};

/** A new session. */
export function newSession(db: Database, id: number): TsqlSession {
  return { db, id, options: new Map(Object.entries(usual)), variables: new Map(), identityInsert: null, depth: 0 };
}

/** Sets an option. @throws TsqlError for one that the server has not */
export function setOption({ options }: TsqlSession, name: string, value: string): void {
  const known = name.toUpperCase();
  if (!options.has(known)) throw new TsqlError(195, `'${name}' is not a recognized SET option.`);
  options.set(known, /^on$/i.test(value) ? "1" : /^off$/i.test(value) ? "0" : value);
}

/** A variable of the server's own. @throws TsqlError for one that the stand-in has not */
export function systemVariable({ options, depth, id }: TsqlSession, name: string): string {
  const on = (option: string, bit: number) => (options.get(option) === "1" ? bit : 0);
  switch (name.toUpperCase()) {
    case "@@TRANCOUNT":
      return String(depth);
    case "@@SPID":
      return String(id);
    case "@@TEXTSIZE":
      return options.get("TEXTSIZE") ?? "0";
    case "@@OPTIONS":
      return String(on("IMPLICIT_TRANSACTIONS", 2) + on("NOCOUNT", 512) + on("XACT_ABORT", 16_384));
    default:
      throw new TsqlError(137, `Must declare the scalar variable "${name}".`);
  }
}
