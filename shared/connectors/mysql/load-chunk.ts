import type { DataRecord, DirtyRecord } from "../../model/batch.js";
import { loadOrRefuse, type RefusedRow } from "../sql/write/refused-rows.js";
import { type Chunk, rowsOf, sentIndexes } from "./chunk.js";
import { type LoadEncoder, loadEncoder } from "./load-encoder.js";
import type { Refusal } from "./refusal.js";
import { dirtyRecord } from "./refused-record.js";
import { bulkLoader, insertLoader, type LoadSetting, loadEncoded } from "./row-loader.js";
import { type RowView, viewOfBatches, viewOfSome } from "./row-view.js";
import type { TargetPlan } from "./target-plan.js";

/** Loads chunks into one table, each inside the caller's transaction. */
export interface ChunkLoader {
  /** @returns the rows that were refused, by their index in the chunk; all others are in the transaction */
  load(chunk: Chunk): Promise<RefusedRow<Refusal>[]>;
  /** The same for rows; what was refused by its index among them. */
  loadRows(rows: readonly DataRecord[]): Promise<RefusedRow<Refusal>[]>;
  /** Loads one row by the strictest statement there is: null when it was taken, else why not. */
  loadOne(row: DataRecord): Promise<Refusal | null>;
}

/** Makes the loader of a session. */
export function chunkLoader(setting: LoadSetting): ChunkLoader {
  const { plan } = setting;
  let spare: LoadEncoder | undefined;
  const bulk = bulkLoader(setting, () => {
    spare ??= loadEncoder(plan, false);
    return spare;
  });
  const single = insertLoader(setting);
  return {
    load: (chunk) => (plan.loadData ? loadBulk(setting, bulk, chunk) : loadOrRefuse(single, rowsOf(chunk))),
    loadRows: (rows) => loadOrRefuse(plan.loadData ? bulk : single, rows),
    loadOne: single.loadOne,
  };
}

async function loadBulk(
  setting: LoadSetting,
  bulk: ReturnType<typeof bulkLoader>,
  chunk: Chunk,
): Promise<RefusedRow<Refusal>[]> {
  const refused: RefusedRow<Refusal>[] = [];
  if (chunk.count > chunk.aside.length) refused.push(...(await loadSent(setting, bulk, chunk)));
  const all = chunk.aside.length > 0 ? viewOfBatches(chunk.batches) : null;
  for (const index of chunk.aside) {
    const why = all && (await bulk.loadOne(all.row(index)));
    if (why) refused.push({ index, why });
  }
  return refused.sort((a, b) => a.index - b.index);
}

/** Loads what the encoder wrote; if the server has something against it, finds out against what. */
async function loadSent(
  setting: LoadSetting,
  bulk: ReturnType<typeof bulkLoader>,
  chunk: Chunk,
): Promise<RefusedRow<Refusal>[]> {
  const { client } = setting;
  await client.execute("SAVEPOINT sluice_chunk");
  const count = chunk.count - chunk.aside.length;
  const attempt = await loadEncoded(setting, chunk.encoder.bytes(), count, () => sentView(chunk));
  if (attempt.kind === "taken" && !attempt.refused) return [];
  if (attempt.kind === "refused") await client.execute("ROLLBACK TO SAVEPOINT sluice_chunk");
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

/** Refused rows as dirty records. */
export function dirtyRecords(plan: TargetPlan, chunk: Chunk, refused: readonly RefusedRow<Refusal>[]): DirtyRecord[] {
  if (refused.length === 0) return [];
  const all = viewOfBatches(chunk.batches);
  return refused.map(({ index, why }) => dirtyRecord(plan, all.row(index), why));
}
