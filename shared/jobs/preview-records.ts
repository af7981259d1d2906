import type { Batch, Cell, Column, DirtyRecord } from "../model/batch.js";
import { onClockOf } from "../model/clock.js";
import type { PreviewCell, PreviewRecord, RecordPreview } from "../model/mapping.js";
import type { JudgedRecord, RecordJudge } from "../model/record-judge.js";
import type { SecretBox } from "../secrets/seal.js";
import { type Layout, layOut } from "./lay-out.js";
import { judgeOf } from "./mapping/map-job.js";
import { atSide } from "./placed-error.js";
import type { ResolvedJob } from "./resolve-job.js";

/** How much is shown. */
export interface PreviewSize {
  readonly signal: AbortSignal;
  /** Records, dirty ones included. */
  readonly limit: number;
}

/** Longer texts, and bytes, are cut. */
const MOST_CELL = 2000;

/**
 * Reads the first records of a job and shows them as they would arrive at the target, through the reader, the rules of columns and the
 * writer's judgement. Nothing is written.
 *
 * @throws what a plan of the job throws, and what reading throws
 */
export async function previewRecords(
  job: ResolvedJob,
  secretBox: SecretBox,
  { signal, limit }: PreviewSize,
): Promise<RecordPreview> {
  const layout = await layOut(job, secretBox, { signal, preview: { mayRead: true } });
  const judge = await atSide("writer", job, () => judgeOf(layout.writer, layout.run, signal));
  const records: PreviewRecord[] = [];
  for await (const batch of batchesOf(job, layout, signal)) {
    for (const dirty of batch.dirty) records.push(dirtyPreview(dirty));
    for (const record of batch.rows) {
      if (records.length > limit) break;
      const judged = await atSide("writer", job, () => judgedRecord(judge, record, batch.columns));
      records.push(judged.kind === "dirty" ? dirtyPreview(judged.dirty) : takenPreview(judged));
    }
    if (records.length > limit) break;
  }
  return {
    columns: layout.mapping.map(({ to, toType }) => ({ name: to, type: toType })),
    records: records.slice(0, limit),
    isAll: records.length <= limit,
    warnings: [...job.warnings, ...layout.warnings],
  };
}

/** The records of all splits in order, on the clock that the writer gets them. */
async function* batchesOf(job: ResolvedJob, layout: Layout, signal: AbortSignal): AsyncGenerator<Batch> {
  const { reader } = layout.reader.connector;
  const { writer } = layout.writer.connector;
  const { clock } = layout.run;
  if (!reader) return;
  for (const { spec } of layout.splits) {
    const batches = reader.read(layout.reader.side(signal), spec, null);
    const onClock = writer?.takesClocks || clock === undefined ? batches : onClockOf(batches, clock);
    const next = onClock[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await atSide("reader", job, () => next.next());
        if (done) break;
        yield value;
      }
    } finally {
      await next.return?.();
    }
  }
}

async function judgedRecord(
  judge: RecordJudge | null,
  cells: Batch["rows"][number],
  columns: readonly Column[],
): Promise<JudgedRecord> {
  return judge ? judge.judge(cells, columns) : { kind: "taken", cells };
}

function takenPreview({ cells, text }: Extract<JudgedRecord, { kind: "taken" }>): PreviewRecord {
  return { cells: cells.map(previewCell), dirty: null, text: text === undefined ? null : cut(text) };
}

function dirtyPreview({ cells, side, reason, message, column }: DirtyRecord): PreviewRecord {
  return { cells: cells.map(previewCell), dirty: { side, reason, message, column: column ?? null }, text: null };
}

function previewCell(cell: Cell): PreviewCell {
  if (cell === null) return null;
  return typeof cell === "string" ? cut(cell) : { base64: cell.subarray(0, MOST_CELL).toString("base64") };
}

function cut(text: string): string {
  return text.length > MOST_CELL ? `${text.slice(0, MOST_CELL)}…` : text;
}
