import { UserError } from "../../model/errors.js";
import type { ExactlyOnce } from "../../model/job.js";
import type { RunRef } from "../contract.js";
import type { MysqlClient } from "./client.js";
import { ensureLedger } from "./ledger-table.js";
import { hopelessPairs } from "./rule-of-pair.js";
import { serverErrorOf } from "./server-error.js";
import type { MysqlSource } from "./source.js";
import { describeTable } from "./table-info.js";
import { planColumns, type TargetPlan } from "./target-plan.js";
import type { TargetName, WriteParams } from "./write-params.js";
import { loadDataSql } from "./write-sql.js";

/** A target with what the user should know about the way it is written. */
export interface InspectedTarget {
  readonly plan: TargetPlan;
  readonly notes: readonly string[];
}

/**
 * Finds out how a table is best written: columns, LOAD DATA, ledger.
 *
 * @throws UserError NOT_REPEATABLE when the job insists on exactly once and this target cannot
 */
export async function inspectTarget(
  client: MysqlClient,
  source: MysqlSource,
  name: TargetName,
  wish: {
    readonly params: WriteParams;
    readonly run: RunRef;
    /** Asks once per run and server whether LOAD DATA LOCAL keeps its rules: null, or why not. */
    readonly proveBulk: (client: MysqlClient) => Promise<string | null>;
  },
): Promise<InspectedTarget> {
  const { params, run } = wish;
  const table = await describeTable(client, source.database, name.table);
  const { rows } = await client.query("SELECT @@max_allowed_packet");
  const draft: TargetPlan = {
    ...planColumns(table, params, run.columns),
    ...{ datasource: name.datasource, sqlName: table.sqlName, title: table.title, mode: params.mode },
    ...{ isTransactional: table.isTransactional, emptyAsNull: params.emptyAsNull, loadData: false, ledger: false },
    // Room for the packet's header and for the difference between our count and the server's.
    maxStatementBytes: Math.floor(Number(rows[0]?.[0] ?? 4 * 1024 * 1024) * 0.98) - 1024,
  };
  const ledger = await ledgerFor(client, draft, run.exactlyOnce);
  const bulk = await bulkFor(client, draft, wish.proveBulk);
  const notes = [
    ...[ledger, bulk, draft.isTransactional ? null : `${draft.title} has no transactions: rows go one by one`],
    ...hopelessPairs(run.columns, draft.columns),
    draft.mode === "ignore" ? `rows whose key ${draft.title} has already are left out, and count as written` : null,
  ];
  return {
    plan: { ...draft, ledger: ledger === null && params.mode === "insert", loadData: bulk === null },
    notes: notes.filter((note): note is string => note !== null && note !== ""),
  };
}

/** Null when the ledger serves, an empty text when nobody wants one, else why it does not. */
async function ledgerFor(client: MysqlClient, plan: TargetPlan, exactlyOnce: ExactlyOnce): Promise<string | null> {
  if (plan.mode !== "insert" || exactlyOnce === false) return "";
  const why = plan.isTransactional ? await ensureLedger(client) : "the table's engine has no transactions";
  if (why === null) return null;
  const message = `${plan.title} cannot be written exactly once: ${why}`;
  if (exactlyOnce === true) throw new UserError("NOT_REPEATABLE", message, { path: "setting.exactlyOnce" });
  return `${message}; after an interruption records may be written twice`;
}

/** Null when LOAD DATA LOCAL serves, an empty text when it is no question, else why not: tried with a stream of no rows, then proven. */
async function bulkFor(
  client: MysqlClient,
  plan: TargetPlan,
  prove: (client: MysqlClient) => Promise<string | null>,
): Promise<string | null> {
  const hasDefaults = plan.columns.some((column) => column.defaultForNull);
  if (plan.mode === "update" || plan.mode === "ignore" || !plan.isTransactional || hasDefaults) return "";
  try {
    await client.execute(loadDataSql(plan), Buffer.alloc(0));
    const fault = await prove(client);
    return fault === null ? null : `LOAD DATA LOCAL is not used, multi-row INSERT is: ${fault}`;
  } catch (error) {
    const found = serverErrorOf(error);
    if (!found?.errno) throw error;
    return `LOAD DATA LOCAL cannot be used, multi-row INSERT is: ${found.message}`;
  }
}
