import type { MysqlClient } from "./client.js";
import { leavesOpen } from "./open-transaction.js";
import { toSluiceError } from "./server-error.js";
import { hasTableInText, withTable } from "./sql-pieces.js";
import { type Statement, statementsOf } from "./statements.js";
import type { WriteParams } from "./write-params.js";

/** A statement of the job and its place there, such as `postSql[0], statement 2`. */
export interface NamedStatement extends Statement {
  readonly name: string;
}

/** The statements of all entries for one table, in order. */
export function jobStatements(entries: readonly string[], key: string, sqlName: string): NamedStatement[] {
  return entries.flatMap((entry, index) => {
    const statements = statementsOf(withTable(entry, sqlName));
    const name = (at: number) => (statements.length > 1 ? `${key}[${index}], statement ${at + 1}` : `${key}[${index}]`);
    return statements.map((statement, at) => ({ ...statement, name: name(at) }));
  });
}

/**
 * Runs them, each by itself; the first that fails ends it. What is open at the end is committed, since it would be gone with the connection.
 * Where one has a body, the connection must take several at once.
 */
export async function runStatements(client: MysqlClient, statements: readonly NamedStatement[]): Promise<void> {
  const run = (sql: string, name: string) =>
    client.execute(sql).catch((error: unknown) => {
      throw toSluiceError(error, name);
    });
  for (const { sql, name } of statements) await run(sql, name);
  const last = statements.at(-1);
  if (last) await run("COMMIT", `committing what is open after ${last.name}`);
}

/** What the user should know about the statements. */
export function statementWarnings({ preSql, postSql }: WriteParams): string[] {
  return Object.entries({ preSql, postSql }).flatMap(([key, list]) => {
    const open = leavesOpen(jobStatements(list, key, "x"));
    const inText = list.flatMap((entry, index) =>
      hasTableInText(entry) ? [`${key}[${index}]: @table within quotes is text, not the table's name`] : [],
    );
    const left = `${open?.name} leaves a transaction open: it is committed at the end of ${key}`;
    return open === null ? inText : [...inText, left];
  });
}
