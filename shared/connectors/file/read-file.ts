import type { Batch } from "../../model/batch.js";
import { UserError } from "../../model/errors.js";
import type { Json } from "../../model/json.js";
import { type BodyStart, bodyStart } from "./body-start.js";
import { headerMismatch, headerNames } from "./first-record.js";
import { isEmpty, takeBatch } from "./packer.js";
import { type FileScan, isCrowded } from "./scan.js";
import { MAX_RECORD_BYTES, scanBlock } from "./scan-block.js";

/** Bytes read before they are cut into records: they become about one batch. */
const BLOCK_BYTES = 512 * 1024;
/** A batch of many small files is handed on from here. */
const BATCH_BYTES = 256 * 1024;

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
  scan: FileScan,
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
    const used = yield* readBlock(scan, { block, isLast: false, checkpoint });
    // A record larger than the block: waiting for twice as much keeps the repeated search linear.
    wanted = used === 0 ? size * 2 : BLOCK_BYTES;
    waiting = used < block.length ? [block.subarray(used)] : [];
    size = block.length - used;
  }
  if (size > 0) yield* readBlock(scan, { block: joined(waiting, size), isLast: true, checkpoint });
}

interface Block {
  readonly block: Buffer;
  readonly isLast: boolean;
  checkpoint(offset: number, line: number | null): Json;
}

/** Reads a block into as many batches as it takes; answers how many bytes were used up. */
function* readBlock(scan: FileScan, { block, isLast, checkpoint }: Block): Generator<Batch, number> {
  for (let at = 0; ; ) {
    at += scanBlock(scan, block.subarray(at), { isLast });
    const isCut = isCrowded(scan);
    if (isCut || scan.packed.at >= BATCH_BYTES) yield takeBatch(scan.packed, checkpoint(scan.offset, scan.line));
    if (!isCut || at >= block.length) return at;
  }
}

/** What is left after the last piece; null = nothing. */
export function lastBatch(scan: FileScan, checkpoint: Json): Batch | null {
  return isEmpty(scan.packed) ? null : takeBatch(scan.packed, checkpoint);
}

function joined(chunks: readonly Buffer[], size: number): Buffer {
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
}

/** Drops a byte order mark and, when wanted, the header line; only the start of an object has either. */
async function* headless(bytes: AsyncIterable<Buffer>, scan: FileScan): AsyncIterable<Buffer> {
  if (scan.offset > 0) {
    yield* bytes;
    return;
  }
  let waiting: Buffer[] | null = [];
  let size = 0;
  let wanted = 0;
  for await (const chunk of bytes) {
    if (waiting === null) {
      yield chunk;
      continue;
    }
    waiting.push(chunk);
    size += chunk.length;
    if (size < wanted) continue;
    const head = joined(waiting, size);
    if (enterBody(scan, head, { isLast: false })) {
      waiting = null;
      if (size > scan.offset) yield head.subarray(scan.offset);
      continue;
    }
    if (size > MAX_RECORD_BYTES) throw endlessHeader(scan);
    waiting = [head];
    // Looked at again at twice the length only, so that the search stays linear.
    wanted = Math.min(size * 2, MAX_RECORD_BYTES + 1);
  }
  if (waiting === null) return;
  const head = Buffer.concat(waiting);
  enterBody(scan, head, { isLast: true });
  if (head.length > scan.offset) yield head.subarray(scan.offset);
}

function endlessHeader({ object }: FileScan): UserError {
  const message = `${object}: its header does not end within 32 MiB; check skipHeader, lineDelimiter and compress`;
  return new UserError("SOURCE_REFUSED", message);
}

/** Moves the scan behind mark and header; false when their end is not in sight yet. */
function enterBody(scan: FileScan, head: Buffer, { isLast }: Pick<FileScan, "isLast">): boolean {
  const start = bodyStart(head, scan.format, { isLast });
  if (start === null) return false;
  if (!isLast || head.length > start.offset) requireSameHeader(scan, head, start);
  scan.offset = start.offset;
  if (scan.line !== null) scan.line = start.line;
  return true;
}

/** With `*` all files are read by the names of the first: columns in another order would end up in each other's places. */
function requireSameHeader({ format, width, paths, object }: FileScan, head: Buffer, start: BodyStart): void {
  if (!format.skipHeader || format.keysOf !== null || width === null) return;
  const mismatch = headerMismatch(headerNames(head, start, format), paths);
  if (mismatch === null) return;
  throw new UserError("CONFIG_INVALID", `${object}: ${mismatch}; column * reads files of one header only`, {
    path: "column",
    hint: "Read files of different headers by jobs of their own, or list the columns by index.",
  });
}
