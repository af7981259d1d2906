import type { Column, PackedRows } from "../../model/batch.js";
import type { WriteFormat } from "./write-format.js";

const QUOTE = 34;

/** True when packed cells can be written as they are: UTF-8, and no column whose text differs from its cells. */
export function writesPacked(
  { isDelimited, encoding, dateFormat, delimiter, lineEnd }: WriteFormat,
  columns: readonly Column[],
): boolean {
  if (!isDelimited || encoding !== null || columns.length === 0 || `${delimiter}${lineEnd}`.search(/[^\0-\x7f]/) >= 0)
    return false;
  return !columns.some(({ type }) => type === "bytes" || (type === "date" && dateFormat !== null));
}

interface Output {
  readonly bytes: Buffer;
  at: number;
}

/**
 * The lines of packed records, without a string on the way: the same bytes that the encoder makes of decoded rows.
 *
 * @param width cells of a record
 */
export function packedLines(packed: PackedRows, width: number, format: WriteFormat): Buffer {
  const { lengths } = packed;
  const [delimiter, lineEnd, nullText] = [format.delimiter, format.lineEnd, format.nullText].map((text) =>
    Buffer.from(text),
  ) as [Buffer, Buffer, Buffer];
  // At worst every byte is a quote to be doubled.
  const room = packed.data.length * 2 + lengths.length * (2 + delimiter.length + nullText.length + lineEnd.length);
  const output: Output = { bytes: Buffer.allocUnsafe(room), at: 0 };
  const special = format.quotes ? specialBytes(delimiter, lineEnd) : null;
  let from = 0;
  for (let i = 0; i < lengths.length; ) {
    const lineAt = output.at;
    for (let c = 0; c < width; c++, i++) {
      if (c > 0) append(output, delimiter);
      const length = lengths[i] as number; // i < lengths.length
      if (length < 0) append(output, nullText);
      else appendCell(output, packed.data, { from, to: from + length, special });
      if (length > 0) from += length;
    }
    // Readers take a blank line for no record.
    if (output.at === lineAt && special) output.at += output.bytes.write('""', output.at);
    append(output, lineEnd);
  }
  return output.bytes.subarray(0, output.at);
}

/** Bytes that force a cell into quotes. */
function specialBytes(delimiter: Buffer, lineEnd: Buffer): Uint8Array {
  const special = new Uint8Array(256);
  for (const byte of [QUOTE, 10, 13, delimiter[0] ?? QUOTE, lineEnd[0] ?? QUOTE]) special[byte] = 1;
  return special;
}

function append(output: Output, text: Buffer): void {
  for (let i = 0; i < text.length; i++) output.bytes[output.at++] = text[i] as number; // i < length
}

interface CellSpan {
  readonly from: number;
  readonly to: number;
  /** Null = cells are never quoted. */
  readonly special: Uint8Array | null;
}

function appendCell(output: Output, data: Buffer, { from, to, special }: CellSpan): void {
  const { bytes } = output;
  let o = output.at;
  let isSpecial = special !== null && from < to && (isBlank(data[from]) || isBlank(data[to - 1]));
  for (let i = from; i < to && !isSpecial; i++) {
    const byte = data[i] as number; // within bounds
    if (special !== null && special[byte] === 1) isSpecial = true;
    bytes[o++] = byte;
  }
  output.at = isSpecial ? quoted(bytes, output.at, data.subarray(from, to)) : o;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === 9;
}

function quoted(bytes: Buffer, start: number, cell: Buffer): number {
  let at = start;
  bytes[at++] = QUOTE;
  for (const byte of cell) {
    if (byte === QUOTE) bytes[at++] = QUOTE;
    bytes[at++] = byte;
  }
  bytes[at++] = QUOTE;
  return at;
}
