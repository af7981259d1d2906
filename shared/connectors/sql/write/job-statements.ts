import type { SqlClient } from "../client.js";
import type { SqlErrors } from "../system.js";
import { leavesOpen } from "../text/open-transaction.js";
import { hasTableInText, withTable } from "../text/sql-pieces.js";
import { type ScriptStatement, type StatementRules, statementsOf } from "../text/statements.js";
import type { TransactionWords } from "./system.js";
import type { SqlWriteParams } from "./write-params.js";

/** A statement of the job and its place there, such as `postSql[0], statement 2`. */
export interface NamedStatement extends ScriptStatement {
  readonly name: string;
}

/** The entries of a key of the job, for one table. */
export interface JobEntries {
  readonly entries: readonly string[];
  readonly key: "preSql" | "postSql";
  readonly sqlName: string;
}

/** The statements of all entries for one table, in order. */
export function jobStatements(rules: StatementRules, { entries, key, sqlName }: JobEntries): NamedStatement[] {
  return entries.flatMap((entry, index) => {
    const statements = statementsOf(rules, withTable(rules.lexis, entry, sqlName));
    const name = (at: number) => (statements.length > 1 ? `${key}[${index}], statement ${at + 1}` : `${key}[${index}]`);
    return statements.map((statement, at) => ({ ...statement, name: name(at) }));
  });
}

/** What running statements of a job asks of a system. */
export interface StatementSystem {
  readonly errors: Pick<SqlErrors, "toSluiceError">;
  readonly writing: { readonly statements: StatementRules; readonly transactions: Pick<TransactionWords, "settle"> };
}

/**
 * Runs them, each by itself; the first that fails ends it. What is open at the end is committed, since it would be gone with the connection.
 * Where one has a body, the connection must take several at once.
 */
export async function runStatements(
  { errors, writing }: StatementSystem,
  client: SqlClient,
  statements: readonly NamedStatement[],
): Promise<void> {
  const run = (sql: string, name: string) =>
    client.execute(sql).catch((error: unknown) => {
      throw errors.toSluiceError(error, name);
    });
  for (const { sql, name } of statements) await run(sql, name);
  const last = statements.at(-1);
  const settle = writing.transactions.settle ?? (leavesOpen(writing.statements.lexis, statements) ? "COMMIT" : null);
  if (last && settle !== null) await run(settle, `committing what is open after ${last.name}`);
}

/** What the user should know about the statements. */
export function statementWarnings(rules: StatementRules, { preSql, postSql }: SqlWriteParams): string[] {
  const lists = [["preSql", preSql] as const, ["postSql", postSql] as const];
  return lists.flatMap(([key, entries]) => {
    const open = leavesOpen(rules.lexis, jobStatements(rules, { entries, key, sqlName: "x" }));
    const inText = entries.flatMap((entry, index) =>
      hasTableInText(rules.lexis, entry)
        ? [`${key}[${index}]: @table within quotes is text, not the table's name`]
        : [],
    );
    const left = `${open?.name} leaves a transaction open: it is committed at the end of ${key}`;
    return open === null ? inText : [...inText, left];
  });
}
