import { createHash } from "node:crypto";
import type { DataRecord } from "../../../model/batch.js";
import type { SplitRef } from "../../contract.js";
import type { SqlWriteTypes } from "../types.js";
import { type Breakage, findBreakage } from "./breaking-rows.js";
import type { ChunkLoader } from "./chunk.js";
import { type Chunk, rowsOf } from "./chunk.js";
import type { ChunkDelivery } from "./delivery.js";
import type { RefusedRow } from "./refused-rows.js";
import { rowBytes } from "./row-loader.js";

/** True when an error says that the connection was lost. */
export function isLost<X extends SqlWriteTypes>({ system }: Pick<ChunkDelivery<X>, "system">, error: unknown): boolean {
  return system.errors.toSluiceError(error, "writing").code === "SOURCE_UNREACHABLE";
}

/**
 * Loads a chunk at which the connection was lost, if it is a row's fault: that row is refused, and its neighbours are loaded.
 *
 * @param cause  the loss; thrown again when the connection holds this time, or when earlier chunks went with it
 */
export async function loadBrokenChunk<X extends SqlWriteTypes>(
  session: ChunkDelivery<X>,
  chunk: Chunk,
  cause: unknown,
): Promise<RefusedRow[]> {
  const rows = rowsOf(chunk);
  const breakage = await findBreakage(rows, trials(session)).catch(() => null);
  if (breakage === null || session.isClosed) throw cause;
  if (session.isPending) {
    // Only a new attempt brings them back, and it must know by then.
    remember(
      session.split,
      breakage.breakers.flatMap((index) => (rows[index] ? [rows[index]] : [])),
    );
    throw cause;
  }
  await session.line.renew();
  return loadParts(session, { rows, ...breakage }, messageOf(cause));
}

/** Loads a chunk without the rows that broke the connection in an earlier attempt; null when it has none of them. */
export async function loadWithoutKnown<X extends SqlWriteTypes>(
  session: ChunkDelivery<X>,
  chunk: Chunk,
): Promise<RefusedRow[] | null> {
  const known = remembered.get(nameOf(session.split));
  if (!known) return null;
  const rows = rowsOf(chunk);
  const breakers = rows.flatMap((row, index) => (known.has(fingerprint(row)) ? [index] : []));
  if (breakers.length === 0) return null;
  const ends = [...breakers, rows.length];
  const parts = ends.map((end, at): [number, number] => [at === 0 ? 0 : (ends[at - 1] ?? 0) + 1, end]);
  const some = parts.filter(([from, to]) => from < to);
  return loadParts(session, { rows, parts: some, breakers }, "as in an earlier attempt");
}

/** Tries rows on a new connection whenever the last one broke, and takes back what they did. */
function trials<X extends SqlWriteTypes>({
  system,
  line,
  loader,
}: ChunkDelivery<X>): (rows: readonly DataRecord[]) => Promise<boolean> {
  const { rollback } = system.writing.transactions;
  let isWhole = false;
  return async (rows) => {
    if (!isWhole) await line.renew();
    try {
      await loader.loadRows(rows);
      await line.client.execute(rollback);
      isWhole = true;
    } catch (error) {
      isWhole = !isLost({ system }, error);
      if (isWhole) await line.client.execute(rollback);
    }
    return isWhole;
  };
}

async function loadParts(
  { loader }: { readonly loader: ChunkLoader },
  { rows, parts, breakers }: Breakage & { readonly rows: readonly DataRecord[] },
  why: string,
): Promise<RefusedRow[]> {
  const refused = breakers.map((index): RefusedRow => {
    const bytes = rowBytes(rows[index] ?? []);
    const message = `the connection broke each time this record of ${bytes} bytes was sent: ${why}`;
    return { index, why: { reason: "REFUSED", message } };
  });
  for (const [from, to] of parts) {
    const found = await loader.loadRows(rows.slice(from, to));
    refused.push(...found.map(({ index, why }) => ({ index: index + from, why })));
  }
  return refused.sort((a, b) => a.index - b.index);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** Splits of which rows are remembered, at most; the oldest are forgotten, which costs an attempt. */
const MOST_SPLITS = 100;

/**
 * Rows at which the connection broke inside a transaction that went with it. In this process only: the shard that lost a split is, for the
 * most part, the one that tries it again, and any other finds out for itself.
 */
const remembered = new Map<string, Set<string>>();

function remember(split: SplitRef, rows: readonly DataRecord[]): void {
  const name = nameOf(split);
  const known = remembered.get(name) ?? new Set();
  for (const row of rows) known.add(fingerprint(row));
  remembered.set(name, known);
  for (const oldest of remembered.keys()) {
    if (remembered.size <= MOST_SPLITS) break;
    remembered.delete(oldest);
  }
}

/** Forgets the rows of a split that is through. */
export function forgetBroken(split: SplitRef): void {
  remembered.delete(nameOf(split));
}

function nameOf({ runId, split }: SplitRef): string {
  return `${runId} ${split}`;
}

function fingerprint(row: DataRecord): string {
  const hash = createHash("sha256");
  for (const cell of row) hash.update(cell === null ? "-" : `${cell.length} `).update(cell ?? "");
  return hash.digest("base64");
}
