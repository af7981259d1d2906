import type { Transaction } from "../store/store.js";
import type { OtsCall } from "./call.js";
import type { Table } from "./catalog.js";
import { type FilterView, parseColumnCondition } from "./filter.js";
import { counterKey, otsRowKey } from "./keys.js";
import type { Condition, ReturnContent } from "./messages.js";
import { invalid, OtsError } from "./ots-error.js";
import { type PlainCell, type PlainRow, type Variant, variantType } from "./plainbuffer.js";
import { encodePlainRow } from "./plainbuffer-encode.js";
import { capacityUnits, checkAttributes, checkKey, keyCells, parseRow } from "./row-check.js";
import { BadIncrement, decodeLive, encodeStored, putRow, type StoredRow, updateRow } from "./stored-row.js";
import { overlay } from "./transactions.js";
import { integer, integerOf } from "./variant.js";

/** One row to write, from a single-row call or a batch. */
export interface RowWrite {
  readonly kind: "put" | "update" | "delete";
  readonly tableName: string;
  /** The change in PlainBuffer form. */
  readonly change: Buffer;
  readonly condition: Condition;
  readonly returnContent?: ReturnContent | undefined;
  readonly transactionId?: string | undefined;
}

/** What became of a row that was written. */
export interface RowWritten {
  /** In PlainBuffer form; absent when the request asked for nothing back. */
  readonly row?: Buffer;
  readonly read: number;
  readonly write: number;
}

const existence = { ignore: 0, mustExist: 1, mustNotExist: 2 } as const;
const known = new Set<number>(Object.values(existence));
const returnType = { key: 1, afterModify: 2 } as const;

/** A write whose request is in order: what becomes of it depends only on what is stored. */
export interface PreparedWrite {
  readonly write: RowWrite;
  readonly table: Table;
  readonly sent: PlainRow;
  /** The key, in the table's order; a value may be left to the server. */
  readonly values: readonly Variant[];
  /** The column condition; null = none. */
  readonly matches: ((row: FilterView) => boolean) | null;
}

/**
 * Checks everything about a write that can be told from the request and its table: the service refuses a whole batch
 * for one row that fails here.
 *
 * @throws OtsError OTSObjectNotExist, OTSParameterInvalid, OTSInvalidPK and the limits' codes
 */
export function prepareWrite(call: OtsCall, tx: Transaction, write: RowWrite): PreparedWrite {
  const table = call.catalog.table(tx, call.instance, write.tableName);
  const sent = parseRow(write.change);
  const values = checkKey(table, sent.key, write.kind === "delete" ? "none" : "autoIncrement");
  checkChange(table, sent, { write, nowMs: call.now() });
  const { rowExistence, columnCondition } = write.condition;
  if (!known.has(rowExistence)) throw invalid(`Unknown row existence expectation ${rowExistence}.`);
  if (countedColumn(values) !== -1 && write.transactionId) {
    throw invalid("A transaction cannot assign auto-increment keys.");
  }
  return {
    write,
    table,
    sent,
    values,
    matches: columnCondition?.length ? parseColumnCondition(columnCondition) : null,
  };
}

/**
 * Decides one row and changes it, or throws before anything is changed: so rows of a batch stay independent.
 *
 * @throws OtsError OTSConditionCheckFail, OTSRowOperationConflict, OTSSessionNotExist, OTSParameterInvalid
 */
export function applyWrite(call: OtsCall, tx: Transaction, prepared: PreparedWrite): RowWritten {
  const { write, table, sent, values } = prepared;
  const space = spaceFor(call, tx, { table, partition: values[0], transactionId: write.transactionId });
  const counted = countedColumn(values);
  const before = counted === -1 ? liveRow(space, otsRowKey(table.id, values), { table, nowMs: call.now() }) : undefined;
  checkCondition(prepared, before);
  const key = counted === -1 ? values : values.with(counted, nextCount(space, table, call.now()));
  const after = rowAfter(write.kind, { ...sent, key: keyCells(table, key) }, { before, table, nowMs: call.now() });
  if (after) space.put(otsRowKey(table.id, key), encodeStored(after));
  else if (before) space.del(otsRowKey(table.id, key));
  const row = returned(write.returnContent, keyCells(table, key), after);
  const reads = write.condition.rowExistence !== existence.ignore || write.condition.columnCondition?.length;
  return { ...(row ? { row } : {}), read: reads ? 1 : 0, write: capacityUnits(write.change.length) };
}

/** Where in a key the value stands that the server is to assign; -1 = nowhere. */
export function countedColumn(values: readonly Variant[]): number {
  return values.findIndex((value) => value[0] === variantType.autoIncrement);
}

function checkChange(table: Table, sent: PlainRow, { write, nowMs }: { write: RowWrite; nowMs: number }): void {
  if (write.kind === "delete") {
    if (!sent.deleted || sent.attributes.length > 0)
      throw invalid("A DeleteRow carries the key and the delete marker.");
    return;
  }
  const isUpdate = write.kind === "update";
  if (sent.deleted) throw invalid("The delete marker belongs to DeleteRow.");
  if (isUpdate && !table.allowUpdate) throw invalid("The table does not allow updates.");
  if (isUpdate && sent.attributes.length === 0) throw invalid("An update needs at least one attribute column.");
  checkAttributes(table, sent, { bytes: write.change.length, update: isUpdate, nowMs });
}

/** Where the row's reads and writes go: straight to the store, or into the transaction that holds its partition. */
function spaceFor(
  call: OtsCall,
  tx: Transaction,
  place: { table: Table; partition: Variant | undefined; transactionId: string | undefined },
): Transaction {
  const { table, partition, transactionId } = place;
  if (transactionId) return overlay(tx, call.transactions.find(transactionId, { ...place, instance: call.instance }));
  if (partition) call.transactions.checkFree(table, partition);
  return tx;
}

function liveRow(
  space: Transaction,
  key: Buffer,
  { table, nowMs }: { table: Table; nowMs: number },
): StoredRow | undefined {
  const bytes = space.get(key);
  return bytes ? decodeLive(bytes, table, nowMs) : undefined;
}

/** Without a row, and none demanded, a column condition sees an empty row: "pass if missing" decides. */
function checkCondition({ write, matches }: PreparedWrite, before: StoredRow | undefined): void {
  const { rowExistence } = write.condition;
  const asExpected =
    rowExistence === existence.ignore || (rowExistence === existence.mustExist) === (before !== undefined);
  if (!asExpected || (matches && !matches(before ?? { key: [], attributes: [] }))) {
    throw new OtsError("OTSConditionCheckFail", "Condition check failed.");
  }
}

/** Values grow, but not by one: like the service's they follow the clock (here in microseconds). */
function nextCount(space: Transaction, table: Table, nowMs: number): Variant {
  const last = space.get(counterKey(table.id));
  const clock = BigInt(Math.floor(nowMs)) * 1000n;
  const next = last && integerOf(last) >= clock ? integerOf(last) + 1n : clock;
  const value = integer(next);
  space.put(counterKey(table.id), value);
  return value;
}

function rowAfter(
  kind: RowWrite["kind"],
  change: PlainRow,
  at: { before: StoredRow | undefined; table: Table; nowMs: number },
): StoredRow | undefined {
  if (kind === "delete") return undefined;
  if (kind === "put") return putRow(change, at.table, at.nowMs);
  try {
    return updateRow(at.before, change, { table: at.table, nowMs: at.nowMs });
  } catch (cause) {
    if (cause instanceof BadIncrement) throw invalid(cause.message);
    throw cause;
  }
}

function returned(
  content: ReturnContent | undefined,
  key: readonly PlainCell[],
  after: StoredRow | undefined,
): Buffer | undefined {
  if (content?.returnType === returnType.key) return encodePlainRow({ key, attributes: [], deleted: false });
  if (content?.returnType !== returnType.afterModify || !after) return undefined;
  const attributes = content.returnColumnNames.flatMap(
    (name) => after.attributes.find((cell) => cell.name === name) ?? [],
  );
  return attributes.length > 0 ? encodePlainRow({ key: [], attributes, deleted: false }) : undefined;
}
