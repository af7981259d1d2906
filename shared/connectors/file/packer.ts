import { isUtf8 } from "node:buffer";
import {
  type Batch,
  type Cell,
  type Column,
  type ColumnType,
  type DirtyReason,
  type DirtyRecord,
  packedBatch,
} from "../../model/batch.js";
import { type Conversion, type Converted, convertCell } from "../../model/convert.js";
import { counted } from "../../model/counted.js";
import { cutEnd } from "../../model/cut-end.js";
import type { Json } from "../../model/json.js";
import { type CellBounds, ESCAPED, PLAIN } from "./bounds.js";
import { isCanonical } from "./cell-check.js";

/** Where an output column's cells come from. */
export interface OutputColumn {
  readonly column: Column;
  /** Position in the record, or -1 for a constant. */
  readonly index: number;
  /** The constant, already converted; null also when there is none. */
  readonly constant: Buffer | null;
  /**
   * Canonical bytes of this column's type may be kept unasked if they have this length: 0 = any, -1 = none, because the
   * column has a date format that is not the canonical one.
   */
  readonly trustedBytes: number;
  /** Bytes are written as base64; else they are the text's own bytes. */
  readonly isBase64: boolean;
  readonly conversion: Conversion;
}

/** Collects records as packed bytes; see {@link PackedRows} of the model. */
export interface Packer {
  readonly outputs: readonly OutputColumn[];
  readonly columns: readonly Column[];
  readonly nullText: Buffer | null;
  readonly nullString: string | null;
  readonly trim: boolean;
  /** How many outputs take the same cell, at most. */
  readonly copies: number;
  /** Bytes that a record needs beyond its own: constants, and room for conversions. */
  readonly extraBytes: number;
  data: Buffer;
  /** Bytes of `data` in use. */
  at: number;
  lengths: Int32Array;
  /** Entries of `lengths` in use. */
  cells: number;
  /** Start of the record in the making, to which a refusal returns. */
  rowAt: number;
  rowCells: number;
  dirty: DirtyRecord[];
  /** Cells of all in `dirty`. */
  dirtyCells: number;
}

const FIRST_BYTES = 640 * 1024;
const FIRST_CELLS = 64 * 1024;
/** The longest text that a conversion makes of a shorter one: a date with a fraction, a long written out. */
const CONVERTED_BYTES = 64;

/** An empty packer for the given columns. */
export function packer(
  outputs: readonly OutputColumn[],
  { nullText, trim }: { readonly nullText: string | null; readonly trim: boolean },
): Packer {
  return {
    outputs,
    columns: outputs.map(({ column }) => column),
    nullText: nullText === null ? null : Buffer.from(nullText),
    nullString: nullText,
    trim,
    copies: mostCopies(outputs),
    extraBytes: outputs.reduce((sum, { constant }) => sum + (constant?.length ?? 0) + CONVERTED_BYTES, 0),
    ...emptyBuffers(),
  };
}

function mostCopies(outputs: readonly OutputColumn[]): number {
  const uses = new Map<number, number>();
  for (const { index } of outputs) uses.set(index, (uses.get(index) ?? 0) + 1);
  return Math.max(1, ...uses.values());
}

function emptyBuffers() {
  const data = Buffer.allocUnsafeSlow(FIRST_BYTES);
  return {
    data,
    at: 0,
    lengths: new Int32Array(FIRST_CELLS),
    cells: 0,
    rowAt: 0,
    rowCells: 0,
    dirty: [],
    dirtyCells: 0,
  };
}

/** True when there is neither a record nor a dirty one. */
export function isEmpty(packed: Packer): boolean {
  return packed.cells === 0 && packed.dirty.length === 0;
}

/** Hands over what was collected and starts afresh: the batch owns its buffers. */
export function takeBatch(packed: Packer, checkpoint: Json): Batch {
  const { data, at, lengths, cells, columns, dirty } = packed;
  Object.assign(packed, emptyBuffers());
  const rows = { data: data.subarray(0, at), lengths: lengths.subarray(0, cells) };
  return packedBatch(rows, { columns, checkpoint, dirty });
}

/**
 * Adds a record whose cells stand in a block.
 *
 * @returns null, or why the record is dirty; then nothing was added
 */
export function packCells(packed: Packer, bounds: CellBounds): RecordRefusal | null {
  const { outputs } = packed;
  const recordBytes = bounds.count === 0 ? 0 : (bounds.ends[bounds.count - 1] as number) - (bounds.starts[0] as number);
  beginRow(packed, recordBytes);
  for (let c = 0; c < outputs.length; c++) {
    const output = outputs[c] as OutputColumn;
    if (output.index < 0) {
      packConstant(packed, output);
      continue;
    }
    if (output.index >= bounds.count) return refuseRow(packed, missing(output, bounds.count));
    const refusal = packSlice(packed, bounds, output);
    if (refusal) return refuseRow(packed, refusal);
  }
  return null;
}

/**
 * Adds a record of decoded cells, of which `types` says what they are; text by default.
 *
 * @returns null, or why the record is dirty; then nothing was added
 */
export function packTexts(packed: Packer, cells: readonly Cell[], types?: readonly ColumnType[]): RecordRefusal | null {
  let bytes = 0;
  for (const cell of cells) if (cell !== null) bytes += cell.length * 3;
  beginRow(packed, bytes);
  for (const output of packed.outputs) {
    if (output.index < 0) {
      packConstant(packed, output);
      continue;
    }
    const cell = cells[output.index];
    if (cell === undefined) return refuseRow(packed, missing(output, cells.length));
    const type = types?.[output.index] ?? "string";
    const refusal =
      type === "string"
        ? packText(packed, cell, output)
        : packConverted(packed, convertCell(cell, type, output.conversion), output);
    if (refusal) return refuseRow(packed, refusal);
  }
  return null;
}

/** Why a record is dirty. */
export interface RecordRefusal {
  readonly reason: DirtyReason;
  readonly message: string;
  readonly column?: string;
}

function missing({ column, index }: OutputColumn, count: number): RecordRefusal {
  const message = `the record has ${counted(count, "cell")}, column index ${index} is missing`;
  return { reason: "MISSING_COLUMN", message, column: column.name };
}

function beginRow(packed: Packer, recordBytes: number): void {
  packed.rowAt = packed.at;
  packed.rowCells = packed.cells;
  const needed = packed.at + recordBytes * packed.copies + packed.extraBytes;
  if (needed > packed.data.length)
    packed.data = grown(packed.data, packed.at, Math.max(needed, packed.data.length * 2));
  const cells = packed.cells + packed.outputs.length;
  if (cells <= packed.lengths.length) return;
  const longer = new Int32Array(Math.max(packed.lengths.length * 2, cells));
  longer.set(packed.lengths);
  packed.lengths = longer;
}

function grown(data: Buffer, used: number, size: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(size);
  data.copy(larger, 0, 0, used);
  return larger;
}

function refuseRow(packed: Packer, refusal: RecordRefusal): RecordRefusal {
  packed.at = packed.rowAt;
  packed.cells = packed.rowCells;
  return refusal;
}

function packConstant(packed: Packer, { constant }: OutputColumn): void {
  if (constant) packed.at += constant.copy(packed.data, packed.at);
  packed.lengths[packed.cells++] = constant ? constant.length : -1;
}

/** Above this a native copy beats a loop over bytes. */
const NATIVE_COPY_BYTES = 48;

function packSlice(packed: Packer, bounds: CellBounds, output: OutputColumn): RecordRefusal | null {
  const { block } = bounds;
  const form = bounds.forms[output.index];
  let start = bounds.starts[output.index] as number; // the caller checked the index
  let end = bounds.ends[output.index] as number;
  if (packed.trim && form === PLAIN) {
    while (start < end && isBlank(block[start])) start++;
    while (end > start && isBlank(block[end - 1])) end--;
  }
  const { data, at, nullText } = packed;
  let to = at + end - start;
  if (form === ESCAPED) to = copyUnescaped(packed, bounds, output.index);
  else if (end - start > NATIVE_COPY_BYTES) block.copy(data, at, start, end);
  else for (let i = start, o = at; i < end; i++, o++) data[o] = block[i] as number; // within bounds
  if (nullText !== null && to - at === nullText.length && standsAt(data, at, nullText)) return packNull(packed);
  return finishCell(packed, to, output);
}

/** Copies a quoted cell, one quote for two; answers where the copy ends. */
function copyUnescaped({ data, at }: Packer, { block, starts, ends }: CellBounds, cell: number): number {
  const start = starts[cell] as number; // the caller checked the index
  const end = ends[cell] as number;
  const quote = block[start - 1];
  let o = at;
  for (let i = start; i < end; i++) {
    const byte = block[i] as number; // within bounds
    data[o++] = byte;
    if (byte === quote) i++;
  }
  return o;
}

function packText(packed: Packer, cell: Cell, output: OutputColumn): RecordRefusal | null {
  if (cell === null || cell === packed.nullString) return packNull(packed);
  return finishCell(packed, packed.at + packed.data.write(cell as string, packed.at), output); // only text comes in
}

function packConverted(packed: Packer, found: Converted, { column }: OutputColumn): RecordRefusal | null {
  if (!found.ok) return { reason: found.reason, message: found.message, column: column.name };
  if (found.cell === null) return packNull(packed);
  return keepCell(packed, packed.at + packed.data.write(found.cell as string, packed.at)); // only text comes in
}

function packNull(packed: Packer): null {
  packed.lengths[packed.cells++] = -1;
  return null;
}

/** Takes the text between `packed.at` and `end` as the next cell, converted when it is not canonical yet. */
function finishCell(packed: Packer, end: number, output: OutputColumn): RecordRefusal | null {
  const { data, at } = packed;
  const { type } = output.column;
  if (output.isBase64) return finishBase64(packed, end, output);
  if (type === "string" || type === "bytes" || (isTrusted(output, end - at) && isCanonical[type](data, at, end)))
    return keepCell(packed, end);
  const found = convertCell(data.toString("utf8", at, end), "string", output.conversion);
  if (!found.ok) return { reason: found.reason, message: found.message, column: output.column.name };
  return keepCell(packed, at + data.write(found.cell as string, at)); // text converts to text here
}

function isTrusted({ trustedBytes }: OutputColumn, bytes: number): boolean {
  return trustedBytes === 0 || trustedBytes === bytes;
}

function finishBase64(packed: Packer, end: number, { column }: OutputColumn): RecordRefusal | null {
  const text = packed.data.toString("latin1", packed.at, end);
  const bytes = Buffer.from(text, "base64");
  const isWhole = cutEnd(bytes.toString("base64"), /=/) === cutEnd(text, /=/);
  if (!isWhole) return { reason: "CONVERSION", message: `"${text.slice(0, 60)}" is not base64`, column: column.name };
  return keepCell(packed, packed.at + bytes.copy(packed.data, packed.at));
}

function keepCell(packed: Packer, end: number): null {
  packed.lengths[packed.cells++] = end - packed.at;
  packed.at = end;
  return null;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === 9;
}

function standsAt(block: Buffer, start: number, text: Buffer): boolean {
  for (let i = 0; i < text.length; i++) if (block[start + i] !== text[i]) return false;
  return true;
}

/** Text of a record's bytes for a dirty report; bytes that are not UTF-8 come back as bytes. */
export function dirtyCellText(bytes: Buffer): Cell {
  return isUtf8(bytes) ? bytes.toString("utf8") : Buffer.from(bytes);
}
