import type { OtsCall } from "./call.js";
import { encodeMessage, type StartLocalTransactionRequest, type TransactionRequest } from "./messages.js";
import { invalid, OtsError } from "./ots-error.js";
import { decodeVariant, HEADER, type Variant } from "./plainbuffer.js";
import { parseRow } from "./row-check.js";
import { keyKinds } from "./table-options.js";

/** Locks the rows under one partition key until commit, abort or 60 s. */
export async function startLocalTransaction(call: OtsCall, request: StartLocalTransactionRequest): Promise<Buffer> {
  const partition = partitionIn(request.key);
  // As a decision, so that writes which arrived earlier are done before the lock is theirs.
  const transaction = await call.store.write((tx) => {
    const table = call.catalog.table(tx, call.instance, request.tableName);
    if (partition[0] !== keyKinds[table.keyColumns[0]?.type ?? 0]) {
      throw new OtsError("OTSInvalidPK", "The type of the partition key differs from the table's.");
    }
    return call.transactions.open(call.instance, table, partition);
  });
  return encodeMessage("StartLocalTransactionResponse", { transactionId: transaction.id });
}

/** The schema asks for a bare value; the Node SDK sends a key row with one column. */
function partitionIn(bytes: Buffer): Variant {
  if (bytes[0] !== HEADER) return decodeVariant(bytes);
  const { key } = parseRow(bytes);
  const [cell] = key;
  if (key.length !== 1 || !cell?.value) throw invalid("A transaction starts with exactly the partition key.");
  return cell.value;
}

/** Makes the changes of a transaction true, all of them in one write. */
export async function commitTransaction(call: OtsCall, request: TransactionRequest): Promise<Buffer> {
  await call.store.write((tx) => {
    const transaction = call.transactions.find(request.transactionId);
    if (call.catalog.find(tx, transaction.instance, transaction.table.name)?.id === transaction.table.id) {
      for (const { key, value } of transaction.changes.values()) value ? tx.put(key, value) : tx.del(key);
    }
    // Later decisions of the same group already see the changes, so the partition is free from here on.
    call.transactions.close(transaction);
  });
  return encodeMessage("CommitTransactionResponse", {});
}

/** Forgets the changes of a transaction. */
export function abortTransaction(call: OtsCall, request: TransactionRequest): Buffer {
  call.transactions.close(call.transactions.find(request.transactionId));
  // The schema's answer is empty; the Node SDK decodes it as the request and insists on the id.
  return encodeMessage("AbortTransactionRequest", { transactionId: request.transactionId });
}

/** The table that a transaction belongs to, for the record of calls; none when it has ended. */
export function tableOfTransaction(call: OtsCall, request: TransactionRequest): string[] {
  try {
    return [call.transactions.find(request.transactionId).table.name];
  } catch {
    return [];
  }
}
