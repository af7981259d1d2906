import { UserError } from "../../../model/errors.js";
import type { Json } from "../../../model/json.js";
import type { Prepared, RunRef, SplitRef } from "../../contract.js";
import { mayMakeThings } from "../text/statements.js";
import type { SqlWriteTypes } from "../types.js";
import { type InspectedTarget, inspectTarget } from "./inspect-target.js";
import { jobStatements } from "./job-statements.js";
import type { PlanOf, WritableSystem } from "./system.js";
import { type WriteSide, withTarget } from "./target-connection.js";
import { checkTargetCount, tableOfSplit } from "./target-of-split.js";
import type { SqlWriteParams } from "./write-params.js";

/** What `prepare` found. Plain JSON. */
interface PreparedState<X extends SqlWriteTypes> {
  readonly targets: readonly PlanOf<X>[];
  /** Empty for a single target. */
  readonly splitsPerTable: readonly number[];
}

/** What was found out about the bulk path, once per data source. */
type BulkProofs = Map<string | null, Promise<string | null>>;

/** Inspects all targets, runs `preSql`, and decides how a retry may work. */
export async function prepareTargets<X extends SqlWriteTypes>(
  system: WritableSystem<X>,
  side: WriteSide<X>,
  { run, preSql }: { readonly run: RunRef; readonly preSql: () => Promise<void> },
): Promise<Prepared> {
  const { params } = side;
  checkTargetCount(params.targets.length, run.splitsPerTable ?? []);
  const proofs: BulkProofs = new Map();
  const early = await inspectAll({ system, side, proofs }, run).catch((error: unknown) => {
    const isMissing = error instanceof UserError && error.code === "SOURCE_OBJECT_MISSING";
    if (!isMissing || !mayMakeTable(system, params)) throw error;
    return null;
  });
  await preSql();
  const targets = early && params.preSql.length === 0 ? early : await inspectAll({ system, side, proofs }, run);
  const plans = targets.map(({ plan }) => plan);
  const isInsert = params.mode === "insert";
  const isLedger = isInsert && plans.every((plan) => plan.ledger);
  return {
    delivery: isInsert ? (isLedger ? "ledger" : "atLeastOnce") : "idempotent",
    repeatable: !isInsert || plans.every((plan) => plan.isTransactional),
    // Interfaces have no index signature, so the compiler cannot see that plans are JSON all the way down.
    state: { targets: plans, splitsPerTable: plans.length > 1 ? run.splitsPerTable : [] } as unknown as Json,
    notes: [...new Set(targets.flatMap(({ notes }) => notes))],
  };
}

/** A job may make its table in `preSql`; then nothing is known of it before. */
export function mayMakeTable<X extends SqlWriteTypes>(
  { writing: { statements } }: Pick<WritableSystem<X>, "writing">,
  { preSql }: SqlWriteParams,
): boolean {
  const found = jobStatements(statements, { entries: preSql, key: "preSql", sqlName: "x" });
  return found.some((statement) => mayMakeThings(statements, statement));
}

async function inspectAll<X extends SqlWriteTypes>(
  { system, side, proofs }: { system: WritableSystem<X>; side: WriteSide<X>; proofs: BulkProofs },
  run: RunRef,
): Promise<InspectedTarget<X>[]> {
  const { params } = side;
  const found: InspectedTarget<X>[] = [];
  for (const target of params.targets) {
    const proveBulk = (client: X["client"]) => {
      const proof = proofs.get(target.datasource) ?? system.writing.bulk?.prove?.(client) ?? Promise.resolve(null);
      proofs.set(target.datasource, proof);
      return proof;
    };
    const inspect = (client: X["client"], source: X["source"]) =>
      inspectTarget({ system, client, source, name: target }, { params, run, proveBulk });
    found.push(await withTarget({ system, side, target }, "inspecting the target", inspect));
  }
  return found;
}

/** With several tables, the splits of the i-th source table go into the i-th one. */
export function planFor<X extends SqlWriteTypes>({ prepared, split }: SplitRef): PlanOf<X> {
  // Only `prepareTargets` makes the state; it comes back as it went.
  const { targets, splitsPerTable } = (prepared?.state ?? {
    targets: [],
    splitsPerTable: [],
  }) as unknown as PreparedState<X>;
  const plan = targets.length > 1 ? targets[tableOfSplit(split, splitsPerTable)] : targets[0];
  if (!plan) throw new UserError("CONFIG_INVALID", "the run was not prepared for this split", { path: "table" });
  return plan;
}
