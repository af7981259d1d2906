import type { OtsCall } from "./call.js";
import { getRange } from "./get-range.js";
import { decodeMessage, type Requests } from "./messages.js";
import { invalid } from "./ots-error.js";
import { batchGetRow, getRow } from "./read-operations.js";
import { deleteTable, listTable, serveCreateTable, serveDescribeTable, updateTable } from "./tables.js";
import {
  abortTransaction,
  commitTransaction,
  startLocalTransaction,
  tableOfTransaction,
} from "./transaction-operations.js";
import { batchWriteRow, deleteRowOperation, putRowOperation, updateRowOperation } from "./write-operations.js";

/** An operation with its request decoded. */
export interface PreparedOperation {
  /** Tables that the request names. */
  readonly tables: readonly string[];
  /** Does the work; may be called again, as if the request had been delivered again. */
  run(): Buffer | Promise<Buffer>;
}

type Prepare = (call: OtsCall, body: Buffer) => PreparedOperation;

function operation<K extends keyof Requests>(
  message: K,
  tablesOf: (request: Requests[K], call: OtsCall) => readonly string[],
  run: (call: OtsCall, request: Requests[K]) => Buffer | Promise<Buffer>,
): Prepare {
  return (call, body) => {
    const request = decoded(message, body);
    return { tables: tablesOf(request, call), run: () => run(call, request) };
  };
}

function decoded<K extends keyof Requests>(message: K, body: Buffer): Requests[K] {
  try {
    return decodeMessage(message, body);
  } catch {
    throw invalid(`The body is not a valid ${message}.`);
  }
}

const named = (request: { readonly tableName: string }) => [request.tableName];
const allNamed = (request: { readonly tables: readonly { readonly tableName: string }[] }) =>
  request.tables.map((table) => table.tableName);
const ofTransaction = (request: { readonly transactionId: string }, call: OtsCall) => tableOfTransaction(call, request);

const operations: ReadonlyMap<string, Prepare> = new Map([
  ["CreateTable", operation("CreateTableRequest", (request) => [request.tableMeta.tableName], serveCreateTable)],
  ["UpdateTable", operation("UpdateTableRequest", named, updateTable)],
  ["DescribeTable", operation("DescribeTableRequest", named, serveDescribeTable)],
  ["ListTable", operation("ListTableRequest", () => [], listTable)],
  ["DeleteTable", operation("DeleteTableRequest", named, deleteTable)],
  ["GetRow", operation("GetRowRequest", named, getRow)],
  ["PutRow", operation("PutRowRequest", named, putRowOperation)],
  ["UpdateRow", operation("UpdateRowRequest", named, updateRowOperation)],
  ["DeleteRow", operation("DeleteRowRequest", named, deleteRowOperation)],
  ["BatchGetRow", operation("BatchGetRowRequest", allNamed, batchGetRow)],
  ["BatchWriteRow", operation("BatchWriteRowRequest", allNamed, batchWriteRow)],
  ["GetRange", operation("GetRangeRequest", named, getRange)],
  ["StartLocalTransaction", operation("StartLocalTransactionRequest", named, startLocalTransaction)],
  ["CommitTransaction", operation("CommitTransactionRequest", ofTransaction, commitTransaction)],
  ["AbortTransaction", operation("AbortTransactionRequest", ofTransaction, abortTransaction)],
]);

/**
 * Decodes a request.
 *
 * @throws OtsError OTSParameterInvalid for an unknown operation or a body that is not its message
 */
export function prepareOperation(name: string, call: OtsCall, body: Buffer): PreparedOperation {
  const prepare = operations.get(name);
  if (!prepare) throw invalid(`Unsupported operation: '${name}'.`);
  return prepare(call, body);
}
