import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Batch, DataRecord, DirtyRecord } from "../../model/batch.js";
import { UserError } from "../../model/errors.js";
import { advance, type Progress } from "../../model/progress.js";
import type { SplitRef, WriteReport, WriteSession } from "../contract.js";
import type { Encoder } from "../file/encode.js";
import type { Stage } from "./stage.js";
import { type Staged, stagedJson } from "./staged.js";

const compressed = promisify(gzip);

/** What a session needs beside its split. */
export interface SessionOptions {
  readonly stage: Stage;
  readonly encoder: Encoder;
  readonly gzip: boolean;
  /** The split's token, made of what it staged. */
  tokenOf(staged: Staged): Staged;
}

/** Bytes as they go into the object: a gzip member of their own, since several one after the other are one gzip file. */
export async function packed(bytes: Buffer, isGzip: boolean): Promise<Buffer> {
  return isGzip && bytes.length > 0 ? await compressed(bytes) : bytes;
}

/** Opens a session over a stage. */
export function writeSession(split: SplitRef, { stage, encoder, gzip: isGzip, tokenOf }: SessionOptions): WriteSession {
  let progress = split.progress;
  let isAborted = false;
  const report = async (): Promise<WriteReport> => ({ durable: await stage.news() });
  return {
    async write(batch) {
      if (isAborted) throw new UserError("CANCELLED", "writing was stopped");
      const { pieces, dirty } = linesOf(encoder, batch, stage.pieceBytes());
      const all = [...batch.dirty, ...dirty];
      if (all.length > 0) await split.keepDirty(all, progress);
      progress = advance(progress, batch, dirty.length);
      for (const [i, piece] of pieces.entries()) {
        await stage.put(await packed(piece, isGzip), i === pieces.length - 1 ? progress : null);
      }
      return report();
    },
    async flush() {
      await stage.flush();
      return report();
    },
    async close() {
      const staged = await stage.close();
      const durable: Progress = { ...progress, staged: stagedJson(staged) };
      return { durable, token: stagedJson(tokenOf(staged)) };
    },
    // What is staged belongs to the run: its finish or its discard clears away whatever no token names.
    async abort() {
      isAborted = true;
    },
  };
}

/** The batch's lines, in pieces of about `pieceBytes` when that is positive. At least one piece, so that progress is told. */
function linesOf(encoder: Encoder, batch: Batch, pieceBytes: number): { pieces: Buffer[]; dirty: DirtyRecord[] } {
  const { bytes, dirty } = encoder.linesOfBatch(batch);
  const count = pieceBytes > 0 ? Math.ceil(bytes.length / pieceBytes) : 1;
  if (count <= 1) return { pieces: [bytes], dirty };
  const pieces: Buffer[] = [];
  const size = Math.ceil(batch.rows.length / count);
  for (let at = 0; at < batch.rows.length; at += size) {
    const some: readonly DataRecord[] = batch.rows.slice(at, at + size);
    pieces.push(encoder.lines(some).bytes);
  }
  return { pieces, dirty };
}
