import type { Cell } from "../../model/batch.js";
import { counted } from "../../model/counted.js";
import { type CellBounds, emptyBounds } from "./bounds.js";
import { textEnd } from "./lines.js";
import { dirtyCellText, type OutputColumn, type Packer, packer, type RecordRefusal } from "./packer.js";
import { dialectOf, type QuotedForm } from "./quoted.js";
import type { ReadFormat } from "./read-format.js";

/** A reading in progress: where it stands and what it has collected. */
export interface FileScan {
  readonly format: ReadFormat;
  /** Null when cells are never quoted. */
  readonly dialect: QuotedForm | null;
  readonly packed: Packer;
  readonly bounds: CellBounds;
  /** Cells that every record must have, because the job said `*`; null = as many as the columns ask for. */
  readonly width: number | null;
  /** JSON lines: what to take from each object, by output column. */
  readonly paths: readonly string[];
  /** The same as a set, because with `*` an object may have no other keys. */
  readonly known: ReadonlySet<string>;
  /** Name of the object, for keys of dirty records. */
  object: string;
  /** Offset of the next block's first byte in the decoded object. */
  offset: number;
  /** Line number of that byte, 1-based; null = unknown. */
  line: number | null;
  /** True while the block in hand holds carriage returns without a line feed, which the format does not expect. */
  refusesReturns: boolean;
  /** False while the block in hand holds bytes that are not UTF-8. */
  isClean: boolean;
  /** True while the block in hand is the last: its end ends a record even without a line end. */
  isLast: boolean;
}

/** Begins to read with the given columns. */
export function startScan(
  format: ReadFormat,
  outputs: readonly OutputColumn[],
  { width, paths }: Pick<FileScan, "width" | "paths">,
): FileScan {
  const { quote } = format;
  return {
    format,
    dialect: quote === null ? null : dialectOf({ ...format, quote }),
    packed: packer(outputs, format),
    bounds: emptyBounds(),
    width,
    paths,
    known: new Set(paths),
    object: "",
    offset: 0,
    line: 1,
    refusesReturns: false,
    isClean: true,
    isLast: false,
  };
}

/** The source key of the record at `at` of the block in hand. */
function keyOf(scan: FileScan, at: number): string {
  return scan.line === null ? `${scan.object}@${scan.offset + at}` : `${scan.object}:${scan.line}`;
}

/** Notes a record that could not be read. */
export function noteDirty(
  scan: FileScan,
  refusal: RecordRefusal,
  { at, cells }: { readonly at: number; readonly cells: readonly Cell[] },
): void {
  scan.packed.dirty.push({ side: "reader", ...refusal, key: keyOf(scan, at), cells });
  scan.packed.dirtyCells += cells.length;
}

/** Cells are cheap in a file, where one may be a comma, and not in memory: a batch is full at so many. */
const BATCH_CELLS = 256 * 1024;
const BATCH_DIRTY = 1000;
const BATCH_DIRTY_CELLS = 64 * 1024;

/** True when what was collected takes no more records, however few bytes it has: then a block is read no further. */
export function isCrowded({ packed }: FileScan): boolean {
  return packed.cells >= BATCH_CELLS || packed.dirty.length >= BATCH_DIRTY || packed.dirtyCells >= BATCH_DIRTY_CELLS;
}

/** What is wrong with a line that other programs would take for several. */
export const LONE_RETURN =
  "a carriage return without a line feed outside quotes; set lineDelimiter to \\r if lines end with it, to \\n if it is text";

/** What is wrong with a line whose bytes are no text. */
export function notText({ encoding }: ReadFormat): string {
  return `the line is not valid ${encoding ?? "UTF-8"}; check the parameter encoding`;
}

/** The longest piece of a line that a dirty record shows. */
const DISPLAYED_BYTES = 64 * 1024;

/** From where to where a line or a record goes in the block in hand. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Notes a line that is no record at all, with its raw text as the only cell. */
export function noteBadLine(scan: FileScan, block: Buffer, line: Span & { readonly message: string }): void {
  const { terminator } = scan.format;
  const text = block.subarray(line.start, line.end);
  const isEnded = text.subarray(-terminator.length).equals(terminator);
  const end = isEnded ? textEnd(scan.format, text, text.length - terminator.length) : text.length;
  const raw = text.subarray(0, Math.min(end, DISPLAYED_BYTES));
  noteDirty(scan, { reason: "MALFORMED_LINE", message: line.message }, { at: line.start, cells: [dirtyCellText(raw)] });
}

/** Why a record of so many cells is dirty when the job wants all columns: a cell too many would be lost silently. */
export function widthRefusal({ width }: FileScan, count: number): RecordRefusal | null {
  if (width === null || width === count) return null;
  const message = `the record has ${counted(count, "cell")}, the first record of the file has ${width}`;
  return { reason: count < width ? "MISSING_COLUMN" : "MALFORMED_LINE", message };
}
