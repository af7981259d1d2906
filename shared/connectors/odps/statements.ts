import type { OdpsClient } from "./client.js";
import { runSql } from "./sql.js";

/** The statements of a side of a job. */
export interface SideStatements {
  readonly schema: string | null;
  readonly preSql?: readonly string[] | undefined;
  readonly postSql?: readonly string[] | undefined;
}

/** Runs the statements that a job has under a key, one after the other. @throws UserError that names the statement */
export async function runOdpsStatements(
  client: OdpsClient,
  params: SideStatements,
  key: "preSql" | "postSql",
): Promise<void> {
  for (const [at, statement] of (params[key] ?? []).entries())
    await runSql(client, statement, { what: `${key}[${at}]`, schema: params.schema });
}
