import { randomUUID } from "node:crypto";
import type { Transaction } from "../store/store.js";
import type { Table } from "./catalog.js";
import { otsRowKey } from "./keys.js";
import { limits } from "./limits.js";
import { invalid, OtsError } from "./ots-error.js";
import type { Variant } from "./plainbuffer.js";

/** A change that waits for its transaction to commit; no value = the row is deleted. */
export interface PendingChange {
  readonly key: Buffer;
  readonly value: Buffer | undefined;
}

/** An open local transaction: the lock on one partition, and the changes made under it. Lost when the process ends. */
export interface OpenTransaction {
  readonly id: string;
  readonly instance: string;
  readonly table: Table;
  /** By key, as latin1 text. */
  readonly changes: Map<string, PendingChange>;
}

/** The open transactions of the service. */
export interface OpenTransactions {
  /** @throws OtsError OTSRowOperationConflict when another transaction holds the partition */
  open(instance: string, table: Table, partition: Variant): OpenTransaction;
  /** @throws OtsError OTSSessionNotExist when there is none, or none any more; OTSParameterInvalid for a row outside it */
  find(id: string, place?: { instance: string; table: Table; partition: Variant | undefined }): OpenTransaction;
  /** Ends a transaction: its id is no longer known, its partition free. */
  close(transaction: OpenTransaction): void;
  /** @throws OtsError OTSRowOperationConflict while a transaction holds the partition */
  checkFree(table: Table, partition: Variant): void;
}

/** Makes the book of open transactions; they end by themselves after 60 s. */
export function createTransactions(now: () => number): OpenTransactions {
  const byPartition = new Map<string, { transaction: OpenTransaction; endsMs: number }>();
  const byId = new Map<string, string>();

  function holder(partition: string): OpenTransaction | undefined {
    const entry = byPartition.get(partition);
    if (!entry) return undefined;
    if (now() < entry.endsMs) return entry.transaction;
    byPartition.delete(partition);
    byId.delete(entry.transaction.id);
    return undefined;
  }

  function checkFree(table: Table, partition: Variant): void {
    if (byPartition.size > 0 && holder(partitionOf(table, partition))) {
      throw new OtsError("OTSRowOperationConflict", "Data is being modified by the other request.");
    }
  }

  return {
    checkFree,
    open(instance, table, partition) {
      checkFree(table, partition);
      const transaction = { id: randomUUID(), instance, table, changes: new Map() };
      const place = partitionOf(table, partition);
      byPartition.set(place, { transaction, endsMs: now() + limits.transactionMs });
      byId.set(transaction.id, place);
      return transaction;
    },
    find(id, place) {
      const held = byId.get(id);
      const transaction = held === undefined ? undefined : holder(held);
      if (!transaction) throw new OtsError("OTSSessionNotExist", "The transaction does not exist or has ended.");
      if (place) checkPlace(transaction, held ?? "", place);
      return transaction;
    },
    close(transaction) {
      const held = byId.get(transaction.id);
      byId.delete(transaction.id);
      if (held !== undefined) byPartition.delete(held);
    },
  };
}

function checkPlace(
  transaction: OpenTransaction,
  held: string,
  place: { instance: string; table: Table; partition: Variant | undefined },
): void {
  const isInside =
    transaction.instance === place.instance &&
    place.partition !== undefined &&
    held === partitionOf(place.table, place.partition);
  if (!isInside) throw invalid("The row is outside the partition of its transaction.");
}

function partitionOf(table: Table, partition: Variant): string {
  return otsRowKey(table.id, [partition]).toString("latin1");
}

/**
 * Lets a write happen inside a transaction: it reads what the transaction changed, and changes only that.
 *
 * @throws OtsError OTSOutOfTransactionDataSizeLimit, from `put`, beyond 4 MB of changes
 */
export function overlay(tx: Transaction, transaction: OpenTransaction): Transaction {
  const { changes } = transaction;
  return {
    get(key) {
      const change = changes.get(key.toString("latin1"));
      return change ? change.value : tx.get(key);
    },
    put(key, value) {
      const id = key.toString("latin1");
      let bytes = value.length;
      for (const [other, change] of changes) if (other !== id) bytes += change.value?.length ?? 0;
      if (bytes > limits.transactionBytes) {
        throw new OtsError("OTSOutOfTransactionDataSizeLimit", `A transaction holds ${limits.transactionBytes} bytes.`);
      }
      changes.set(id, { key, value });
    },
    del: (key) => void changes.set(key.toString("latin1"), { key, value: undefined }),
  };
}
