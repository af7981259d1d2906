import type { Column } from "../../../model/batch.js";
import { UserError } from "../../../model/errors.js";
import type { PlannedRun, RunRef, Side, Writer } from "../../contract.js";
import { type GivenColumns, refuseOtherColumns } from "../same-columns.js";
import { sessionAdvice } from "../side-setting.js";
import { settleZone } from "../side-zone.js";
import type { SqlWriteTypes } from "../types.js";
import { checkTarget } from "./check-target.js";
import { jobStatements, runStatements, statementWarnings } from "./job-statements.js";
import { judgeRecords } from "./judge-records.js";
import { clearLedger } from "./ledger-table.js";
import { openSplit } from "./open-split.js";
import { mayMakeTable, prepareTargets } from "./prepare-targets.js";
import type { WritableSystem } from "./system.js";
import { sourceAt, type WriteSide, withTarget } from "./target-connection.js";
import { checkTargetCount } from "./target-of-split.js";
import { hiddenColumns, writtenColumns } from "./target-plan.js";

/** What a writer has of its own beside the flow. */
export type WriterFace<X extends SqlWriteTypes> = Pick<
  Writer<X["source"], X["params"]>,
  "params" | "template" | "defaults"
>;

/** Makes the writer of a system: by its bulk path where that serves, else by multi-row INSERT, with the same guarantees. */
export function sqlWriter<X extends SqlWriteTypes>(
  system: WritableSystem<X>,
  face: WriterFace<X>,
): Writer<X["source"], X["params"]> {
  const { zones } = system;
  return {
    ...face,
    width: ({ columns }) => columns?.length ?? null,
    advice: (params) => sessionAdvice(system.whyNotPlanned, params),
    takesClocks: true,
    delivery: ({ mode }, exactlyOnce) => {
      if (mode !== "insert") return "idempotent";
      return exactlyOnce === false ? "atLeastOnce" : "ledger";
    },
    ...(zones && {
      timeZone: (side: WriteSide<X>) =>
        settleZone({ ...system, zones }, side, {
          use: "write",
          datasources: side.params.targets.map(({ datasource }) => datasource),
        }),
    }),
    columns: (side) => readTargetColumns(system, side),
    leftOut: (side) => leftOut(system, side),
    check: (side, run) => check(system, side, run),
    judge: (side, run) => judgeRecords(system, side, run),
    prepare: (side, run) => prepareTargets(system, side, { run, preSql: () => runFor(system, side, "preSql") }),
    open: (side, split) => openSplit(system, side, split),
    finish: async (side, run) => {
      await forgetRun(system, side, run);
      await runFor(system, side, "postSql");
    },
    discard: (side, run) => forgetRun(system, side, run),
  };
}

async function readTargetColumns<X extends SqlWriteTypes>(
  system: WritableSystem<X>,
  side: WriteSide<X>,
): Promise<readonly Column[] | null> {
  const [target] = side.params.targets;
  if (!target) return null;
  return withTarget({ system, side, target }, "reading the columns", async (client, source) => {
    const table = await system.describeTable(client, source, target.table);
    return writtenColumns(table, side.params).map(({ name, type, declared, isMoment }): Column => {
      const column = { name, type, nativeType: declared };
      return isMoment ? { ...column, isMoment } : column;
    });
  }).catch((error: unknown) => {
    const isMissing = error instanceof UserError && error.code === "SOURCE_OBJECT_MISSING";
    if (isMissing && mayMakeTable(system, side.params)) return null;
    throw error;
  });
}

async function leftOut<X extends SqlWriteTypes>(system: WritableSystem<X>, side: WriteSide<X>) {
  const [target] = side.params.targets;
  if (!target || side.params.columns !== null) return [];
  return withTarget({ system, side, target }, "reading the columns", async (client, source) =>
    hiddenColumns(await system.describeTable(client, source, target.table)),
  );
}

async function check<X extends SqlWriteTypes>(
  system: WritableSystem<X>,
  side: WriteSide<X>,
  run: PlannedRun,
): Promise<readonly string[]> {
  const { params } = side;
  checkTargetCount(params.targets.length, run.splitsPerTable ?? []);
  const found: GivenColumns[] = [];
  for (const target of params.targets) {
    const table = await withTarget({ system, side, target }, "checking the target", (client, source) =>
      checkTarget({
        system,
        client,
        source,
        table: target.table,
        sqlName: system.writing.sqlName(source, target.table),
        params,
        run,
      }),
    );
    if (table) found.push({ title: table.title, columns: writtenColumns(table, params) });
  }
  if (params.columns === null) refuseOtherColumns(found, "star");
  return statementWarnings(system.writing.statements, params);
}

async function forgetRun<X extends SqlWriteTypes>(
  system: WritableSystem<X>,
  side: WriteSide<X>,
  { prepared, runId }: RunRef,
): Promise<void> {
  if (prepared?.delivery !== "ledger") return;
  const places = new Map(
    side.params.targets.map((target) => [`${target.datasource} ${sourceAt(system, side, target).database}`, target]),
  );
  for (const target of places.values()) {
    await withTarget({ system, side, target }, "clearing the ledger", (client) => clearLedger(system, client, runId));
  }
}

/** Statements of the job, for each table. */
async function runFor<X extends SqlWriteTypes>(
  system: WritableSystem<X>,
  side: Side<X["source"], X["params"]>,
  key: "preSql" | "postSql",
): Promise<void> {
  const entries = side.params[key];
  if (entries.length === 0) return;
  for (const target of side.params.targets) {
    const sqlName = system.writing.sqlName(sourceAt(system, side, target), target.table);
    const statements = jobStatements(system.writing.statements, { entries, key, sqlName });
    const severalAtOnce = statements.some(({ hasBody }) => hasBody);
    await withTarget({ system, side, target, severalAtOnce }, key, (client) =>
      runStatements(system, client, statements),
    );
  }
}
