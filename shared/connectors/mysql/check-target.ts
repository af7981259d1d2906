import { UserError } from "../../model/errors.js";
import type { PlannedRun } from "../contract.js";
import type { MysqlClient } from "./client.js";
import { describeStatement } from "./describe-statement.js";
import { jobStatements, type NamedStatement } from "./job-statements.js";
import { serverErrorOf, toSluiceError } from "./server-error.js";
import { mayMakeThings } from "./statements.js";
import { describeTable, type MysqlTable } from "./table-info.js";
import { planColumns } from "./target-plan.js";
import type { WriteParams } from "./write-params.js";
import { insertParts } from "./write-sql.js";

/** A target of a planned run. */
export interface CheckedTarget {
  readonly database: string;
  readonly table: string;
  readonly sqlName: string;
  readonly params: WriteParams;
  readonly run: PlannedRun;
}

/**
 * Tries all statements that a run would send to a target by preparing them, which changes nothing: the rows', `preSql` and
 * `postSql`. What an earlier statement of the job may make is not expected to be there.
 *
 * @returns the table, null when the job has yet to make it
 * @throws UserError that names the statement at fault, or the column, or the grant that is missing
 */
export async function checkTarget(client: MysqlClient, target: CheckedTarget): Promise<MysqlTable | null> {
  const pre = jobStatements(target.params.preSql, "preSql", target.sqlName);
  const post = jobStatements(target.params.postSql, "postSql", target.sqlName);
  const isMade = pre.some(mayMakeThings);
  const table = await describeTable(client, target.database, target.table).catch((error: unknown) => {
    if (isMade && error instanceof UserError && error.code === "SOURCE_OBJECT_MISSING") return null;
    throw error;
  });
  if (table !== null) await checkInsert(client, table, target);
  await checkStatements(client, [...pre, ...post]);
  return table;
}

async function checkInsert(client: MysqlClient, table: MysqlTable, { params, run }: CheckedTarget): Promise<void> {
  const columns = planColumns(table, params, run.columns);
  const { head, tail } = insertParts({ ...columns, sqlName: table.sqlName, mode: params.mode });
  const nulls = columns.columns.map(() => "NULL").join(",");
  try {
    await describeStatement(client, `${head}(${nulls})${tail}`);
  } catch (error) {
    if (isNoAnswer(error)) return;
    throw toSluiceError(error, `${table.title} cannot be written`);
  }
}

async function checkStatements(client: MysqlClient, statements: readonly NamedStatement[]): Promise<void> {
  let mayBeMade = false;
  for (const statement of statements) {
    if (!statement.hasBody) {
      await describeStatement(client, statement.sql).catch((error: unknown) => {
        // What is no answer of the server is no matter of what an earlier statement makes.
        const errno = serverErrorOf(error)?.errno ?? null;
        const isSure = errno === null || errno === SYNTAX_ERROR || !mayBeMade;
        if (isSure && !isNoAnswer(error)) throw toSluiceError(error, statement.name);
      });
    }
    mayBeMade ||= mayMakeThings(statement);
  }
}

const SYNTAX_ERROR = 1064;

/** Not every statement can be prepared, and not every server prepares; and who cannot lock a table now may do so later. */
const noAnswers: readonly number[] = [1295, 1235, 1047, 1205, 1213, 1461];

function isNoAnswer(error: unknown): boolean {
  const found = serverErrorOf(error);
  return found?.errno != null && noAnswers.includes(found.errno);
}
