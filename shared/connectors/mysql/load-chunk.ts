import type { DataRecord, DirtyRecord } from "../../model/batch.js";
import { loadOrRefuse, type RefusedRow } from "../sql/refused-rows.js";
import { type Chunk, rowsOf, sentIndexes } from "./chunk.js";
import { type LoadEncoder, loadEncoder } from "./load-encoder.js";
import type { Refusal } from "./refusal.js";
import { bulkLoader, insertLoader, type LoadSetting, loadEncoded } from "./row-loader.js";
import type { TargetPlan } from "./target-plan.js";

/** Loads chunks into one table, each inside the caller's transaction. */
export interface ChunkLoader {
  /** @returns the rows that were refused, by their index in the chunk; all others are in the transaction */
  load(chunk: Chunk): Promise<RefusedRow<Refusal>[]>;
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
  };
}

async function loadBulk(
  setting: LoadSetting,
  bulk: ReturnType<typeof bulkLoader>,
  chunk: Chunk,
): Promise<RefusedRow<Refusal>[]> {
  const { client } = setting;
  const refused: RefusedRow<Refusal>[] = [];
  const sent = chunk.count - chunk.aside.length;
  if (sent > 0) {
    await client.execute("SAVEPOINT sluice_chunk");
    const attempt = await loadEncoded(setting, chunk.encoder.bytes(), sent, () => sentRows(chunk));
    if (attempt.kind === "refused") await client.execute("ROLLBACK TO SAVEPOINT sluice_chunk");
    if (attempt.kind === "refused" || attempt.refused) {
      const indexes = sentIndexes(chunk);
      for (const { index, why } of await loadOrRefuse(bulk, sentRows(chunk), attempt)) {
        refused.push({ index: indexes[index] ?? index, why });
      }
    }
  }
  const rows = chunk.aside.length > 0 ? rowsOf(chunk) : [];
  for (const index of chunk.aside) {
    const row = rows[index];
    const why = row && (await bulk.loadOne(row));
    if (why) refused.push({ index, why });
  }
  return refused.sort((a, b) => a.index - b.index);
}

function sentRows(chunk: Chunk): readonly DataRecord[] {
  const rows = rowsOf(chunk);
  return sentIndexes(chunk).flatMap((index) => {
    const row = rows[index];
    return row ? [row] : [];
  });
}

/** Refused rows as dirty records; their key is that of the table's first unique key, which the source's key usually is. */
export function dirtyRecords(plan: TargetPlan, chunk: Chunk, refused: readonly RefusedRow<Refusal>[]): DirtyRecord[] {
  if (refused.length === 0) return [];
  const rows = rowsOf(chunk);
  return refused.map(({ index, why }) => {
    const cells = rows[index] ?? [];
    const positions = plan.keys[0]?.positions ?? [];
    const key = positions.map((at) => cells[at]?.toString() ?? "NULL").join(", ");
    return { side: "writer", ...why, ...(positions.length > 0 ? { key } : {}), cells };
  });
}
