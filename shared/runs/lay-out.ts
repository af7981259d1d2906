import type { Delivery, PlannedRun, Split, SplitPlan } from "../connectors/contract.js";
import { allInOrder } from "../model/all-in-order.js";
import type { Column, ColumnType } from "../model/batch.js";
import { UserError } from "../model/errors.js";
import type { Warning } from "../model/job.js";
import type { PlanReport } from "../model/run.js";
import type { SecretBox } from "../sources/seal.js";
import { estimateCost } from "./cost.js";
import { type OpenStep, openStep } from "./open-plan.js";
import { atSide, type Placed, placedWarning } from "./placed-error.js";
import type { ResolvedJob } from "./resolve-job.js";

/** Splits asked for per shard, so that a skewed one does not hold up the run. */
const SPLITS_PER_SHARD = 5;

/** What a job would do: columns, splits and delivery, read from both systems; nothing is changed there. */
export interface Layout {
  readonly reader: OpenStep;
  readonly writer: OpenStep;
  readonly columns: readonly Column[];
  readonly mapping: PlanReport["mapping"];
  readonly splits: readonly Split[];
  /** What the writer is told of the plan. */
  readonly run: PlannedRun;
  /** How many shards will work at once. */
  readonly concurrent: number;
  readonly estimatedRows: number | null;
  /** As far as parameters tell; the writer's `prepare` has the last word. */
  readonly delivery: Delivery;
  readonly warnings: readonly Warning[];
}

/**
 * Asks both sides for their columns, checks that they fit, cuts the source, and lets the writer look for what would fail.
 *
 * @throws UserError CONFIG_INVALID when the sides differ in width; what a side throws, the reader's first
 */
export async function layOut(resolved: ResolvedJob, secretBox: SecretBox, signal: AbortSignal): Promise<Layout> {
  const { job } = resolved;
  const atReader = <T>(work: () => Promise<T> | T) => atSide("reader", resolved, work);
  const atWriter = <T>(work: () => Promise<T> | T) => atSide("writer", resolved, work);
  const [reader, writer] = await allInOrder([
    atReader(() => openStep("reader", resolved.reader, job.setting.timeZone, secretBox)),
    atWriter(() => openStep("writer", resolved.writer, job.setting.timeZone, secretBox)),
  ]);
  const readerSide = reader.side(signal);
  const writerSide = writer.side(signal);
  const [found, targets] = await allInOrder([
    atReader(() => reader.connector.reader?.columns(readerSide)),
    atWriter(() => writer.connector.writer?.columns(writerSide)),
  ]);
  const isMisfit = targets && found?.length !== targets.length;
  const isOpen = isMisfit && (await reader.connector.reader?.isOpen?.(readerSide));
  const columns = (isOpen ? targets : found) ?? [];
  const mapping = mapColumns(columns, targets ?? null, resolved);
  const perShard = reader.connector.reader?.splitsPerShard ?? SPLITS_PER_SHARD;
  const plan = await atReader(() => reader.connector.reader?.split(readerSide, job.setting.concurrent * perShard));
  const splits = plan?.splits ?? [];
  const { exactlyOnce } = job.setting;
  const splitsPerTable = plan?.splitsPerTable ?? splits.map(() => 1);
  const run: PlannedRun = { columns, exactlyOnce, splitsPerTable };
  const told = (await atWriter(() => writer.connector.writer?.check?.(writerSide, run))) ?? [];
  return {
    reader,
    writer,
    columns,
    mapping,
    splits,
    run,
    concurrent: Math.max(1, Math.min(job.setting.concurrent, splits.length)),
    estimatedRows: sumOfKnown(splits.map(({ rows }) => rows)),
    delivery: writer.connector.writer?.delivery(writerSide.params, exactlyOnce) ?? "atLeastOnce",
    warnings: warningsOf([...(plan?.warnings ?? []), ...told], mapping, resolved),
  };
}

function warningsOf(
  ofSplit: SplitPlan["warnings"],
  mapping: PlanReport["mapping"],
  resolved: ResolvedJob,
): readonly Warning[] {
  return [
    ...ofSplit.map((warning) => placedWarning(warning, "reader", resolved)),
    ...mapping.flatMap(({ warning }, i) => (warning === null ? [] : [atColumn(warning, i, resolved)])),
  ];
}

function mapColumns(
  columns: readonly Column[],
  targets: readonly Column[] | null,
  { job, locate }: Placed,
): PlanReport["mapping"] {
  if (targets && targets.length !== columns.length) {
    const names = (all: readonly Column[]) => all.map(({ name }) => name).join(", ");
    const path = `${job.writer.path}.column`;
    throw new UserError(
      "CONFIG_INVALID",
      `${path}: the reader gives ${columns.length} columns (${names(columns)}), the writer takes ${targets.length} (${names(targets)}); columns are matched by position`,
      { path, place: locate(path) },
    );
  }
  return columns.map((from, i) => {
    const to = targets?.[i];
    return {
      from: from.name,
      fromType: from.nativeType ?? from.type,
      to: to?.name ?? from.name,
      toType: to?.nativeType ?? to?.type ?? "text",
      warning: to ? conversionWarning(from, to) : null,
    };
  });
}

/** Conversions of the type table that can lose something or fail for many values. */
const doubtful: Readonly<Record<ColumnType, readonly ColumnType[]>> = {
  long: ["bytes"],
  double: ["long", "date", "bool", "bytes"],
  string: ["long", "double", "date", "bool"],
  date: ["double", "bool", "bytes", "long"],
  bool: ["date", "bytes"],
  bytes: ["long", "double", "date", "bool"],
};

function conversionWarning(from: Column, to: Column): string | null {
  if (!doubtful[from.type].includes(to.type)) return null;
  return `column ${from.name} (${from.nativeType ?? from.type}) goes into ${to.name} (${to.nativeType ?? to.type}): values that do not convert become dirty records`;
}

/** At the writer's column of this number, where the job lists them. */
function atColumn(message: string, index: number, placed: Placed): Warning {
  const { column } = placed.job.writer.parameter;
  const isListed = Array.isArray(column) && index < column.length;
  return placedWarning({ message, path: isListed ? `column[${index}]` : "column" }, "writer", placed);
}

/** Null unless every value is known. */
function sumOfKnown(values: readonly (number | undefined)[]): number | null {
  return values.reduce((sum: number | null, value) => (sum === null || value === undefined ? null : sum + value), 0);
}

/** What `plan` shows of a layout. */
export function reportLayout(resolved: ResolvedJob, layout: Layout): PlanReport {
  const side = (step: ResolvedJob["reader"]) => ({
    type: step.type,
    dataSources: step.sources.map(({ name }) => name),
  });
  return {
    reader: side(resolved.reader),
    writer: side(resolved.writer),
    delivery: layout.delivery,
    concurrent: layout.concurrent,
    splits: layout.splits.map(({ describe, rows, bytes }) => ({ describe, rows: rows ?? null, bytes: bytes ?? null })),
    estimatedRows: layout.estimatedRows,
    cost: estimateCost({
      rows: layout.estimatedRows,
      bytes: sumOfKnown(layout.splits.map(({ bytes }) => bytes)),
      concurrent: layout.concurrent,
      throttle: resolved.job.setting.throttle,
    }),
    mapping: layout.mapping,
    warnings: [...resolved.warnings, ...layout.warnings],
  };
}
