import type { WireColumn } from "./calls.js";
import { encoded, type WireType, wireTypes } from "./values.js";
import { WireWriter } from "./wire.js";

/** A column of a result. */
export interface ResultColumn {
  readonly name: string;
  readonly type: WireType;
  readonly precision: number;
  /** -127 = none. */
  readonly scale: number;
}

/** An error of the server. */
export interface OracleError {
  readonly number: number;
  readonly message: string;
}

/** How a call ended. */
export interface CallEnd {
  readonly cursor: number;
  readonly rows: number;
  readonly inTransaction: boolean;
  readonly error?: OracleError;
  readonly batchErrors?: readonly (OracleError & { readonly offset: number })[];
}

/** Texts of the tests are short enough for SQL. */
const TEXT_BYTES = 4_000;

/** Describes the columns of a result, in the fields of Oracle 12.1. */
export function writeColumns(answer: WireWriter, columns: readonly ResultColumn[]): void {
  answer.byte(16, 0).number(0, columns.length);
  if (columns.length > 0) answer.byte(0);
  for (const [at, { name, type, precision, scale }] of columns.entries()) {
    const { number, form } = wireTypes[type];
    answer.byte(number, 0, precision & 0xff, scale & 0xff).number(TEXT_BYTES, 0, 0, 0, 0, form === 0 ? 0 : 873);
    answer
      .byte(form)
      .number(TEXT_BYTES)
      .byte(1, 0)
      .twice(name)
      .number(0, 0, at + 1, 0);
  }
  answer.number(0, 0, 0, 0, 0, 0);
}

/** Writes rows; `defines` say as what the client wants them. */
export function writeRows(
  answer: WireWriter,
  rows: readonly (readonly unknown[])[],
  columns: readonly ResultColumn[],
  defines: readonly WireColumn[],
): void {
  if (rows.length === 0) return;
  answer.byte(6, 0).number(0, 0, 0, 0, 0, 0);
  const wanted = columns.map(({ type }, at) => defines[at] ?? { ...wireTypes[type], maxSize: TEXT_BYTES });
  for (const row of rows) {
    answer.byte(7);
    for (const [at, column] of wanted.entries()) writeCell(answer, row[at], column);
  }
}

function writeCell(answer: WireWriter, value: unknown, column: WireColumn): void {
  if (column.number === wireTypes.ROWID.number) {
    writeRowid(answer, value);
    return;
  }
  answer.value(encoded(value, column));
  const isLong = column.number === wireTypes.LONG.number || column.number === wireTypes["LONG RAW"].number;
  // An indicator and a code behind what may be longer than a text of SQL.
  const size = column.form === 2 && !isLong ? column.maxSize / 4 : column.maxSize;
  if (isLong || size > TEXT_BYTES) answer.byte(0).number(0);
}

/** Object, file, block and row; the engine's number is the row's and the block's. */
function writeRowid(answer: WireWriter, value: unknown): void {
  if (value === null) return void answer.byte(0);
  const number = Number(value);
  answer
    .byte(13)
    .number(1, 1)
    .byte(0)
    .number(Math.floor(number / 65_536), number % 65_536);
}

/** Ends a call: its cursor, how many rows there were, and what went wrong. */
export function writeEnd(answer: WireWriter, { cursor, rows, inTransaction, error, batchErrors = [] }: CallEnd): void {
  answer.byte(4).number(inTransaction ? 2 : 0, 0, 0, error?.number ?? 0, 0, 0, cursor, 0);
  answer.byte(0, 0, 0, 0, 0, 0).number(0, 0).byte(0).number(0, 0);
  answer.number(0).byte(0, 0).number(0, 0, 0);
  answer.number(batchErrors.length);
  if (batchErrors.length > 0) answer.byte(0);
  for (const { number } of batchErrors) answer.number(number);
  answer.number(batchErrors.length);
  if (batchErrors.length > 0) answer.byte(0);
  for (const { offset } of batchErrors) answer.number(offset);
  answer.number(batchErrors.length);
  if (batchErrors.length > 0) answer.byte(0);
  for (const { message } of batchErrors) answer.number(message.length).value(message).byte(0, 0);
  answer.number(error?.number ?? 0, rows);
  if (error) answer.value(error.message);
}

/** Nothing more to read: the statement is a query whose rows are all there. */
export const noMoreRows: OracleError = { number: 1403, message: "ORA-01403: no data found\n" };

/** An answer, written by `work`. */
export function answered(work: (answer: WireWriter) => void): Buffer {
  const answer = new WireWriter();
  work(answer);
  return answer.done();
}
