import type { Call } from "./call.js";
import type { Reader, Table } from "./catalog.js";
import { rowKey } from "./keys.js";
import { limits } from "./limits.js";
import { type BatchGetRowRequest, encodeMessage, type GetRowRequest, type ReadOptions } from "./messages.js";
import { invalid } from "./ots-error.js";
import type { Variant } from "./plainbuffer.js";
import { withHeader } from "./plainbuffer-encode.js";
import { capacityUnits, checkKey, consumed, parseRow } from "./row-check.js";
import { createView, type RowView } from "./row-view.js";
import { failedRow } from "./write-operations.js";

/** Reads one row; a row that is not there, or does not pass, is an empty one. */
export function getRow(call: Call, request: GetRowRequest): Buffer {
  const table = call.catalog.table(call.store, call.instance, request.tableName);
  const values = checkKey(table, parseRow(request.primaryKey).key, "none");
  const view = createView(request, table);
  const reader = readerFor(call, table, { partition: values[0], transactionId: request.transactionId });
  return encodeMessage("GetRowResponse", readOne(reader, rowKey(table.id, values), { view, nowMs: call.now() }));
}

function readOne(reader: Reader, key: Buffer, how: { view: RowView; nowMs: number }) {
  const bytes = reader.get(key);
  const shown = bytes ? how.view.show(bytes, how.nowMs) : null;
  return { consumed: consumed(capacityUnits(bytes?.length ?? 0), 0), row: withHeader(shown ? [shown] : []) };
}

/** Reads committed rows, or the rows as a transaction has changed them. */
export function readerFor(
  call: Call,
  table: Table,
  from: { partition: Variant | undefined; transactionId: string | undefined },
): Reader {
  if (!from.transactionId) return call.store;
  const place = { instance: call.instance, table, partition: from.partition };
  const { changes } = call.transactions.find(from.transactionId, place);
  return {
    get(key) {
      const change = changes.get(key.toString("latin1"));
      return change ? change.value : call.store.get(key);
    },
  };
}

/** Reads up to 100 rows, each with its own result, in the order of the request. */
export function batchGetRow(call: Call, request: BatchGetRowRequest): Buffer {
  const rows = request.tables.reduce((sum, table) => sum + table.primaryKey.length, 0);
  if (rows === 0) throw invalid("No row is specified in BatchGetRow.");
  if (rows > limits.rowsPerBatchGet) throw invalid(`Rows count exceeds the upper limit: ${limits.rowsPerBatchGet}.`);
  const tables = request.tables.map((wanted) => ({ tableName: wanted.tableName, rows: rowsOf(call, wanted) }));
  return encodeMessage("BatchGetRowResponse", { tables });
}

function rowsOf(call: Call, wanted: ReadOptions & { tableName: string; primaryKey: readonly Buffer[] }) {
  return wanted.primaryKey.map((key) => {
    try {
      const table = call.catalog.table(call.store, call.instance, wanted.tableName);
      const values = checkKey(table, parseRow(key).key, "none");
      const how = { view: createView(wanted, table), nowMs: call.now() };
      return { isOk: true, ...readOne(call.store, rowKey(table.id, values), how) };
    } catch (error) {
      return failedRow(error);
    }
  });
}
