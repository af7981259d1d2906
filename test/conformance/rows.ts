import type { Cell } from "../../shared/model/batch.js";
import { type ConformanceCase, type TestRow, testColumns } from "./fixture.js";

const allBytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));

/** Records that each carry one difficult value, by the case they stand for. */
export const valueMatrix: Readonly<Partial<Record<ConformanceCase, readonly TestRow[]>>> = {
  largestLong: [
    ["9223372036854775807", "largest", "0", null, null],
    ["-9223372036854775808", "smallest", "0", null, null],
  ],
  decimal38: [
    ["1", "38 digits", "1234567890123456789012345678.0123456789", null, null],
    ["2", "38 digits", "-9999999999999999999999999999.9999999999", null, null],
    ["3", "smallest", "0.0000000001", null, null],
  ],
  emptyString: [
    ["1", "", "1", null, Buffer.alloc(0)],
    ["2", null, null, null, null],
    ["3", "NULL", null, null, Buffer.from("NULL")],
    ["4", "\\N", null, null, Buffer.from("\\N")],
  ],
  bytes: [
    ["1", "all", null, null, allBytes],
    ["2", "not UTF-8", null, null, Buffer.from([0xe4, 0x09, 0x5c, 0xff, 0x0a, 0x00, 0xf0, 0x9f])],
  ],
  emoji: [
    ["1", "🦥 sloth 你好 àéîõü", null, null, null],
    ["2", "tab\there, line\nthere, \r\n, back\\slash, quote ' and \", sub \x1a, comma,", null, null, null],
  ],
  zeroByte: [["1", "nul \0 inside", null, null, null]],
  oldDates: [
    ["1", "old", null, "1000-01-01 00:00:00", null],
    ["2", "far", null, "9999-12-31 23:59:59", null],
    ["3", "leap", null, "2024-02-29 12:30:00", null],
  ],
  microseconds: [["1", "fraction", null, "2024-05-06 01:02:03.000001", null]],
};

/** `count` plain records with keys from `from` on, in steps of `step`. */
export function plainRows(count: number, from = 1, step = 1): TestRow[] {
  return Array.from({ length: count }, (_, i) => {
    const id = from + i * step;
    return [String(id), `name ${id}`, `${id}.5`, "2024-05-06 01:02:03", Buffer.from([id & 255])];
  });
}

/** Records whose keys are crowded at one end, sparse at the other, some negative. */
export function skewedRows(): TestRow[] {
  return [...plainRows(20, -4_000_000, 1_000), ...plainRows(3_000), ...plainRows(3, 2_000_000_000, 2_000_000_000)];
}

/** Records by their key, in a form that compares: bytes as hex, insignificant zeros of fractions cut. */
export function byKey(rows: readonly (readonly Cell[])[]): Record<string, unknown> {
  return Object.fromEntries(rows.map((row) => [row[0], row.map(canonical)]));
}

function canonical(cell: Cell, index: number): unknown {
  if (cell === null || Buffer.isBuffer(cell)) return cell?.toString("hex") ?? null;
  const type = testColumns[index]?.type;
  return (type === "double" || type === "date") && cell.includes(".") ? cell.replace(/\.?0+$/, "") : cell;
}
