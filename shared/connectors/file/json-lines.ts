import { isUtf8 } from "node:buffer";
import type { Cell, ColumnType } from "../../model/batch.js";
import { cellAtKey, cellAtPath, displayedKey, type JsonRecord, parseJsonLine } from "./json-record.js";
import { lineEnd, textEnd } from "./lines.js";
import { packTexts, type RecordRefusal } from "./packer.js";
import { type FileScan, isCrowded, noteBadLine, noteDirty, notText, type Span, widthRefusal } from "./scan.js";

/**
 * Reads the complete JSON lines of a block: one object (cells by path) or one list (cells by index) a line. Stops when
 * a batch is full.
 *
 * @returns how many bytes were used up
 */
export function scanJsonLines(scan: FileScan, block: Buffer): number {
  let at = 0;
  while (at < block.length && !isCrowded(scan)) {
    const found = lineEnd(scan.format, block, at);
    if (found > block.length && !scan.isLast) break;
    const next = Math.min(found, block.length);
    const end = found > block.length ? next : textEnd(scan.format, block, next - 1);
    packLine(scan, block, { start: at, end });
    if (scan.line !== null) scan.line++;
    at = next;
  }
  return at;
}

function packLine(scan: FileScan, block: Buffer, { start, end }: Span): void {
  if (!scan.isClean && !isUtf8(block.subarray(start, end))) {
    noteBadLine(scan, block, { start, end, message: notText(scan.format) });
    return;
  }
  const text = block.toString("utf8", start, end);
  if (text.trim() === "") return;
  const record = parseJsonLine(text);
  const problem = typeof record === "string" ? record : lostByStar(scan, record);
  if (typeof record === "string" || problem !== null) {
    noteBadLine(scan, block, { start, end, message: problem ?? "" });
    return;
  }
  packRecord(scan, record, start);
}

function packRecord(scan: FileScan, record: JsonRecord, start: number): void {
  const types: ColumnType[] = [];
  let refusal: RecordRefusal | null = null;
  const cells = scan.paths.map((path, i): Cell => {
    const found = scan.width === null ? cellAtPath(record, path) : cellAtKey(record, path);
    if ("refused" in found) {
      refusal ??= { reason: "CONVERSION", message: found.refused, column: path };
      return null;
    }
    types[i] = found.type;
    return found.cell;
  });
  refusal ??= packTexts(scan.packed, cells, types);
  if (refusal) noteDirty(scan, refusal, { at: start, cells });
}

/** With `*` the columns are those of the first line: what has no column there would be lost silently. */
function lostByStar(scan: FileScan, { value }: JsonRecord): string | null {
  if (scan.width === null) return null;
  if (scan.width === 0) return "no line has a key, so there is nothing that column * could stand for";
  if (Array.isArray(value)) return widthRefusal(scan, value.length)?.message ?? null;
  const key = Object.keys(value).find((one) => !scan.known.has(one));
  if (key === undefined) return null;
  const known = scan.paths.slice(0, 10).join(", ") + (scan.paths.length > 10 ? ", …" : "");
  return `the key ${displayedKey(key)} is not in the first line, whose keys column * stands for (${known}); list the columns by name`;
}
