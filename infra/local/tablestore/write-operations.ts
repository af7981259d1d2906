import type { Transaction } from "../store/store.js";
import type { OtsCall } from "./call.js";
import { otsRowKey } from "./keys.js";
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
import {
  applyWrite,
  countedColumn,
  type PreparedWrite,
  prepareWrite,
  type RowWrite,
  type RowWritten,
} from "./writes.js";

const kinds: Readonly<Record<number, RowWrite["kind"]>> = { 1: "put", 2: "update", 3: "delete" };

/** Puts a row in place of whatever is there. */
export function putRowOperation(call: OtsCall, request: PutRowRequest): Promise<Buffer> {
  return single(call, { ...request, kind: "put", change: request.row }, "PutRowResponse");
}

/** Changes some columns of a row. */
export function updateRowOperation(call: OtsCall, request: UpdateRowRequest): Promise<Buffer> {
  return single(call, { ...request, kind: "update", change: request.rowChange }, "UpdateRowResponse");
}

/** Removes a row. */
export function deleteRowOperation(call: OtsCall, request: DeleteRowRequest): Promise<Buffer> {
  return single(call, { ...request, kind: "delete", change: request.primaryKey }, "DeleteRowResponse");
}

async function single(call: OtsCall, write: RowWrite, response: string): Promise<Buffer> {
  const done = await call.store.write((tx) => applyWrite(call, tx, prepareWrite(call, tx, write)));
  return encodeMessage(response, answer(done));
}

function answer(done: RowWritten) {
  return { consumed: consumed(done.read, done.write), ...(done.row ? { row: done.row } : {}) };
}

/**
 * Writes up to 200 rows. A request that is wrong in any row is refused as a whole; beyond that each row stands for
 * itself, and one whose condition fails does not hold up the others.
 *
 * Source: Tablestore API reference, "BatchWriteRow".
 */
export async function batchWriteRow(call: OtsCall, request: BatchWriteRowRequest): Promise<Buffer> {
  checkBatch(request);
  const { transactionId } = request;
  const tables = await call.store.write((tx) => {
    const prepared = request.tables.map(({ tableName, rows }) => {
      const writes = rows.map((row) => prepareWrite(call, tx, rowWrite({ ...row, tableName, transactionId })));
      checkDistinct(writes);
      return { tableName, writes };
    });
    return prepared.map(({ tableName, writes }) => ({ tableName, rows: writes.map((one) => writeOne(call, tx, one)) }));
  });
  return encodeMessage("BatchWriteRowResponse", { tables });
}

function checkBatch(request: BatchWriteRowRequest): void {
  const rows = request.tables.flatMap((table) => table.rows);
  checkTables(
    "BatchWriteRow",
    request.tables.map((table) => ({ name: table.tableName, rows: table.rows.length })),
  );
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

/**
 * Checks the tables that a batch names.
 *
 * @throws OtsError OTSParameterInvalid when there is none, one without rows, or one twice
 */
export function checkTables(operation: string, tables: readonly { name: string; rows: number }[]): void {
  if (tables.length === 0) throw invalid(`No row is specified in ${operation}.`);
  for (const { name, rows } of tables) {
    if (rows === 0) throw invalid(`No row is specified in ${operation}: table '${name}'.`);
  }
  const names = new Set(tables.map(({ name }) => name));
  if (names.size < tables.length) throw invalid(`Duplicated table name in ${operation}.`);
}

function rowWrite(row: RowInBatchWrite & Pick<RowWrite, "tableName" | "transactionId">): RowWrite {
  const kind = kinds[row.type];
  if (!kind) throw invalid(`Unknown operation type ${row.type}.`);
  return { ...row, kind, change: row.rowChange };
}

/** One batch may not touch a row twice; rows whose keys the server completes are always new ones. */
function checkDistinct(writes: readonly PreparedWrite[]): void {
  const seen = new Set<string>();
  for (const { table, values } of writes) {
    if (countedColumn(values) !== -1) continue;
    const key = otsRowKey(table.id, values).toString("latin1");
    if (seen.has(key)) throw invalid(`Rows of table '${table.name}' share a primary key in BatchWriteRow.`);
    seen.add(key);
  }
}

function writeOne(call: OtsCall, tx: Transaction, prepared: PreparedWrite) {
  try {
    return { isOk: true, ...answer(applyWrite(call, tx, prepared)) };
  } catch (error) {
    return failedRow(error);
  }
}

/** A row that could not be written; errors that are not the service's own fail the call. */
function failedRow(error: unknown) {
  if (!(error instanceof OtsError)) throw error;
  return { isOk: false, error: { code: error.code, message: error.message } };
}
