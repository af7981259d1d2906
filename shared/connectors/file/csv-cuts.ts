import type { BodyStart } from "./body-start.js";
import { BACKSLASH, MAX_QUOTED_BYTES, type QuotedForm } from "./quoted.js";

/** A place where a record starts, so that reading may begin there. */
export interface Cut {
  /** Offset in the object. */
  readonly offset: number;
  /** 1-based number of the line there; null = unknown. */
  readonly line: number | null;
}

/** What a look through a whole CSV file found. */
export interface CsvCuts {
  /** Ascending; the start of the object is not among them. */
  readonly cuts: readonly Cut[];
  /** Lines of the whole object; null when the look ended early. */
  readonly lines: number | null;
  /** Where a quote opened that did not close within 16 MiB: behind it nothing was cut; null = all is well. */
  readonly unclosedAt: number | null;
}

interface CutScan {
  readonly dialect: QuotedForm;
  readonly pieceBytes: number;
  readonly cuts: Cut[];
  /** Offset in the object of the block's first byte. */
  base: number;
  /** Where records begin: behind a byte order mark and a header. */
  readonly bodyAt: number;
  isInside: boolean;
  /** The block ended with a quote inside a cell: the next byte tells whether it closed it. */
  isUndecided: boolean;
  /** The byte before was a backslash that escapes the next one. */
  isEscaped: boolean;
  openedAt: number;
  /** Number of the current line. */
  line: number;
  /** The last byte of the block before. */
  previous: number;
  /** The next cut stands here or later. */
  wanted: number;
}

/**
 * Looks through a CSV file for record starts near every multiple of `pieceBytes`. Knows where it stands by following
 * quotes from the first byte, by the same rules as reading does, so a line end inside a quoted cell is never a cut.
 *
 * @param source all bytes of the object, in order, from `from.body` on
 * @param from.dialect its delimiter must be one byte: only then is "behind a delimiter" the same as "at the start of a cell"
 * @see docs/decisions/0003-csv-in-file-splits.md
 */
export async function csvCuts(
  source: AsyncIterable<Buffer>,
  from: { dialect: QuotedForm; pieceBytes: number; body: BodyStart },
): Promise<CsvCuts> {
  const { dialect, pieceBytes, body } = from;
  const start = {
    base: body.offset,
    bodyAt: body.offset,
    isInside: false,
    isUndecided: false,
    isEscaped: false,
    openedAt: -1,
  };
  const scan: CutScan = { dialect, pieceBytes, cuts: [], ...start, line: body.line, previous: -1, wanted: pieceBytes };
  for await (const block of source) {
    if (!lookThrough(scan, block)) return { cuts: scan.cuts, lines: null, unclosedAt: scan.openedAt };
    scan.base += block.length;
    scan.previous = block[block.length - 1] ?? scan.previous;
  }
  if (scan.isInside && !scan.isUndecided) return { cuts: scan.cuts, lines: null, unclosedAt: scan.openedAt };
  const lines = scan.previous === dialect.terminator ? scan.line - 1 : scan.line;
  return { cuts: scan.cuts.filter((cut) => cut.offset < scan.base), lines, unclosedAt: null };
}

/** False when a quoted cell grew too long. */
function lookThrough(scan: CutScan, block: Buffer): boolean {
  let i = 0;
  if (scan.isUndecided && block.length > 0) {
    if (block[0] === scan.dialect.quote) i = 1;
    else scan.isInside = false;
    scan.isUndecided = false;
  }
  while (i < block.length) {
    if (scan.isInside) i = throughQuoted(scan, block, i);
    else i = throughPlain(scan, block, i);
    if (i < 0) return false;
  }
  return true;
}

/** Up to the next quote that opens a cell; line ends on the way are record ends. */
function throughPlain(scan: CutScan, block: Buffer, from: number): number {
  const { quote, terminator } = scan.dialect;
  // Both are smaller than letters and digits: one comparison settles most bytes.
  const largest = Math.max(quote, terminator);
  const stop = block.length;
  let { line } = scan;
  let wanted = scan.wanted - scan.base - 1;
  let i = from;
  for (; i < stop; i++) {
    const byte = block[i] as number; // i < stop
    if (byte > largest) continue;
    if (byte === terminator) {
      line++;
      if (i < wanted) continue;
      takeCut(scan, { offset: scan.base + i + 1, line });
      wanted = scan.wanted - scan.base - 1;
    } else if (byte === quote && opensCell(scan, block, i)) {
      scan.isInside = true;
      scan.openedAt = scan.base + i;
      break;
    }
  }
  scan.line = line;
  return Math.min(i + 1, stop);
}

function takeCut(scan: CutScan, cut: Cut & { readonly line: number }): void {
  scan.cuts.push(cut);
  scan.wanted = (Math.floor(cut.offset / scan.pieceBytes) + 1) * scan.pieceBytes;
}

function opensCell(scan: CutScan, block: Buffer, at: number): boolean {
  if (scan.base + at === scan.bodyAt) return true;
  const before = at > 0 ? block[at - 1] : scan.previous;
  return before === scan.dialect.terminator || before === scan.dialect.delimiter[0];
}

/** Up to the byte behind the closing quote; negative when the cell is too long. */
function throughQuoted(scan: CutScan, block: Buffer, from: number): number {
  const { quote, terminator, backslash } = scan.dialect;
  const largest = Math.max(quote, terminator, backslash ? BACKSLASH : 0);
  const limit = scan.openedAt + MAX_QUOTED_BYTES - scan.base;
  const stop = Math.min(block.length, limit);
  for (let i = from; i < stop; i++) {
    const byte = block[i] as number; // i < stop
    const { isEscaped } = scan;
    scan.isEscaped = false;
    if (byte > largest) continue;
    if (byte === terminator) scan.line++;
    if (backslash) {
      if (!isEscaped && byte === BACKSLASH) scan.isEscaped = true;
      if (isEscaped || byte !== quote) continue;
    } else if (byte !== quote) {
      continue;
    } else if (i + 1 >= block.length) {
      scan.isUndecided = true;
      return block.length;
    } else if (block[i + 1] === quote) {
      i++;
      continue;
    }
    scan.isInside = false;
    return i + 1;
  }
  return stop < block.length ? -1 : block.length;
}
