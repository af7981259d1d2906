import type { Delivery, PlannedRun, Split } from "../connectors/contract.js";
import { allInOrder } from "../model/all-in-order.js";
import type { Column } from "../model/batch.js";
import type { Warning } from "../model/job.js";
import type { PlanReport } from "../model/plan.js";
import type { Preview } from "../model/preview.js";
import type { SecretBox } from "../secrets/seal.js";
import { estimateCost } from "./cost.js";
import { columnWarnings, mapColumns, misfit } from "./match-columns.js";
import { type OpenStep, openStep } from "./open-step.js";
import { atSide, placedWarning } from "./placed-error.js";
import type { ResolvedJob } from "./resolve-job.js";
import { inZone, jobZone, type StepZones, stepZones } from "./step-zones.js";
import { zoneWarnings } from "./zone-warnings.js";

/** Splits asked for per shard, so that a skewed one does not hold up the run. */
const SPLITS_PER_SHARD = 5;

/** What a job would do: columns, splits and delivery, read from both systems; nothing is changed there. */
export interface Layout {
  readonly reader: OpenStep;
  readonly writer: OpenStep;
  readonly zones: StepZones;
  readonly columns: readonly Column[];
  /** The columns of the target; null = the writer takes any. */
  readonly targets: readonly Column[] | null;
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

/** How a job is looked at. */
export interface LayoutOptions {
  readonly signal: AbortSignal;
  /** Nothing is to be run; absent = for a run. */
  readonly preview?: Preview;
}

/**
 * Asks both sides for their columns, checks that they fit, cuts the source, and lets the writer look for what would fail.
 *
 * @throws UserError CONFIG_INVALID when the sides differ in width; what a side throws, the reader's first
 */
export async function layOut(
  job: ResolvedJob,
  secretBox: SecretBox,
  { signal, preview }: LayoutOptions,
): Promise<Layout> {
  const resolved = preview ? previewed(job, preview) : job;
  const { setting } = resolved.job;
  const atReader = <T>(work: () => Promise<T> | T) => atSide("reader", resolved, work);
  const atWriter = <T>(work: () => Promise<T> | T) => atSide("writer", resolved, work);
  const { zones, reader, writer, warnings } = await openZoned(resolved, secretBox, signal);
  const readerSide = reader.side(signal);
  const writerSide = writer.side(signal);
  if (!preview) await atReader(() => reader.connector.reader?.prepare?.(readerSide));
  const found = await readColumns(reader, writer, { resolved, signal });
  const perShard = reader.connector.reader?.splitsPerShard ?? SPLITS_PER_SHARD;
  const plan = await atReader(() => reader.connector.reader?.split(readerSide, setting.concurrent * perShard));
  const splits = plan?.splits ?? [];
  const columns = (found.isOpen ? undefined : plan?.columns) ?? found.columns;
  const mapping = mapColumns(columns, found.targets);
  const { exactlyOnce } = setting;
  const splitsPerTable = plan?.splitsPerTable ?? splits.map(() => 1);
  const run: PlannedRun = { columns, exactlyOnce, splitsPerTable, clock: zones.reader.zone };
  const writerWarnings = (await atWriter(() => writer.connector.writer?.check?.(writerSide, run))) ?? [];
  return {
    ...{ reader, writer, zones },
    columns,
    targets: found.targets,
    mapping,
    splits,
    run,
    concurrent: Math.max(1, Math.min(setting.concurrent, splits.length)),
    estimatedRows: sumOfKnown(splits.map(({ rows }) => rows)),
    delivery: writer.connector.writer?.delivery(writerSide.params, exactlyOnce) ?? "atLeastOnce",
    warnings: [
      ...[...warnings, ...(plan?.warnings ?? []), ...writerWarnings].map((warning) =>
        placedWarning(warning, "reader", resolved),
      ),
      ...columnWarnings(columns, found.targets, resolved),
      ...zoneWarnings(columns, found.targets, { zones, placed: resolved }),
    ],
  };
}

/** Opens both steps, each in its zone; `warnings` are about these. */
export async function openZoned(
  resolved: ResolvedJob,
  secretBox: SecretBox,
  signal: AbortSignal,
): Promise<Pick<Layout, "reader" | "writer" | "zones"> & { readonly warnings: readonly string[] }> {
  const zone = jobZone(resolved.job.setting.timeZone);
  const [reader, writer] = await allInOrder([
    atSide("reader", resolved, () => openStep(resolved.reader, { kind: "reader", timeZone: zone, secretBox })),
    atSide("writer", resolved, () => openStep(resolved.writer, { kind: "writer", timeZone: zone, secretBox })),
  ]);
  const { zones, warnings } = await stepZones(resolved, { reader, writer }, signal);
  return { zones, warnings, reader: inZone(reader, zones.reader), writer: inZone(writer, zones.writer) };
}

/** The job as it is only looked at. */
export function previewed({ reader, writer, ...rest }: ResolvedJob, preview: Preview): ResolvedJob {
  return { ...rest, reader: { ...reader, preview }, writer: { ...writer, preview } };
}

interface Columns {
  readonly columns: readonly Column[];
  /** Null = the writer takes any. */
  readonly targets: readonly Column[] | null;
  /** The columns are the target's, because no record tells the source's. */
  readonly isOpen: boolean;
}

/** Asks both sides for their columns; refuses those that differ in width. */
async function readColumns(reader: OpenStep, writer: OpenStep, at: { resolved: ResolvedJob; signal: AbortSignal }) {
  const { resolved, signal } = at;
  const [source, target] = [reader.connector.reader, writer.connector.writer];
  const [readerSide, writerSide] = [reader.side(signal), writer.side(signal)];
  const [columns = [], targets = null] = await allInOrder([
    atSide("reader", resolved, () => source?.columns(readerSide)),
    atSide("writer", resolved, () => target?.columns(writerSide)),
  ]);
  const found: Columns = { columns, targets, isOpen: false };
  if (!targets || columns.length === targets.length) return found;
  if (target?.takesFewer && columns.length < targets.length) return found;
  if (await atSide("reader", resolved, () => source?.isOpen?.(readerSide)))
    return { ...found, columns: targets, isOpen: true };
  const left = await atSide("writer", resolved, () => target?.leftOut?.(writerSide));
  throw misfit(columns, targets, { left: left ?? [], placed: resolved });
}

/** Null unless every value is known. */
function sumOfKnown(values: readonly (number | undefined)[]): number | null {
  return values.reduce((sum: number | null, value) => (sum === null || value === undefined ? null : sum + value), 0);
}

/** What stands for the extent of a split, which may be values of records, where somebody may not see those. */
export function hiddenSplit(number: number, total: number): string {
  return `split ${number + 1} of ${total}; its extent may hold values of records, which are not yours to read`;
}

/** What `plan` shows of a layout, to somebody who may see records or not. */
export function reportLayout(
  resolved: ResolvedJob,
  layout: Layout,
  { mayRead }: { readonly mayRead: boolean },
): PlanReport {
  const side = (kind: "reader" | "writer") => ({
    type: resolved[kind].type,
    dataSources: resolved[kind].sources.map(({ name }) => name),
    timeZone: layout.zones[kind],
  });
  return {
    reader: side("reader"),
    writer: side("writer"),
    delivery: layout.delivery,
    concurrent: layout.concurrent,
    splits: layout.splits.map(({ describe, rows, bytes }, at) => ({
      describe: mayRead ? describe : hiddenSplit(at, layout.splits.length),
      rows: rows ?? null,
      bytes: bytes ?? null,
    })),
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
