import type { Batch, Cell, Column, DataRecord, PackedRows } from "../../../model/batch.js";

/** Rows that are looked at one by one, without decoding those nobody asks for. */
export interface RowView {
  readonly count: number;
  cell(row: number, column: number): Cell;
  row(row: number): DataRecord;
}

/** A view of decoded rows. */
export function viewOfRows(rows: readonly DataRecord[]): RowView {
  return {
    count: rows.length,
    cell: (row, column) => rows[row]?.[column] ?? null,
    row: (row) => rows[row] ?? [],
  };
}

/** A view of the rows of several batches, one after the other. */
export function viewOfBatches(batches: readonly Batch[]): RowView {
  const views = batches.map((batch) =>
    batch.packed ? viewOfPacked(batch.packed, batch.columns) : viewOfRows(batch.rows),
  );
  const starts: number[] = [];
  let count = 0;
  for (const view of views) {
    starts.push(count);
    count += view.count;
  }
  const place = (row: number): [RowView, number] => {
    let at = 0;
    while (at + 1 < starts.length && (starts[at + 1] ?? 0) <= row) at++;
    return [views[at] ?? viewOfRows([]), row - (starts[at] ?? 0)];
  };
  return {
    count,
    cell(row, column) {
      const [view, at] = place(row);
      return view.cell(at, column);
    },
    row(row) {
      const [view, at] = place(row);
      return view.row(at);
    },
  };
}

/** A view of some rows of another view. */
export function viewOfSome(all: RowView, indexes: readonly number[]): RowView {
  const of = (row: number) => indexes[row] ?? -1;
  return { count: indexes.length, cell: (row, column) => all.cell(of(row), column), row: (row) => all.row(of(row)) };
}

/** A view of packed rows. */
export function viewOfPacked({ data, lengths }: PackedRows, columns: readonly Column[]): RowView {
  const width = columns.length;
  const count = width === 0 ? 0 : lengths.length / width;
  const starts = new Float64Array(count);
  let at = 0;
  for (let row = 0, i = 0; row < count; row++) {
    starts[row] = at;
    for (const end = i + width; i < end; i++) at += Math.max(lengths[i] ?? 0, 0);
  }
  const cell = (row: number, column: number): Cell => {
    const length = lengths[row * width + column] ?? -1;
    if (length < 0) return null;
    let from = starts[row] ?? 0;
    for (let c = 0; c < column; c++) from += Math.max(lengths[row * width + c] ?? 0, 0);
    const bytes = data.subarray(from, from + length);
    return columns[column]?.type === "bytes" ? bytes : bytes.toString("utf8");
  };
  return { count, cell, row: (row) => columns.map((_, column) => cell(row, column)) };
}
