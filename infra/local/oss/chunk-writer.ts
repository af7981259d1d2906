import type { Store, Transaction } from "../store/store.js";
import { chunkKey, looseKey } from "./keys.js";

/** Bytes of a chunk; the last one of a content may be shorter. */
export const CHUNK_BYTES = 256 * 1024;
/** Most chunks per write of the store: each write costs a sync of the disk, so one upload alone writes many at a time. */
const CHUNKS_PER_WRITE = 16;
/** Chunks that all uploads together collect for their next writes; as many again may be on their way to the disk. */
const CHUNKS_COLLECTED = 64;

/** Cuts a stream of bytes into chunks and stores them. */
export interface ChunkWriter {
  /** Resolves as soon as more may come: at most one write is under way while the next one fills. */
  write(piece: Buffer): Promise<void>;
  /** Resolves when all full writes are durable; what is left is for {@link putTail}. */
  finish(): Promise<void>;
  /**
   * Stores what `finish` left, in the transaction that refers to it: a small object costs one sync, not two. Chunks
   * written before are marked as loose until then.
   */
  putTail(tx: Transaction): void;
  /** Bytes taken so far. */
  bytes(): number;
}

/**
 * Begins a new content.
 *
 * @param uploads how many uploads are under way; they share the memory
 */
export function openChunkWriter(store: Store, content: string, uploads: () => number): ChunkWriter {
  let pieces: Buffer[] = [];
  let used = 0;
  let total = 0;
  let chunks: Buffer[] = [];
  let written = 0;
  let underWay: Promise<void> = Promise.resolve();

  function endChunk(): void {
    if (used > 0) chunks.push(Buffer.concat(pieces, used));
    pieces = [];
    used = 0;
  }
  async function flush(): Promise<void> {
    await underWay;
    const group = chunks;
    const first = written;
    chunks = [];
    written += group.length;
    underWay = store.write((tx) => {
      tx.put(looseKey(content), Buffer.alloc(0));
      putChunks(tx, content, { first, chunks: group });
    });
    // The next flush or finish reports a failure; until then it must not count as unhandled.
    underWay.catch(() => undefined);
  }

  return {
    async write(piece) {
      total += piece.length;
      for (let position = 0; position < piece.length; ) {
        const part = piece.subarray(position, position + CHUNK_BYTES - used);
        pieces.push(part);
        used += part.length;
        position += part.length;
        if (used === CHUNK_BYTES) endChunk();
        if (chunks.length > 0 && chunks.length >= Math.min(CHUNKS_PER_WRITE, CHUNKS_COLLECTED / uploads()))
          await flush();
      }
    },
    async finish() {
      endChunk();
      await underWay;
    },
    putTail(tx) {
      if (written > 0) tx.del(looseKey(content));
      putChunks(tx, content, { first: written, chunks });
    },
    bytes: () => total,
  };
}

function putChunks(
  tx: Transaction,
  content: string,
  { first, chunks }: { first: number; chunks: readonly Buffer[] },
): void {
  for (const [index, chunk] of chunks.entries()) tx.put(chunkKey(content, first + index), chunk);
}
