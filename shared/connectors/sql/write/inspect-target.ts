import { UserError } from "../../../model/errors.js";
import type { ExactlyOnce } from "../../../model/job.js";
import type { RunRef } from "../../contract.js";
import type { SqlWriteTypes } from "../types.js";
import { hopelessPairs } from "./fit-batch.js";
import { ensureLedger } from "./ledger-table.js";
import type { PlanOf, WritableSystem } from "./system.js";
import { planColumns } from "./target-plan.js";
import type { TargetName } from "./write-params.js";

/** A target with what the user should know about the way it is written. */
export interface InspectedTarget<X extends SqlWriteTypes> {
  readonly plan: PlanOf<X>;
  readonly notes: readonly string[];
}

/** A target on an open connection. */
export interface OpenTarget<X extends SqlWriteTypes> {
  readonly system: WritableSystem<X>;
  readonly client: X["client"];
  readonly source: X["source"];
  readonly name: TargetName;
}

/** What a run wants of a target. */
export interface TargetOptions<X extends SqlWriteTypes> {
  readonly params: X["params"];
  readonly run: RunRef;
  /** Asks once per run and data source whether the bulk path keeps its rules: null, or why not. */
  readonly proveBulk: (client: X["client"]) => Promise<string | null>;
}

/**
 * Finds out how a table is best written: columns, bulk path, ledger.
 *
 * @throws UserError NOT_REPEATABLE when the job insists on exactly once and this target cannot
 */
export async function inspectTarget<X extends SqlWriteTypes>(
  target: OpenTarget<X>,
  { params, run, proveBulk }: TargetOptions<X>,
): Promise<InspectedTarget<X>> {
  const { system, client, source, name } = target;
  const { writing } = system;
  const table = await system.describeTable(client, source, name.table);
  const own = await writing.own?.(client, table, params);
  const draft: PlanOf<X> = {
    ...planColumns({ table, params, source: run.columns, target: writing.targetColumn }),
    ...{ datasource: name.datasource, sqlName: table.sqlName, title: table.title, mode: params.mode },
    ...{ isTransactional: table.isTransactional, emptyAsNull: params.emptyAsNull, bulk: false, ledger: false },
    maxStatementBytes: await writing.maxStatementBytes(client),
    ...(own === undefined ? {} : { own }),
  };
  const ledger = await ledgerFor(target, draft, run.exactlyOnce);
  const bulk = await bulkFor(target, draft, proveBulk);
  const notes = [
    ...[ledger, bulk, draft.isTransactional ? null : `${draft.title} has no transactions: rows go one by one`],
    ...hopelessPairs(writing.ruleOfPair, run.columns, draft.columns),
    ...(writing.notes?.(draft, run.columns) ?? []),
    draft.mode === "ignore" ? `rows whose key ${draft.title} has already are left out, and count as written` : null,
  ];
  return {
    plan: { ...draft, ledger: ledger === null && params.mode === "insert", bulk: bulk === null },
    notes: notes.filter((note): note is string => note !== null && note !== ""),
  };
}

/** Null when the ledger serves, an empty text when nobody wants one, else why it does not. */
async function ledgerFor<X extends SqlWriteTypes>(
  { system, client }: OpenTarget<X>,
  plan: PlanOf<X>,
  exactlyOnce: ExactlyOnce,
): Promise<string | null> {
  if (plan.mode !== "insert" || exactlyOnce === false) return "";
  const why = plan.isTransactional ? await ensureLedger(system, client) : "the table's engine has no transactions";
  if (why === null) return null;
  const message = `${plan.title} cannot be written exactly once: ${why}`;
  if (exactlyOnce === true) throw new UserError("NOT_REPEATABLE", message, { path: "setting.exactlyOnce" });
  return `${message}; after an interruption records may be written twice`;
}

/** Null when the bulk path serves, an empty text when it is no question, else why not: tried with no rows, then proven. */
async function bulkFor<X extends SqlWriteTypes>(
  { system, client }: OpenTarget<X>,
  plan: PlanOf<X>,
  prove: (client: X["client"]) => Promise<string | null>,
): Promise<string | null> {
  const { bulk } = system.writing;
  const hasDefaults = plan.columns.some((column) => column.defaultForNull);
  if (!bulk || !plan.isTransactional || hasDefaults || !bulk.serves(plan)) return "";
  try {
    await bulk.tryOut(client, plan);
    const fault = await prove(client);
    return fault === null ? null : `${bulk.name} is not used, multi-row INSERT is: ${fault}`;
  } catch (error) {
    const said = system.errors.said(error);
    if (!said) throw error;
    return `${bulk.name} cannot be used, multi-row INSERT is: ${said.message}`;
  }
}
