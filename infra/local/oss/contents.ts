import { createHash, randomBytes } from "node:crypto";
import type { Store, Transaction } from "../store/store.js";
import { CHUNK_BYTES, type ChunkWriter, openChunkWriter } from "./chunk-writer.js";
import { createCrc64 } from "./crc64.js";
import { OssError } from "./errors.js";
import { chunkKey, contentKey, looseKey } from "./keys.js";
import type { OssSegment } from "./rows.js";

/** Chunks deleted per write. */
const DROP_STEP = 1024;

/** A request body that was stored, but that nothing refers to yet. */
export interface Received {
  readonly segments: readonly OssSegment[];
  readonly size: number;
  readonly md5: Buffer;
  /** In decimal digits. */
  readonly crc64: string;
}

/** A transaction that also counts who refers to stored bytes. */
export interface ContentTransaction extends Transaction {
  /** One more reference to each segment. */
  claim(segments: readonly OssSegment[]): void;
  /** One reference less; the last one's bytes go once the transaction is durable and nobody reads them any more. */
  release(segments: readonly OssSegment[]): void;
}

/** The bytes of objects and parts, in chunks, shared by reference counts. */
export interface Contents {
  /** Stores a body, then hands it over; when `use` rejects, the bytes are removed again. @throws OssError EntityTooLarge */
  receive<T>(body: AsyncIterable<Buffer>, maxBytes: number, use: (received: Received) => Promise<T>): Promise<T>;
  /** A decision of the store that may claim and release segments. */
  change<T>(decide: (tx: ContentTransaction) => T): Promise<T>;
  /** The bytes `[from, to)` of a list of segments. What is being read stays, even when its object goes. */
  read(segments: readonly OssSegment[], from: number, to: number): AsyncIterable<Buffer>;
  /** Resolves when all bytes that are no longer needed are gone. */
  settled(): Promise<void>;
}

interface ContentRow {
  readonly references: number;
  readonly bytes: number;
}

/** Opens the contents of a store. One per store, since readers are counted in memory. */
export function openContents(store: Store): Contents {
  const dropping = createDropper(store);
  const fresh: Fresh = new Map();
  return {
    async receive(body, maxBytes, use) {
      const content = randomBytes(16).toString("hex");
      const writer = openChunkWriter(store, content, () => fresh.size);
      fresh.set(content, writer);
      try {
        return await use(await writeBody(writer, content, { body, maxBytes }));
      } catch (error) {
        await writer.finish().catch(() => undefined);
        dropping.drop([{ content, bytes: writer.bytes() }]);
        throw error;
      } finally {
        fresh.delete(content);
      }
    },
    async change(decide) {
      const freed: Freed[] = [];
      const result = await store.write((tx) => {
        freed.length = 0;
        return decide({
          ...tx,
          claim: (segments) => void count(tx, segments, { by: 1, fresh }),
          release: (segments) => void freed.push(...count(tx, segments, { by: -1, fresh })),
        });
      });
      dropping.drop(freed);
      return result;
    },
    read: (segments, from, to) => readSegments(store, dropping, slice(segments, from, to)),
    settled: dropping.settled,
  };
}

async function writeBody(
  writer: ChunkWriter,
  content: string,
  { body, maxBytes }: { body: AsyncIterable<Buffer>; maxBytes: number },
): Promise<Received> {
  const hash = createHash("md5");
  const crc = createCrc64();
  for await (const piece of body) {
    if (writer.bytes() + piece.length > maxBytes) {
      throw new OssError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.", {
        details: { MaxSizeAllowed: String(maxBytes) },
      });
    }
    hash.update(piece);
    crc.update(piece);
    await writer.write(piece);
  }
  await writer.finish();
  const size = writer.bytes();
  const segments = size === 0 ? [] : [{ content, offset: 0, length: size }];
  return { segments, size, md5: hash.digest(), crc64: crc.digest() };
}

interface Freed {
  readonly content: string;
  readonly bytes: number;
}

/** Contents whose last chunks wait for the transaction that refers to them. */
type Fresh = Map<string, ChunkWriter>;

/** Changes the reference counts; returns what nobody refers to any more. */
function count(tx: Transaction, segments: readonly OssSegment[], { by, fresh }: { by: 1 | -1; fresh: Fresh }): Freed[] {
  const freed: Freed[] = [];
  for (const { content, length } of segments) {
    const key = contentKey(content);
    const bytes = tx.get(key);
    if (bytes === undefined) fresh.get(content)?.putTail(tx);
    // The first claim comes from whoever received the content: its segment spans all of it.
    const row = bytes ? decodeCount(bytes) : { references: 0, bytes: length };
    const references = row.references + by;
    if (references > 0) {
      tx.put(key, Buffer.from(JSON.stringify({ ...row, references } satisfies ContentRow)));
    } else {
      tx.del(key);
      tx.put(looseKey(content), Buffer.alloc(0));
      freed.push({ content, bytes: row.bytes });
    }
  }
  return freed;
}

function decodeCount(bytes: Buffer): ContentRow {
  // Only `count` writes these rows.
  return JSON.parse(bytes.toString()) as ContentRow;
}

interface Dropper {
  drop(freed: readonly Freed[]): void;
  /** Holds contents until the returned function is called. */
  hold(contents: readonly string[]): () => void;
  settled(): Promise<void>;
}

function createDropper(store: Store): Dropper {
  const held = new Map<string, number>();
  const waiting = new Map<string, Freed>();
  const running = new Set<Promise<void>>();

  function drop(freed: readonly Freed[]): void {
    for (const one of freed) {
      if (held.has(one.content)) waiting.set(one.content, one);
      else start(one);
    }
  }
  function start(one: Freed): void {
    // Losing this race with a closing store is harmless: the sweep at the next start removes what is left.
    const work = deleteChunks(store, one)
      .catch(() => undefined)
      .finally(() => running.delete(work));
    running.add(work);
  }
  function letGo(content: string): void {
    const left = (held.get(content) ?? 1) - 1;
    if (left > 0) return void held.set(content, left);
    held.delete(content);
    const freed = waiting.get(content);
    waiting.delete(content);
    if (freed) start(freed);
  }
  return {
    drop,
    hold(contents) {
      for (const content of contents) held.set(content, (held.get(content) ?? 0) + 1);
      return () => contents.map(letGo);
    },
    settled: async () => void (await Promise.all(running)),
  };
}

async function deleteChunks(store: Store, { content, bytes }: Freed): Promise<void> {
  const chunks = Math.ceil(bytes / CHUNK_BYTES);
  for (let first = 0; first < chunks; first += DROP_STEP) {
    await store.write((tx) => {
      for (let index = first; index < Math.min(chunks, first + DROP_STEP); index += 1) tx.del(chunkKey(content, index));
      if (first + DROP_STEP >= chunks) tx.del(looseKey(content));
    });
  }
}

/** The part `[from, to)` of a list of segments, as segments. */
export function slice(segments: readonly OssSegment[], from: number, to: number): OssSegment[] {
  const parts: OssSegment[] = [];
  let position = 0;
  for (const { content, offset, length } of segments) {
    const start = Math.max(from - position, 0);
    const end = Math.min(to - position, length);
    if (start < end) parts.push({ content, offset: offset + start, length: end - start });
    position += length;
  }
  return parts;
}

/**
 * Holding begins with the first chunk. Between reading the object's row and that moment only microtasks run, and deleting needs at least
 * one turn of the event loop after the row's change, so the chunks are still there.
 */
async function* readSegments(store: Store, dropper: Dropper, segments: readonly OssSegment[]): AsyncGenerator<Buffer> {
  const letGo = dropper.hold(segments.map(({ content }) => content));
  try {
    for (const { content, offset, length } of segments) {
      for (let position = offset; position < offset + length; ) {
        const index = Math.floor(position / CHUNK_BYTES);
        const start = position - index * CHUNK_BYTES;
        const chunk = store.get(chunkKey(content, index))?.subarray(start, start + offset + length - position);
        if (chunk === undefined || chunk.length === 0)
          throw new OssError("InternalError", `Chunk ${index} of ${content} is missing.`);
        yield chunk;
        position += chunk.length;
      }
    }
  } finally {
    letGo();
  }
}
