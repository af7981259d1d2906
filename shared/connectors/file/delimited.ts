import { isUtf8 } from "node:buffer";
import { byteBounds, ESCAPED, IRREGULAR, PLAIN, TOO_WIDE, textBounds } from "./bounds.js";
import { packIrregular, skipWide } from "./irregular.js";
import { lineEnd } from "./lines.js";
import { dirtyCellText, packCells } from "./packer.js";
import { INCOMPLETE, RETURN } from "./quoted.js";
import { type FileScan, isCrowded, LONE_RETURN, noteBadLine, noteDirty, notText, widthRefusal } from "./scan.js";

/**
 * Reads the complete CSV or text records of a block. Well-formed records go from byte to byte; one that is not, or that
 * uses a rarer dialect, is parsed by the CSV library. Stops when a batch is full.
 *
 * @returns how many bytes were used up
 */
export function scanDelimited(scan: FileScan, block: Buffer): number {
  const { comment, delimiter, terminator } = scan.format;
  const findBounds = delimiter.length === 1 && terminator.length === 1 ? byteBounds : textBounds;
  let at = 0;
  while (at < block.length && !isCrowded(scan)) {
    const isComment = block[at] === comment;
    const found = isComment ? lineEnd(scan.format, block, at) : findBounds(scan, block, at);
    if (found > block.length && !scan.isLast) break;
    if (found === IRREGULAR || found === TOO_WIDE) {
      const next = (found === TOO_WIDE ? skipWide : packIrregular)(scan, block, at);
      if (next === INCOMPLETE) break;
      at = next;
      continue;
    }
    if (!isComment && !isSkipped(scan)) packPlain(scan, block, at);
    if (scan.line !== null) scan.line += isComment ? 1 : scan.bounds.innerLines + 1;
    at = Math.min(found, block.length);
  }
  return at;
}

/** A line without a byte, where such lines are no records. */
function isSkipped({ bounds, format }: FileScan): boolean {
  return format.skipEmpty && bounds.count === 1 && bounds.forms[0] === 0 && bounds.starts[0] === bounds.ends[0];
}

function packPlain(scan: FileScan, block: Buffer, at: number): void {
  const { bounds } = scan;
  const end = bounds.ends[bounds.count - 1] as number; // count >= 1
  if (!scan.isClean && !isUtf8(block.subarray(at, end))) {
    noteBadLine(scan, block, { start: at, end, message: notText(scan.format) });
    return;
  }
  if (scan.refusesReturns && holdsBareReturn(bounds, block)) {
    noteBadLine(scan, block, { start: at, end, message: LONE_RETURN });
    return;
  }
  const refusal = widthRefusal(scan, bounds.count) ?? packCells(scan.packed, bounds);
  if (refusal)
    noteDirty(scan, refusal, { at, cells: Array.from({ length: bounds.count }, (_, i) => cellAt(scan, block, i)) });
}

function holdsBareReturn({ starts, ends, forms, count }: FileScan["bounds"], block: Buffer): boolean {
  for (let i = 0; i < count; i++)
    if (forms[i] === PLAIN && block.subarray(starts[i], ends[i]).includes(RETURN)) return true;
  return false;
}

function cellAt({ bounds, format }: FileScan, block: Buffer, cell: number) {
  const text = dirtyCellText(block.subarray(bounds.starts[cell], bounds.ends[cell]));
  if (bounds.forms[cell] !== ESCAPED || typeof text !== "string") return text;
  const quote = String.fromCharCode(format.quote ?? 34);
  return text.replaceAll(quote + quote, quote);
}
