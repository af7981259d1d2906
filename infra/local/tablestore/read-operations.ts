import type { OtsCall } from "./call.js";
import type { KeyReader, Table } from "./catalog.js";
import { otsRowKey } from "./keys.js";
import { limits } from "./limits.js";
import { type BatchGetRowRequest, encodeMessage, type GetRowRequest, type ReadOptions } from "./messages.js";
import { invalid } from "./ots-error.js";
import type { Variant } from "./plainbuffer.js";
import { withHeader } from "./plainbuffer-encode.js";
import { capacityUnits, checkKey, consumed, parseRow } from "./row-check.js";
import { createView, type StoredRowView } from "./row-view.js";
import { checkTables } from "./write-operations.js";

/** Reads one row; a row that is not there, or does not pass, is an empty one. */
export function getRow(call: OtsCall, request: GetRowRequest): Buffer {
  const table = call.catalog.table(call.store, call.instance, request.tableName);
  const values = checkKey(table, parseRow(request.primaryKey).key, "none");
  const view = createView(request, table);
  const reader = readerFor(call, table, { partition: values[0], transactionId: request.transactionId });
  return encodeMessage("GetRowResponse", readOne(reader, otsRowKey(table.id, values), { view, nowMs: call.now() }));
}

function readOne(reader: KeyReader, key: Buffer, how: { view: StoredRowView; nowMs: number }) {
  const bytes = reader.get(key);
  const visible = bytes ? how.view.show(bytes, how.nowMs) : null;
  return { consumed: consumed(capacityUnits(bytes?.length ?? 0), 0), row: withHeader(visible ? [visible] : []) };
}

/** Reads committed rows, or the rows as a transaction has changed them. */
export function readerFor(
  call: OtsCall,
  table: Table,
  from: { partition: Variant | undefined; transactionId: string | undefined },
): KeyReader {
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

/**
 * Reads up to 100 rows, in the order of the request. Nothing that is stored can make a row fail, and a request that is
 * wrong in any row is refused as a whole.
 *
 * Source: Tablestore API reference, "BatchGetRow".
 */
export function batchGetRow(call: OtsCall, request: BatchGetRowRequest): Buffer {
  const sizes = request.tables.map((table) => ({ name: table.tableName, rows: table.primaryKey.length }));
  checkTables("BatchGetRow", sizes);
  const rows = sizes.reduce((sum, table) => sum + table.rows, 0);
  if (rows > limits.rowsPerBatchGet) throw invalid(`Rows count exceeds the upper limit: ${limits.rowsPerBatchGet}.`);
  const tables = request.tables.map((wanted) => ({ tableName: wanted.tableName, rows: rowsOf(call, wanted) }));
  return encodeMessage("BatchGetRowResponse", { tables });
}

function rowsOf(call: OtsCall, wanted: ReadOptions & { tableName: string; primaryKey: readonly Buffer[] }) {
  const table = call.catalog.table(call.store, call.instance, wanted.tableName);
  const how = { view: createView(wanted, table), nowMs: call.now() };
  return wanted.primaryKey.map((key) => {
    const values = checkKey(table, parseRow(key).key, "none");
    return { isOk: true, ...readOne(call.store, otsRowKey(table.id, values), how) };
  });
}
