import { batchOf, type Column, type DataRecord } from "../../../model/batch.js";
import { UserError } from "../../../model/errors.js";
import type { JudgedColumn, JudgedRecord, RecordJudge } from "../../../model/record-judge.js";
import type { PlannedRun } from "../../contract.js";
import type { SqlTableColumn, TableInfo } from "../table.js";
import type { SqlWriteTypes } from "../types.js";
import { batchFitter, whyHopeless } from "./fit-batch.js";
import { mayMakeTable } from "./prepare-targets.js";
import { dirtyRecord } from "./refused-record.js";
import { onTableClocks, rowClocks } from "./row-clock.js";
import { serverRefusal } from "./server-refusal.js";
import type { PlanOf, WritableSystem } from "./system.js";
import { type WriteSide, withTarget } from "./target-connection.js";
import { planColumns, writtenColumns } from "./target-plan.js";

/**
 * Judges records by the rules that cells go through on their way into the first target, and by what a strict server refuses of a
 * column for certain: nulls, texts that are too long, numbers out of range.
 */
export async function judgeRecords<X extends SqlWriteTypes>(
  system: WritableSystem<X>,
  side: WriteSide<X>,
  run: PlannedRun,
): Promise<RecordJudge> {
  const [target] = side.params.targets;
  if (!target) throw new UserError("CONFIG_INVALID", "table: no target is named", { path: "table" });
  const found = await withTarget({ system, side, target }, "judging records", (client, source) =>
    system.describeTable(client, source, target.table),
  ).catch((error: unknown) => {
    const isMissing = error instanceof UserError && error.code === "SOURCE_OBJECT_MISSING";
    if (isMissing && mayMakeTable(system, side.params)) return null;
    throw error;
  });
  if (!found) return unknownTable;
  const plan = planOf(system, side, { run, table: found });
  const written = writtenColumns(found, side.params);
  const names = written.map(({ name }) => name);
  const primary = found.indexes.find(({ isPrimary }) => isPrimary)?.columns ?? [];
  return {
    columns: written.map((column, at) => judged(system, { column, plan, at, run, primary })),
    unwrittenKeys: primary.filter((name) => !names.includes(name)),
    judge: judgeOf(system, side, { plan, written, run }),
  };
}

/** The job has yet to make the table. */
const unknownTable: RecordJudge = {
  columns: [],
  unwrittenKeys: [],
  judge: async (cells) => ({ kind: "taken", cells }),
};

interface TargetOfRun<X extends SqlWriteTypes> {
  readonly run: PlannedRun;
  readonly table: TableInfo<X["column"]>;
}

/** The target as far as rules go by it: nothing is asked of the server. */
function planOf<X extends SqlWriteTypes>(
  { writing }: WritableSystem<X>,
  { params }: WriteSide<X>,
  { run, table }: TargetOfRun<X>,
): PlanOf<X> {
  return {
    ...planColumns({ table, params, source: run.columns, target: writing.targetColumn }),
    ...{ datasource: null, sqlName: table.sqlName, title: table.title, mode: params.mode },
    ...{ isTransactional: table.isTransactional, emptyAsNull: params.emptyAsNull, bulk: false, ledger: false },
    maxStatementBytes: Number.POSITIVE_INFINITY,
  };
}

interface WrittenColumn<X extends SqlWriteTypes> {
  readonly column: X["column"];
  readonly plan: PlanOf<X>;
  readonly at: number;
  readonly run: PlannedRun;
  readonly primary: readonly string[];
}

function judged<X extends SqlWriteTypes>(
  { writing }: WritableSystem<X>,
  { column, plan, at, run, primary }: WrittenColumn<X>,
): JudgedColumn {
  const target = plan.columns[at];
  return {
    nullable: target ? !target.refusesNull : null,
    isKey: primary.includes(column.name),
    hopeless: target ? whyHopeless(writing.ruleOfPair, run.columns[at], target) : null,
  };
}

interface JudgedTarget<X extends SqlWriteTypes> {
  readonly plan: PlanOf<X>;
  readonly written: readonly SqlTableColumn[];
  readonly run: PlannedRun;
}

function judgeOf<X extends SqlWriteTypes>(
  { writing }: WritableSystem<X>,
  { timeZone }: WriteSide<X>,
  { plan, written, run }: JudgedTarget<X>,
): RecordJudge["judge"] {
  const fitted = batchFitter(writing.ruleOfPair, plan, timeZone);
  const clocks = rowClocks(plan, { zone: timeZone, reader: run.clock });
  return async (record: DataRecord, columns: readonly Column[]): Promise<JudgedRecord> => {
    const batch = onTableClocks(fitted(batchOf([record], { columns, checkpoint: null, dirty: [] })), plan, clocks);
    const [dirty] = batch.dirty;
    if (dirty) return { kind: "dirty", dirty };
    const cells = batch.rows[0] ?? record;
    for (const [at, cell] of cells.entries()) {
      const column = written[at];
      const target = plan.columns[at];
      const why = column && target ? serverRefusal({ column, target }, cell) : null;
      if (why) return { kind: "dirty", dirty: dirtyRecord(plan, record, why) };
    }
    return { kind: "taken", cells };
  };
}
