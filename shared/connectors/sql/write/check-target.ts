import { UserError } from "../../../model/errors.js";
import type { PlannedRun } from "../../contract.js";
import type { TableInfo } from "../table.js";
import { mayMakeThings } from "../text/statements.js";
import type { SqlWriteTypes } from "../types.js";
import { jobStatements, type NamedStatement } from "./job-statements.js";
import type { LiteralRows, RowsTarget, WritableSystem } from "./system.js";
import { planColumns } from "./target-plan.js";

/** A target of a planned run, on an open connection. */
export interface CheckedTarget<X extends SqlWriteTypes> {
  readonly system: WritableSystem<X>;
  readonly client: X["client"];
  readonly source: X["source"];
  readonly table: string;
  readonly sqlName: string;
  readonly params: X["params"];
  readonly run: PlannedRun;
}

/**
 * Tries all statements that a run would send to a target by describing them, which changes nothing: the rows', `preSql` and
 * `postSql`. What an earlier statement of the job may make is not expected to be there.
 *
 * @returns the table, null when the job has yet to make it
 * @throws UserError that names the statement at fault, or the column, or the grant that is missing
 */
export async function checkTarget<X extends SqlWriteTypes>(
  target: CheckedTarget<X>,
): Promise<TableInfo<X["column"]> | null> {
  const { system, client, source, sqlName, params } = target;
  const { statements: rules } = system.writing;
  const pre = jobStatements(rules, { entries: params.preSql, key: "preSql", sqlName });
  const post = jobStatements(rules, { entries: params.postSql, key: "postSql", sqlName });
  const isMade = pre.some((statement) => mayMakeThings(rules, statement));
  const table = await system.describeTable(client, source, target.table).catch((error: unknown) => {
    if (isMade && error instanceof UserError && error.code === "SOURCE_OBJECT_MISSING") return null;
    throw error;
  });
  if (table !== null) await checkInsert(target, table);
  await checkStatements(target, [...pre, ...post]);
  return table;
}

async function checkInsert<X extends SqlWriteTypes>(
  { system, client, params, run }: CheckedTarget<X>,
  table: TableInfo<X["column"]>,
): Promise<void> {
  const { writing, errors } = system;
  const columns = planColumns({ table, params, source: run.columns, target: writing.targetColumn });
  const own = await writing.own?.(client, table, params);
  const written: RowsTarget<X> = {
    ...{ ...columns, sqlName: table.sqlName, mode: params.mode },
    ...(own === undefined ? {} : { own }),
  };
  try {
    const sql = writing.bound ? writing.bound.statement(written) : nullsInto(writing, written);
    await system.describe(client, sql);
  } catch (error) {
    if (errors.said(error)?.isNoAnswer) return;
    throw errors.toSluiceError(error, `${table.title} cannot be written`);
  }
}

function nullsInto<X extends SqlWriteTypes>({ insertParts }: LiteralRows<X>, table: RowsTarget<X>): string {
  const { head, tail } = insertParts(table);
  return `${head}(${table.columns.map(() => "NULL").join(",")})${tail}`;
}

async function checkStatements<X extends SqlWriteTypes>(
  { system, client }: CheckedTarget<X>,
  statements: readonly NamedStatement[],
): Promise<void> {
  const { errors, writing } = system;
  let mayBeMade = false;
  for (const statement of statements) {
    if (!statement.hasBody) {
      await system.describe(client, statement.sql).catch((error: unknown) => {
        const said = errors.said(error);
        // What is no answer of the server is no matter of what an earlier statement makes.
        const isSure = said === null || said.isSyntax || !mayBeMade;
        if (isSure && !said?.isNoAnswer) throw errors.toSluiceError(error, statement.name);
      });
    }
    mayBeMade ||= mayMakeThings(writing.statements, statement);
  }
}
