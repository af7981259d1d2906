import type { Batch } from "../../model/batch.js";
import type { Json } from "../../model/json.js";
import { isEmpty, takeBatch } from "./packer.js";
import type { Scan } from "./scan.js";
import { scanBlock } from "./scan-block.js";

/** Bytes read before they are cut into records: they become about one batch. */
const BLOCK_BYTES = 512 * 1024;
/** A batch of many small files is handed on from here. */
const BATCH_BYTES = 256 * 1024;
const MAX_DIRTY = 1000;

/** Where reading a piece of an object begins. */
export interface PieceStart {
  readonly object: string;
  /** Offset in the decoded object. */
  readonly offset: number;
  /** 1-based number of the line there; null = unknown. */
  readonly line: number | null;
}

/**
 * Reads one piece of a file into the scan, and hands on a batch whenever enough has come together. What is left in the
 * packer at the end belongs to the next piece, or is taken by the caller.
 *
 * @param bytes decoded text from `start` to the end of the piece
 * @param checkpoint makes the checkpoint for a position
 */
export async function* readPiece(
  scan: Scan,
  start: PieceStart,
  { bytes, checkpoint }: { bytes: AsyncIterable<Buffer>; checkpoint(offset: number, line: number | null): Json },
): AsyncIterable<Batch> {
  Object.assign(scan, start);
  let waiting: Buffer[] = [];
  let size = 0;
  let wanted = BLOCK_BYTES;
  for await (const chunk of headless(bytes, scan)) {
    waiting.push(chunk);
    size += chunk.length;
    if (size < wanted) continue;
    const block = joined(waiting, size);
    const used = scanBlock(scan, block, false);
    // A record larger than the block: waiting for twice as much keeps the repeated search linear.
    wanted = used === 0 ? size * 2 : BLOCK_BYTES;
    waiting = used < block.length ? [block.subarray(used)] : [];
    size = block.length - used;
    if (isFull(scan)) yield takeBatch(scan.packed, checkpoint(scan.offset, scan.line));
  }
  if (size > 0) scanBlock(scan, joined(waiting, size), true);
  if (isFull(scan)) yield takeBatch(scan.packed, checkpoint(scan.offset, scan.line));
}

/** What is left after the last piece; null = nothing. */
export function lastBatch(scan: Scan, checkpoint: Json): Batch | null {
  return isEmpty(scan.packed) ? null : takeBatch(scan.packed, checkpoint);
}

function isFull({ packed }: Scan): boolean {
  return packed.at >= BATCH_BYTES || packed.dirty.length >= MAX_DIRTY;
}

function joined(chunks: readonly Buffer[], size: number): Buffer {
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
}

/** Drops a byte order mark and, when wanted, the header line; only the start of an object has either. */
async function* headless(bytes: AsyncIterable<Buffer>, scan: Scan): AsyncIterable<Buffer> {
  if (scan.offset > 0) {
    yield* bytes;
    return;
  }
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of bytes) {
    if (head === null) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const text = bodyStart(head, scan, false);
    if (text === null) continue;
    scan.offset = text;
    if (scan.format.skipHeader && scan.line !== null) scan.line++;
    if (head.length > text) yield head.subarray(text);
    head = null;
  }
  if (head === null) return;
  const text = bodyStart(head, scan, true) ?? head.length;
  scan.offset = text;
  if (head.length > text) yield head.subarray(text);
}

/** Where the records begin; null = not in sight yet. */
function bodyStart(head: Buffer, { format }: Scan, isLast: boolean): number | null {
  if (head.length < 3 && !isLast) return null;
  const mark = markLength(head);
  if (!format.skipHeader) return mark;
  const end = head.indexOf(format.terminator, mark);
  if (end < 0) return isLast ? head.length : null;
  return end + format.terminator.length;
}

/** Length of the UTF-8 byte order mark at the start of a file, 0 without one. */
export function markLength(head: Buffer): number {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
}
