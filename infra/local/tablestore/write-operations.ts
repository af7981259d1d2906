import type { Transaction } from "../store/store.js";
import type { Call } from "./call.js";
import { limits } from "./limits.js";
import {
  type BatchWriteRowRequest,
  type DeleteRowRequest,
  encodeMessage,
  type PutRowRequest,
  type RowInBatchWrite,
  type UpdateRowRequest,
} from "./messages.js";
import { invalid, OtsError } from "./ots-error.js";
import { consumed } from "./row-check.js";
import { type RowWrite, type RowWritten, writeRow } from "./writes.js";

const kinds: Readonly<Record<number, RowWrite["kind"]>> = { 1: "put", 2: "update", 3: "delete" };

/** Puts a row in place of whatever is there. */
export function putRowOperation(call: Call, request: PutRowRequest): Promise<Buffer> {
  return single(call, { ...request, kind: "put", change: request.row }, "PutRowResponse");
}

/** Changes some columns of a row. */
export function updateRowOperation(call: Call, request: UpdateRowRequest): Promise<Buffer> {
  return single(call, { ...request, kind: "update", change: request.rowChange }, "UpdateRowResponse");
}

/** Removes a row. */
export function deleteRowOperation(call: Call, request: DeleteRowRequest): Promise<Buffer> {
  return single(call, { ...request, kind: "delete", change: request.primaryKey }, "DeleteRowResponse");
}

async function single(call: Call, write: RowWrite, response: string): Promise<Buffer> {
  const done = await call.store.write((tx) => writeRow(call, tx, write));
  return encodeMessage(response, answer(done));
}

function answer(done: RowWritten) {
  return { consumed: consumed(done.read, done.write), ...(done.row ? { row: done.row } : {}) };
}

/** Writes up to 200 rows, each for itself: a row that is refused does not hold up the others. */
export async function batchWriteRow(call: Call, request: BatchWriteRowRequest): Promise<Buffer> {
  checkBatch(request);
  const tables = await call.store.write((tx) =>
    request.tables.map(({ tableName, rows }) => ({
      tableName,
      rows: rows.map((row) => writeOne(call, tx, { ...row, tableName, transactionId: request.transactionId })),
    })),
  );
  return encodeMessage("BatchWriteRowResponse", { tables });
}

function checkBatch(request: BatchWriteRowRequest): void {
  const rows = request.tables.flatMap((table) => table.rows);
  if (rows.length === 0) throw invalid("No row is specified in BatchWriteRow.");
  if (rows.length > limits.rowsPerBatchWrite) {
    throw invalid(`Rows count exceeds the upper limit: ${limits.rowsPerBatchWrite}.`);
  }
  const bytes = rows.reduce((sum, row) => sum + row.rowChange.length, 0);
  if (bytes > limits.batchWriteBytes) {
    throw invalid(
      `The total data size of BatchWriteRow exceeds the limit: ${bytes} of ${limits.batchWriteBytes} bytes.`,
    );
  }
}

type BatchRow = RowInBatchWrite & { readonly tableName: string; readonly transactionId: string | undefined };

function writeOne(call: Call, tx: Transaction, row: BatchRow) {
  try {
    const kind = kinds[row.type];
    if (!kind) throw invalid(`Unknown operation type ${row.type}.`);
    return { isOk: true, ...answer(writeRow(call, tx, { ...row, kind, change: row.rowChange })) };
  } catch (error) {
    return failedRow(error);
  }
}

/** A row of a batch that could not be served; errors that are not the service's own fail the call. */
export function failedRow(error: unknown) {
  if (!(error instanceof OtsError)) throw error;
  return { isOk: false, error: { code: error.code, message: error.message } };
}
