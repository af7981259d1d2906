import { isUtf8 } from "node:buffer";
import { UserError } from "../../model/errors.js";
import { scanDelimited } from "./delimited.js";
import { scanJsonLines } from "./json-lines.js";
import { hasLoneReturn } from "./quoted.js";
import type { FileScan } from "./scan.js";

/** A record longer than this means a wrong line delimiter or a file that is no text at all. */
export const MAX_RECORD_BYTES = 32 * 1024 * 1024;

/**
 * Reads all complete records of a block into the scan's packer and moves the scan on.
 *
 * With `isLast` no bytes follow: the rest is a record even without a line end.
 *
 * @returns how many bytes were used up; the rest belongs to the front of the next block
 * @throws UserError SOURCE_REFUSED when no record ends within 32 MiB
 */
export function scanBlock(scan: FileScan, block: Buffer, { isLast }: Pick<FileScan, "isLast">): number {
  if (block.length === 0) return 0;
  const complete = isLast ? block.length : block.lastIndexOf(scan.format.terminator) + 1;
  scan.isLast = isLast;
  scan.isClean = isUtf8(block.subarray(0, complete));
  scan.refusesReturns = scan.format.loneReturns === "mistake" && hasLoneReturn(block.subarray(0, complete));
  const used = (scan.format.keysOf === null ? scanDelimited : scanJsonLines)(scan, block);
  if (used === 0 && block.length > MAX_RECORD_BYTES) {
    const message = `${scan.object}: no record ends within 32 MiB after byte ${scan.offset}; check fileFormat, lineDelimiter and compress`;
    throw new UserError("SOURCE_REFUSED", message);
  }
  scan.offset += used;
  return used;
}
