import type { DataRecord, PackedRows } from "../../model/batch.js";

/** Up to this length a loop beats the call into native code. */
const SHORT = 24;

/** Lays the cells of decoded records end to end, as a packed batch has them. */
export function packRows(rows: readonly DataRecord[], width: number): PackedRows {
  const lengths = new Int32Array(rows.length * width);
  let data: Buffer = Buffer.allocUnsafe(1 << 16);
  let at = 0;
  let i = 0;
  for (const row of rows) {
    for (let c = 0; c < width; c++) {
      const cell = row[c] ?? null;
      if (cell === null) {
        lengths[i++] = -1;
        continue;
      }
      const most = typeof cell === "string" ? cell.length * 3 : cell.length;
      if (at + most > data.length) data = grown(data, at, most);
      const length = typeof cell === "string" ? writeText(data, at, cell) : cell.copy(data, at);
      lengths[i++] = length;
      at += length;
    }
  }
  return { data: data.subarray(0, at), lengths };
}

function writeText(data: Buffer, at: number, text: string): number {
  if (text.length > SHORT) return data.write(text, at, "utf8");
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return data.write(text, at, "utf8");
    data[at + i] = code;
  }
  return text.length;
}

function grown(data: Buffer, used: number, more: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.max(used + more, data.length * 2));
  data.copy(larger, 0, 0, used);
  return larger;
}
