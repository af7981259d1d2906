import type { PackedRows } from "../../model/batch.js";
import { closeRowSink, openRowSink, type RowSink, reserveRoom } from "../sql/write/row-sink.js";
import type { RowEncoder } from "../sql/write/system.js";
import { type CellGuard, guardOf } from "./suspect-cells.js";
import type { CellForm, MysqlPlan } from "./target-column.js";

const form = { text: 0, number: 1, bool: 2, bit: 3, hex: 4 } as const satisfies Record<CellForm, number>;
const backslash = 0x5c;
const tab = 0x09;
const newline = 0x0a;
/** From this length on a native copy beats the loop. */
const LONG_CELL = 256;
const hexDigits = Buffer.from("0123456789abcdef");

interface Columns {
  readonly count: number;
  readonly forms: Uint8Array;
  readonly refusesNull: Uint8Array;
  readonly fineBytes: Float64Array;
  readonly guards: readonly CellGuard[];
  readonly emptyAsNull: boolean;
  /** Rows of more bytes are left out in any case: the server takes none of them, so their order is no matter. */
  readonly maxRowBytes: number;
}

/** Suspects beyond this share of a batch are no exception any more: the whole batch goes to the server as it is. */
const MOST_SUSPECTS = 1 / 50;

/**
 * Makes the encoder of a LOAD DATA stream: tabs between fields, newlines behind lines, a backslash before bytes that mean something, `\\N`
 * for null. `setAside` false = leave out no row: its order matters.
 */
export function loadEncoder(plan: MysqlPlan, { setAside }: { readonly setAside: boolean }): RowEncoder {
  const columns = columnsOf(plan, { setAside });
  const anyRow = columnsOf(plan, { setAside: false });
  const sink = openRowSink();
  return {
    add(packed) {
      reserveRoom(sink, packed.data.length * 2 + packed.lengths.length * 3 + 4);
      const start = sink.at;
      const suspects = encode(sink, packed, columns);
      const rows = packed.lengths.length / columns.count;
      if (suspects.length <= Math.max(2, rows * MOST_SUSPECTS)) return suspects;
      sink.at = start;
      return encode(sink, packed, anyRow);
    },
    bytes: () => sink.buffer.subarray(0, sink.at),
    reset: () => {
      sink.at = 0;
    },
    close: () => closeRowSink(sink),
  };
}

function columnsOf(plan: MysqlPlan, { setAside }: { readonly setAside: boolean }): Columns {
  const { columns } = plan;
  const guards = columns.map(guardOf);
  // A bit that is no number would silently become zero, so its guard always stands.
  const fine = columns.map((column, at) =>
    setAside || column.form === "bit" ? (guards[at]?.fineBytes ?? 0) : Infinity,
  );
  return {
    count: columns.length,
    forms: Uint8Array.from(columns, (column) => form[column.form]),
    refusesNull: Uint8Array.from(columns, (column) => (setAside && column.refusesNull ? 1 : 0)),
    fineBytes: Float64Array.from(fine),
    guards,
    emptyAsNull: plan.emptyAsNull,
    maxRowBytes: plan.maxStatementBytes,
  };
}

/** The hot loop: a pass over all bytes of a batch. */
function encode(sink: RowSink, { data, lengths }: PackedRows, columns: Columns): number[] {
  const { count, forms, refusesNull, fineBytes, guards, emptyAsNull, maxRowBytes } = columns;
  const out = sink.buffer;
  // Three native searches cost less than a look at every byte, and most batches hold nothing to escape.
  const isClean = data.indexOf(tab) < 0 && data.indexOf(newline) < 0 && data.indexOf(backslash) < 0;
  const source = new DataView(data.buffer, data.byteOffset, data.length);
  const target = new DataView(out.buffer, out.byteOffset, out.length);
  const safeEnd = data.length - 3;
  const suspects: number[] = [];
  let write = sink.at;
  let read = 0;
  for (let i = 0, row = 0; i < lengths.length; row++) {
    const rowStart = write;
    const rowRead = read;
    let isSuspect = false;
    for (let c = 0; c < count; c++, i++) {
      const length = lengths[i] ?? -1;
      const kind = forms[c] ?? 0;
      if (length < 0 || (length === 0 && kind === form.number && emptyAsNull)) {
        if (refusesNull[c] === 1) isSuspect = true;
        out[write++] = backslash;
        out[write++] = 0x4e;
      } else {
        const end = read + length;
        if (length > (fineBytes[c] ?? 0) && !guards[c]?.isFine(data, read, end)) isSuspect = true;
        if (kind >= form.bool) write = writerOf(kind)(out, write, data.subarray(read, end));
        else if (length > LONG_CELL && isClean) {
          out.set(data.subarray(read, end), write);
          write += length;
        } else if (isClean && end <= safeEnd) {
          // Four bytes a step: it may write up to three too many, which the next field overwrites.
          for (let at = read, to = write; at < end; at += 4, to += 4) target.setInt32(to, source.getInt32(at));
          write += length;
        } else {
          for (let at = read; at < end; at++) {
            const byte = data[at] ?? 0;
            if (byte === tab || byte === newline || byte === backslash) out[write++] = backslash;
            out[write++] = byte;
          }
        }
        read = end;
      }
      out[write++] = tab;
    }
    out[write - 1] = newline;
    if (isSuspect || read - rowRead > maxRowBytes) {
      suspects.push(row);
      write = rowStart;
    }
  }
  sink.at = write;
  return suspects;
}

/** Of the forms whose bytes are not those of the cell. */
function writerOf(kind: number): typeof writeHex {
  return kind === form.hex ? writeHex : writeTruth;
}

function writeHex(out: Buffer, at: number, cell: Buffer): number {
  let write = at;
  for (const byte of cell) {
    out[write++] = hexDigits[byte >> 4] ?? 0;
    out[write++] = hexDigits[byte & 15] ?? 0;
  }
  return write;
}

/** A number for `true` and `false`; what else there is stays as it is. */
function writeTruth(out: Buffer, at: number, cell: Buffer): number {
  const letter = (cell[0] ?? 0) | 0x20;
  if (letter !== 0x74 && letter !== 0x66) return at + cell.copy(out, at);
  out[at] = letter === 0x74 ? 0x31 : 0x30;
  return at + 1;
}
