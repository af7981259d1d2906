import type { OtsCall } from "./call.js";
import { otsRowKey, successor } from "./keys.js";
import { limits } from "./limits.js";
import { encodeMessage, type GetRangeRequest } from "./messages.js";
import { invalid } from "./ots-error.js";
import { decodeStoredRow, type Variant } from "./plainbuffer.js";
import { encodePlainRow, withHeader } from "./plainbuffer-encode.js";
import { capacityUnits, checkKey, consumed, parseRow } from "./row-check.js";
import { createView, type StoredRowView } from "./row-view.js";
import { plainPart } from "./stored-row.js";
import type { PendingChange } from "./transactions.js";

const FORWARD = 0;
const BACKWARD = 1;

interface Bounds {
  readonly gte: Buffer;
  readonly lt: Buffer;
  readonly reverse: boolean;
}

type Entry = [Buffer, Buffer];

/**
 * Reads rows in the order of their keys: up to `limit`, 5,000 rows or 4 MB, counted before filters. A page may come
 * back empty with a place to go on from.
 */
export async function getRange(call: OtsCall, request: GetRangeRequest): Promise<Buffer> {
  const table = call.catalog.table(call.store, call.instance, request.tableName);
  const start = checkKey(table, parseRow(request.inclusiveStartPrimaryKey).key, "bounds");
  const end = checkKey(table, parseRow(request.exclusiveEndPrimaryKey).key, "bounds");
  const bounds = boundsOf(request.direction, otsRowKey(table.id, start), otsRowKey(table.id, end));
  if (request.limit !== undefined && request.limit < 1) throw invalid(`The limit must be positive: ${request.limit}.`);
  const view = createView(request, table);
  const changes = request.transactionId ? changesIn(call, request.transactionId, { table, start, end }) : [];
  const limit = Math.min(request.limit ?? limits.rowsPerRange, limits.rowsPerRange);
  const stored = call.store.range(bounds);
  const entries = changes.length > 0 ? merged(stored, changes, bounds) : stored;
  const page = await readPage(entries, { view, limit, nowMs: call.now() });
  return encodeMessage("GetRangeResponse", {
    consumed: consumed(capacityUnits(page.bytes), 0),
    rows: withHeader(page.rows),
    ...(page.next ? { nextStartPrimaryKey: page.next } : {}),
  });
}

/** Start is inclusive and end exclusive in both directions, which backwards are the upper and the lower bound. */
function boundsOf(direction: number, start: Buffer, end: Buffer): Bounds {
  const order = Buffer.compare(start, end);
  switch (direction) {
    case FORWARD:
      if (order >= 0) throw invalid("Begin key must be less than end key in FORWARD.");
      return { gte: start, lt: end, reverse: false };
    case BACKWARD:
      if (order <= 0) throw invalid("Begin key must be more than end key in BACKWARD.");
      return { gte: successor(end), lt: successor(start), reverse: true };
    default:
      throw invalid(`Unknown direction ${direction}.`);
  }
}

async function readPage(entries: AsyncIterable<Entry>, how: { view: StoredRowView; limit: number; nowMs: number }) {
  const rows: Buffer[] = [];
  let examined = 0;
  let bytes = 0;
  for await (const [, stored] of entries) {
    const isFull = examined === how.limit || (examined > 0 && bytes + stored.length > limits.rangeBytes);
    if (isFull) return { rows, bytes, next: keyOf(stored) };
    examined += 1;
    bytes += stored.length;
    const row = how.view.show(stored, how.nowMs);
    if (row) rows.push(row);
  }
  return { rows, bytes, next: null };
}

function keyOf(stored: Buffer): Buffer {
  return encodePlainRow({ key: decodeStoredRow(plainPart(stored)).key, attributes: [], deleted: false });
}

function changesIn(
  call: OtsCall,
  id: string,
  range: { table: Parameters<typeof checkKey>[0]; start: readonly Variant[]; end: readonly Variant[] },
): PendingChange[] {
  const { table, start, end } = range;
  const find = (partition: Variant | undefined) =>
    call.transactions.find(id, { instance: call.instance, table, partition });
  find(end[0]);
  return [...find(start[0]).changes.values()];
}

/** Entries of the store with a transaction's changes put in their places. */
async function* merged(
  stored: AsyncIterable<Entry>,
  changes: readonly PendingChange[],
  { gte, lt, reverse }: Bounds,
): AsyncGenerator<Entry> {
  const direction = reverse ? -1 : 1;
  const pending = changes
    .filter(({ key }) => Buffer.compare(key, gte) >= 0 && Buffer.compare(key, lt) < 0)
    .sort((left, right) => direction * Buffer.compare(left.key, right.key));
  for await (const entry of stored) {
    let replaced = false;
    while (pending[0] && direction * Buffer.compare(pending[0].key, entry[0]) <= 0) {
      const { key, value } = pending[0];
      pending.shift();
      replaced = key.equals(entry[0]);
      if (value) yield [key, value];
    }
    if (!replaced) yield entry;
  }
  for (const { key, value } of pending) if (value) yield [key, value];
}
