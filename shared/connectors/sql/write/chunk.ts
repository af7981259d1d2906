import { type Batch, type DataRecord, type DirtyRecord, heldBytes } from "../../../model/batch.js";
import { packRows } from "../pack-rows.js";
import type { SqlWriteTypes } from "../types.js";
import type { RowRefusal } from "./refusal.js";
import { dirtyRecord } from "./refused-record.js";
import { loadOrRefuse, type RefusedRow, type RowLoader } from "./refused-rows.js";
import { boundLoader, bulkLoader, insertLoader, type LiteralSetting, type LoadSetting } from "./row-loader.js";
import { type RowView, viewOfBatches, viewOfSome } from "./row-view.js";
import type { BulkPath, RowEncoder } from "./system.js";
import type { TargetPlan } from "./target-plan.js";

/** Whole batches that are loaded by one statement. */
export interface Chunk {
  /** Null = nothing is encoded: the rows go through INSERT statements. */
  readonly encoder: RowEncoder | null;
  readonly batches: readonly Batch[];
  /** Indexes, over all rows of the chunk, of those that the encoder left out. */
  readonly aside: readonly number[];
  readonly count: number;
  /** Bytes to send, or of payload where nothing is encoded. */
  readonly bytes: number;
  /** Bytes of memory that the batches take. */
  readonly held: number;
}

/** An empty chunk that encodes into `encoder`. */
export function emptyChunk(encoder: RowEncoder | null): Chunk {
  encoder?.reset();
  return { encoder, batches: [], aside: [], count: 0, bytes: 0, held: 0 };
}

/** The chunk with one more batch, whose records have `width` cells. `isNative`: they go as they came. */
export function withBatch(
  chunk: Chunk,
  batch: Batch,
  { width, isNative }: { readonly width: number; readonly isNative: boolean },
): Chunk {
  const { encoder } = chunk;
  const aside = encoder && batch.count > 0 ? encoded(encoder, batch, isNative ? null : width) : [];
  return {
    encoder,
    batches: [...chunk.batches, batch],
    aside: aside.length === 0 ? chunk.aside : [...chunk.aside, ...aside.map((row) => chunk.count + row)],
    count: chunk.count + batch.count,
    bytes: encoder ? encoder.bytes().length : chunk.bytes + batch.bytes,
    held: chunk.held + heldBytes(batch),
  };
}

function encoded(encoder: RowEncoder, batch: Batch, width: number | null): readonly number[] {
  if (width !== null) return encoder.add(batch.packed ?? packRows(batch.rows, width));
  if (batch.native) encoder.addNative?.(batch.native);
  return [];
}

/** All rows of the chunk, in order. */
export function rowsOf(chunk: Chunk): readonly DataRecord[] {
  return chunk.batches.flatMap((batch) => batch.rows);
}

/** Indexes of the rows that the encoder did not leave out: position in the stream → index over all rows. */
function sentIndexes(chunk: Chunk): number[] {
  const aside = new Set(chunk.aside);
  return Array.from({ length: chunk.count }, (_, index) => index).filter((index) => !aside.has(index));
}

/** Refused rows as dirty records. */
export function dirtyRecords(plan: TargetPlan, chunk: Chunk, refused: readonly RefusedRow[]): DirtyRecord[] {
  if (refused.length === 0) return [];
  const all = viewOfBatches(chunk.batches);
  return refused.map(({ index, why }) => dirtyRecord(plan, all.row(index), why));
}

/** Loads chunks into one table, each inside the caller's transaction. */
export interface ChunkLoader {
  /** @returns the rows that were refused, by their index in the chunk; all others are in the transaction */
  load(chunk: Chunk): Promise<RefusedRow[]>;
  /** The same for rows; what was refused by its index among them. */
  loadRows(rows: readonly DataRecord[]): Promise<RefusedRow[]>;
  /** Loads one row by the strictest statement there is: null when it was taken, else why not. */
  loadOne(row: DataRecord): Promise<RowRefusal | null>;
}

/** Makes the loader of a session. */
export function chunkLoader<X extends SqlWriteTypes>(setting: LoadSetting<X>): ChunkLoader {
  const { plan } = setting;
  const { writing } = setting.system;
  if (writing.bound) return rowsLoader(boundLoader(setting, writing));
  const literal: LiteralSetting<X> = { ...setting, literals: writing };
  const single = insertLoader(literal);
  const path = plan.bulk ? writing.bulk : undefined;
  if (!path) return rowsLoader(single);
  let spare: RowEncoder | undefined;
  const bulk = bulkLoader(literal, path, () => {
    spare ??= path.encoder(plan, { setAside: false });
    return spare;
  });
  return {
    load: (chunk) => loadBulk({ ...setting, path, bulk }, chunk),
    loadRows: (rows) => loadOrRefuse(bulk, rows),
    loadOne: single.loadOne,
  };
}

function rowsLoader(loader: RowLoader): ChunkLoader {
  return {
    load: (chunk) => loadOrRefuse(loader, rowsOf(chunk)),
    loadRows: (rows) => loadOrRefuse(loader, rows),
    loadOne: loader.loadOne,
  };
}

interface BulkSetting<X extends SqlWriteTypes> extends LoadSetting<X> {
  readonly path: BulkPath<X>;
  readonly bulk: RowLoader;
}

async function loadBulk<X extends SqlWriteTypes>(setting: BulkSetting<X>, chunk: Chunk): Promise<RefusedRow[]> {
  const refused: RefusedRow[] = [];
  if (chunk.count > chunk.aside.length) refused.push(...(await loadSent(setting, chunk)));
  const all = chunk.aside.length > 0 ? viewOfBatches(chunk.batches) : null;
  for (const index of chunk.aside) {
    const why = all && (await setting.bulk.loadOne(all.row(index)));
    if (why) refused.push({ index, why });
  }
  return refused.sort((a, b) => a.index - b.index);
}

/** Loads what the encoder wrote; if the server has something against it, finds out against what. */
async function loadSent<X extends SqlWriteTypes>(
  { system, line, plan, path, bulk }: BulkSetting<X>,
  chunk: Chunk,
): Promise<RefusedRow[]> {
  const { savepoint, rollbackTo, forget } = system.writing.transactions;
  await line.client.execute(savepoint("sluice_chunk"));
  const attempt = await path.load(line.client, plan, {
    bytes: chunk.encoder?.bytes() ?? Buffer.alloc(0),
    count: chunk.count - chunk.aside.length,
    rows: () => sentView(chunk),
  });
  const after = attempt.kind === "refused" ? rollbackTo : forget;
  if (after) await line.client.execute(after("sluice_chunk"));
  if (attempt.kind === "taken" && !attempt.refused) return [];
  const indexes = sentIndexes(chunk);
  const found = attempt.kind === "taken" ? (attempt.refused ?? []) : await loadOrRefuse(bulk, sentRows(chunk), attempt);
  return found.map(({ index, why }) => ({ index: indexes[index] ?? index, why }));
}

function sentView(chunk: Chunk): RowView {
  return viewOfSome(viewOfBatches(chunk.batches), sentIndexes(chunk));
}

function sentRows(chunk: Chunk): readonly DataRecord[] {
  const rows = rowsOf(chunk);
  return sentIndexes(chunk).flatMap((index) => (rows[index] ? [rows[index]] : []));
}
