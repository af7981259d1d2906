import { type Batch, type DataRecord, heldBytes } from "../../model/batch.js";
import { packRows } from "../sql/pack-rows.js";
import type { LoadEncoder } from "./load-encoder.js";

/** Whole batches that are loaded by one statement. */
export interface Chunk {
  readonly encoder: LoadEncoder;
  readonly batches: readonly Batch[];
  /** Indexes, over all rows of the chunk, of those that the encoder left out. */
  readonly aside: readonly number[];
  readonly count: number;
  /** Bytes to send, or of payload where nothing is encoded. */
  readonly bytes: number;
  /** Bytes of memory that the batches take. */
  readonly held: number;
}

/** An empty chunk that encodes into `encoder`. */
export function emptyChunk(encoder: LoadEncoder): Chunk {
  encoder.reset();
  return { encoder, batches: [], aside: [], count: 0, bytes: 0, held: 0 };
}

/** The chunk with one more batch. `encodes` false = only keep it: the rows go through INSERT statements. */
export function withBatch(chunk: Chunk, batch: Batch, width: number, encodes: boolean): Chunk {
  const aside = encodes && batch.count > 0 ? chunk.encoder.add(batch.packed ?? packRows(batch.rows, width)) : [];
  return {
    encoder: chunk.encoder,
    batches: [...chunk.batches, batch],
    aside: aside.length === 0 ? chunk.aside : [...chunk.aside, ...aside.map((row) => chunk.count + row)],
    count: chunk.count + batch.count,
    bytes: encodes ? chunk.encoder.bytes().length : chunk.bytes + batch.bytes,
    held: chunk.held + heldBytes(batch),
  };
}

/** All rows of the chunk, in order. */
export function rowsOf(chunk: Chunk): readonly DataRecord[] {
  return chunk.batches.flatMap((batch) => batch.rows);
}

/** Indexes of the rows that the encoder did not leave out: position in the stream → index over all rows. */
export function sentIndexes(chunk: Chunk): number[] {
  const aside = new Set(chunk.aside);
  return Array.from({ length: chunk.count }, (_, index) => index).filter((index) => !aside.has(index));
}
