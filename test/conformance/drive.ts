import type { Connector, Prepared, Reader, Side, Split, SplitRef, Writer } from "../../shared/connectors/contract.js";
import { type Batch, batchOf, type Cell, type Column, type DirtyRecord } from "../../shared/model/batch.js";
import type { Json, JsonObject } from "../../shared/model/json.js";
import { type Progress, startOfSplit } from "../../shared/model/progress.js";
import { patience } from "../servers/pace.mjs";

/** A side as the engine would make it, for one data source and raw parameters. */
export function sideOf<S, P>(
  connector: Connector<S, unknown, unknown>,
  schema: { parse(value: unknown): P },
  source: JsonObject,
  parameter: JsonObject,
  signal: AbortSignal = new AbortController().signal,
): Side<S, P> {
  const parsed = connector.source.schema.parse(source);
  return { source: parsed, sources: { main: parsed }, params: schema.parse(parameter), timeZone: null, signal };
}

/** Splits as they arrive in a shard: through JSON. */
export async function planned<S, R>(reader: Reader<S, R>, side: Side<S, R>, advice: number): Promise<Split[]> {
  const plan = await reader.split(side, advice);
  return JSON.parse(JSON.stringify(plan.splits)) as Split[];
}

/** All batches of one split, from a checkpoint on. */
export async function batchesOf<S, R>(
  reader: Reader<S, R>,
  side: Side<S, R>,
  split: Split,
  from: Json = null,
): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of reader.read(side, split.spec, from)) batches.push(batch);
  return batches;
}

/** All records of all splits. */
export async function recordsOf<S, R>(reader: Reader<S, R>, side: Side<S, R>, advice = 1): Promise<Cell[][]> {
  const records: Cell[][] = [];
  for (const split of await planned(reader, side, advice)) {
    for (const batch of await batchesOf(reader, side, split)) for (const row of batch.rows) records.push([...row]);
  }
  return records;
}

/** What a written split left behind. */
export interface Written {
  readonly dirty: readonly DirtyRecord[];
  readonly durable: Progress | null;
  readonly token: Json;
}

/** Who is alone agrees with itself. */
export const agree: SplitRef["agree"] = (_, make) => make();

/** A split reference as a shard would make it; dirty records land in `dirty`. */
export function splitRefOf(
  prepared: Prepared,
  columns: readonly Column[],
  dirty: DirtyRecord[] = [],
  over: Partial<SplitRef> = {},
): SplitRef {
  return {
    ...{ runId: "run-1", exactlyOnce: "auto", columns, prepared },
    ...{ split: 0, splits: 1, attempt: 1, progress: startOfSplit },
    agree,
    keepDirty: async (records) => {
      dirty.push(...records);
    },
    ...over,
  };
}

/** Prepares, writes the records as one split in batches, closes and finishes. */
export async function writeAll<S, W>(
  writer: Writer<S, W>,
  side: Side<S, W>,
  columns: readonly Column[],
  batches: readonly (readonly (readonly Cell[])[])[],
  over: Partial<SplitRef> = {},
): Promise<Written & { readonly prepared: Prepared }> {
  const run = { runId: over.runId ?? "run-1", exactlyOnce: over.exactlyOnce ?? "auto", columns } as const;
  const prepared = await writer.prepare(side, run);
  const dirty: DirtyRecord[] = [];
  const session = await writer.open(side, splitRefOf(prepared, columns, dirty, over));
  let durable: Progress | null = null;
  try {
    for (const [index, rows] of batches.entries()) {
      const report = await session.write(batchOf(rows, { columns, checkpoint: index + 1, dirty: [] }));
      durable = report.durable ?? durable;
    }
    const closed = await session.close();
    durable = closed.durable ?? durable;
    await writer.finish?.(side, { ...run, prepared }, [closed.token ?? null]);
    return { dirty, durable, token: closed.token ?? null, prepared };
  } finally {
    await session.abort();
  }
}

/** Waits until `value` answers at most `limit`. */
export async function falls(value: () => Promise<number>, limit: number): Promise<void> {
  const timeoutMs = patience(2_000);
  const deadline = Date.now() + timeoutMs;
  for (let seen = await value(); seen > limit; seen = await value()) {
    if (Date.now() > deadline) throw new Error(`still ${seen} after ${timeoutMs} ms, expected at most ${limit}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
