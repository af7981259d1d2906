import type { setTimeout as sleep } from "node:timers/promises";
import type { RowInBatch } from "tablestore";
import { allInOrder } from "../../model/all-in-order.js";
import { MAX_CALLS, mayRepeat, type OtsClient, pauseOts } from "./client.js";
import { isOfRows, isPassingOts, OtsFailure, otsFailure } from "./failure.js";
import type { RowChange } from "./row-change.js";
import type { OtsSdkRow } from "./sdk-row.js";

/** Limits of BatchWriteRow: 200 rows and 4 MB, of which some are left for what surrounds the rows. */
const MAX_ROWS = 200;
const MAX_BYTES = 3.5 * 1024 * 1024;

/** Where rows go. */
export interface OtsDestination {
  readonly client: OtsClient;
  readonly table: string;
  readonly toRow: (change: RowChange) => OtsSdkRow;
  readonly signal: AbortSignal;
  /** Bytes of one request, if the user wants fewer than the service takes. */
  readonly maxBytes?: number | undefined;
  /** Waits between tries; tests pass their own. */
  readonly wait?: typeof sleep;
}

/** A row that the server does not take, however often it is asked. */
export interface RefusedChange {
  readonly change: RowChange;
  readonly code: string;
  readonly message: string;
}

/**
 * Writes rows, several batches at a time. Rows of the same key are written in their order; writes are repeated while
 * their failures may pass, which is harmless, since both PutRow and UpdateRow set values.
 *
 * @returns the rows that were refused for good; all others are durable
 * @throws SluiceError when the table or the server is at fault; some rows may be written then, but none is under way
 */
export async function sendRows(to: OtsDestination, changes: readonly RowChange[]): Promise<RefusedChange[]> {
  const refused: RefusedChange[] = [];
  for (const wave of wavesOf(changes)) {
    const batches = batchesOf(wave, Math.min(to.maxBytes ?? MAX_BYTES, MAX_BYTES));
    const lane = async (): Promise<void> => {
      try {
        for (let batch = batches.shift(); batch; batch = batches.shift()) refused.push(...(await sendBatch(to, batch)));
      } catch (error) {
        // The whole fails: what has not begun must not, since the next attempt may overtake it.
        batches.length = 0;
        throw error;
      }
    };
    await allInOrder(Array.from({ length: Math.min(MAX_CALLS, batches.length) }, lane));
  }
  return refused;
}

/** Batches run side by side and a batch has no order inside, so a key may occur only once in all that runs at a time. */
function* wavesOf(changes: readonly RowChange[]): Generator<readonly RowChange[]> {
  let keys = new Set<string>();
  let start = 0;
  for (const [index, { identity }] of changes.entries()) {
    if (keys.has(identity)) {
      yield changes.slice(start, index);
      start = index;
      keys = new Set();
    }
    keys.add(identity);
  }
  if (start < changes.length) yield changes.slice(start);
}

function batchesOf(changes: readonly RowChange[], maxBytes: number): RowChange[][] {
  const batches: RowChange[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const change of changes) {
    const current = batches.at(-1);
    if (current && current.length < MAX_ROWS && bytes + change.bytes <= maxBytes) {
      current.push(change);
      bytes += change.bytes;
    } else {
      batches.push([change]);
      bytes = change.bytes;
    }
  }
  return batches;
}

async function sendBatch(to: OtsDestination, batch: readonly RowChange[]): Promise<RefusedChange[]> {
  const refused: RefusedChange[] = [];
  let waiting = batch;
  for (let tries = 1; ; tries++) {
    const failures = await tryBatch(to, waiting);
    if (failures === "halve") return [...refused, ...(await sendHalves(to, waiting))];
    const passing = failures.filter(({ code }) => isPassingOts(code));
    refused.push(...failures.filter(({ code }) => !isPassingOts(code)));
    const [first] = passing;
    if (!first) return refused;
    if (!mayRepeat(tries)) throw otsFailure(new OtsFailure(first.code, first.message), `table ${to.table}`);
    waiting = passing.map(({ change }) => change);
    await pauseOts(tries, to.signal, to.wait);
  }
}

/** One attempt: the rows that failed. `halve` when one row spoils the whole call and it is unknown which. */
async function tryBatch(to: OtsDestination, batch: readonly RowChange[]): Promise<RefusedChange[] | "halve"> {
  try {
    const tables = [{ tableName: to.table, rows: batch.map(to.toRow) }];
    const answer = await to.client.batchWriteRow({ tables });
    return batch.flatMap((change, index) => refusalOf(change, answer.tables[index], to.table));
  } catch (error) {
    if (!(error instanceof OtsFailure)) throw error;
    const { code, message } = error;
    if (isPassingOts(code)) return batch.map((change) => ({ change, code, message }));
    if (!isOfRows(code)) throw otsFailure(error, `table ${to.table}`);
    return batch.length > 1 ? "halve" : batch.map((change) => ({ change, code, message }));
  }
}

async function sendHalves(to: OtsDestination, batch: readonly RowChange[]): Promise<RefusedChange[]> {
  const middle = batch.length >> 1;
  const first = await sendBatch(to, batch.slice(0, middle));
  return [...first, ...(await sendBatch(to, batch.slice(middle)))];
}

function refusalOf(change: RowChange, answer: RowInBatch | undefined, table: string): RefusedChange[] {
  if (answer?.isOk) return [];
  const code = answer?.errorCode ?? "OTSInternalServerError";
  const message = answer?.errorMessage ?? "the server did not answer for this row";
  if (isPassingOts(code) || isOfRows(code)) return [{ change, code, message }];
  throw otsFailure(new OtsFailure(code, message), `table ${table}`);
}
