import { NATIVE_SLACK, type NativeRows, type PackedRows } from "../../model/batch.js";
import { closeRowSink, openRowSink, type RowSink, reserveRoom } from "../sql/write/row-sink.js";

/** How a cell is written: as it stands; the same, with an empty text for null; bytes as hex digits. */
export type CopyForm = "text" | "number" | "bytes";

/** Writes packed cells as a stream for `COPY … FROM STDIN` in its text format. One buffer, used again and again; no value is made of a cell. */
export interface CopyEncoder {
  /** Adds the rows of a packed batch. */
  add(packed: PackedRows): void;
  /** Adds rows that are in this format already. */
  addNative(rows: NativeRows): void;
  /** What was added since `reset`; valid until then. */
  bytes(): Buffer;
  reset(): void;
  close(): void;
}

const tab = 0x09;
const newline = 0x0a;
const carriageReturn = 0x0d;
const backslash = 0x5c;
/** From this length on a native copy beats the loop. */
const LONG_CELL = 256;
const hexDigits = Buffer.from("0123456789abcdef");
const codes = { text: 0, number: 1, bytes: 2 } as const satisfies Record<CopyForm, number>;

/** Makes an encoder for the columns of a table, in the order of the cells. */
export function copyEncoder(forms: readonly CopyForm[]): CopyEncoder {
  const kinds = Uint8Array.from(forms, (form) => codes[form]);
  const sink = openRowSink();
  return {
    add(packed) {
      // An escape doubles a byte, hex digits do as well and have `\\x` in front.
      reserveRoom(sink, packed.data.length * 2 + packed.lengths.length * 4 + 4);
      encode(sink, packed, kinds);
    },
    addNative(rows) {
      reserveRoom(sink, rows.bytes + NATIVE_SLACK);
      rows.copyInto(sink.buffer, sink.at);
      sink.at += rows.bytes;
    },
    bytes: () => sink.buffer.subarray(0, sink.at),
    reset: () => {
      sink.at = 0;
    },
    close: () => closeRowSink(sink),
  };
}

/** The hot loop: a pass over all bytes of a batch. */
function encode(sink: RowSink, { data, lengths }: PackedRows, kinds: Uint8Array): void {
  const width = kinds.length;
  const out = sink.buffer;
  // Native searches cost less than a look at every byte, and most batches hold nothing to escape.
  const isClean = ![tab, newline, carriageReturn, backslash].some((byte) => data.includes(byte));
  const source = new DataView(data.buffer, data.byteOffset, data.length);
  const target = new DataView(out.buffer, out.byteOffset, out.length);
  const safeEnd = data.length - 3;
  let write = sink.at;
  let read = 0;
  for (let i = 0; i < lengths.length; ) {
    for (let c = 0; c < width; c++, i++) {
      const length = lengths[i] ?? -1;
      const kind = kinds[c] ?? 0;
      if (length < 0 || (length === 0 && kind === codes.number)) {
        out[write++] = backslash;
        out[write++] = 0x4e;
      } else {
        const end = read + length;
        if (kind === codes.bytes) write = writeHex(out, write, data.subarray(read, end));
        else if (!isClean) {
          for (let at = read; at < end; at++) {
            const byte = data[at] ?? 0;
            if (byte === tab || byte === newline || byte === carriageReturn || byte === backslash) {
              out[write++] = backslash;
              out[write++] = escaped(byte);
            } else out[write++] = byte;
          }
        } else if (length > LONG_CELL || end > safeEnd) {
          if (length > 0) out.set(data.subarray(read, end), write);
          write += length;
        } else {
          // Four bytes a step: it may write up to three too many, which the next field overwrites.
          for (let at = read, to = write; at < end; at += 4, to += 4) target.setInt32(to, source.getInt32(at));
          write += length;
        }
        read = end;
      }
      out[write++] = tab;
    }
    out[write - 1] = newline;
  }
  sink.at = write;
}

/** Letters rather than the characters themselves, of which some servers take a raw CR for the end of the line even behind a backslash. */
function escaped(byte: number): number {
  if (byte === tab) return 0x74;
  if (byte === newline) return 0x6e;
  return byte === carriageReturn ? 0x72 : byte;
}

/** `\\x00ff`: the backslash of the bytes' own text is escaped. */
function writeHex(out: Buffer, at: number, cell: Buffer): number {
  let write = at + out.write("\\\\x", at, "latin1");
  if (cell.length > LONG_CELL) return write + out.write(cell.toString("hex"), write, "latin1");
  for (const byte of cell) {
    out[write++] = hexDigits[byte >> 4] ?? 0;
    out[write++] = hexDigits[byte & 15] ?? 0;
  }
  return write;
}
