import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { UserError } from "../../model/errors.js";
import { advance, type Progress } from "../../model/progress.js";
import type { SplitRef, WriteReport, WriteSession } from "../contract.js";
import type { Encoder } from "../file/encode.js";
import type { Stage } from "./stage.js";

const compressed = promisify(gzip);

/** What a session needs beside its split. */
export interface SessionOptions {
  readonly stage: Stage;
  readonly encoder: Encoder;
  readonly gzip: boolean;
}

/** Bytes as they go into the object: a gzip member of their own, since several one after the other are one gzip file. */
export async function packed(bytes: Buffer, { gzip: isGzip }: { readonly gzip: boolean }): Promise<Buffer> {
  return isGzip && bytes.length > 0 ? await compressed(bytes) : bytes;
}

/** Opens a session over a stage. */
export function writeSession(split: SplitRef, options: SessionOptions): WriteSession {
  const { stage, encoder } = options;
  let progress = split.progress;
  let isAborted = false;
  const report = async (): Promise<WriteReport> => ({ durable: await stage.news() });
  return {
    async write(batch) {
      if (isAborted) throw new UserError("CANCELLED", "writing was stopped");
      const { bytes, dirty } = encoder.linesOfBatch(batch);
      const all = [...batch.dirty, ...dirty];
      if (all.length > 0) await split.keepDirty(all, progress);
      progress = advance(progress, batch, dirty.length);
      await stage.put(await packed(bytes, options), progress);
      return report();
    },
    async flush() {
      await stage.flush();
      return report();
    },
    async close() {
      const token = await stage.close();
      const durable: Progress = { ...progress, staged: token };
      return { durable, token };
    },
    // What is staged belongs to the run: its finish or its discard clears away whatever no token names.
    async abort() {
      isAborted = true;
    },
  };
}
