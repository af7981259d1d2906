import { keySpace } from "../service.js";
import { type Variant, variantType } from "./plainbuffer.js";
import { contentOf, integerOf } from "./variant.js";

// Second byte of every key of this service.
const area = { directory: 1, table: 2, row: 3, counter: 4, lastTableId: 5, garbage: 6 } as const;

const marker = { minimum: 0, value: 1, maximum: 255 } as const;
const SIGN_BIT = 1n << 63n;

function keyIn(kind: number, ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([keySpace.tablestore, kind]), ...parts]);
}

function idBytes(tableId: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(tableId);
  return bytes;
}

/** Where the list of an instance's table names is kept. */
export function directoryKey(instance: string): Buffer {
  return keyIn(area.directory, Buffer.from(instance, "utf8"));
}

/** Where a table's description is kept. */
export function otsTableKey(instance: string, table: string): Buffer {
  return keyIn(area.table, Buffer.from(`${instance}\0${table}`, "utf8"));
}

/** Where the number of the newest table is kept. */
export function lastTableIdKey(): Buffer {
  return keyIn(area.lastTableId);
}

/** Where the last value of a table's auto-increment column is kept. */
export function counterKey(tableId: number): Buffer {
  return keyIn(area.counter, idBytes(tableId));
}

/** Present while rows of a dropped table may still be stored. */
export function garbageKey(tableId: number): Buffer {
  return keyIn(area.garbage, idBytes(tableId));
}

/** Bounds of all garbage keys. */
export function garbageRange(): { gte: Buffer; lt: Buffer } {
  return { gte: keyIn(area.garbage), lt: keyIn(area.garbage + 1) };
}

/** The table that a garbage key speaks of. */
export function tableIdOf(garbage: Buffer): number {
  return garbage.readUInt32BE(2);
}

/** Bounds of all rows of a table. */
export function rowsRange(tableId: number): { gte: Buffer; lt: Buffer } {
  return { gte: keyIn(area.row, idBytes(tableId)), lt: keyIn(area.row, idBytes(tableId + 1)) };
}

/**
 * Where a row is kept. Keys compare bytewise as their columns compare: integers by value, strings and blobs by bytes,
 * the minimum below and the maximum above every value.
 *
 * @param values one per key column, in the table's order; no auto-increment placeholders
 */
export function otsRowKey(tableId: number, values: readonly Variant[]): Buffer {
  return keyIn(area.row, idBytes(tableId), ...values.map(sortable));
}

/** The next possible key: nothing sorts between a key and its successor. */
export function successor(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.from([0])]);
}

function sortable(value: Variant): Buffer {
  switch (value[0]) {
    case variantType.minimum:
      return Buffer.from([marker.minimum]);
    case variantType.maximum:
      return Buffer.from([marker.maximum]);
    case variantType.integer:
      return sortableInteger(integerOf(value));
    default:
      return sortableBytes(contentOf(value));
  }
}

function sortableInteger(value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = marker.value;
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value) ^ SIGN_BIT, 1);
  return bytes;
}

/** Zero bytes become 00 FF and 00 00 ends the text, so that a prefix sorts before what extends it. */
function sortableBytes(content: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([marker.value])];
  let from = 0;
  for (let zero = content.indexOf(0); zero !== -1; zero = content.indexOf(0, from)) {
    parts.push(content.subarray(from, zero + 1), Buffer.from([0xff]));
    from = zero + 1;
  }
  parts.push(content.subarray(from), Buffer.from([0, 0]));
  return Buffer.concat(parts);
}
