import { UserError } from "../../model/errors.js";
import { advance, type Progress } from "../../model/progress.js";
import type { SplitRef, WriteReport, WriteSession } from "../contract.js";
import type { FileWriting } from "../file/format/format.js";
import type { ObjectStage } from "./stage.js";

/** Opens a session over a stage. */
export function objectWriteSession(split: SplitRef, writing: FileWriting, stage: ObjectStage): WriteSession {
  let progress = split.progress;
  let isAborted = false;
  const report = async (): Promise<WriteReport> => ({ durable: await stage.news() });
  return {
    async write(batch) {
      if (isAborted) throw new UserError("CANCELLED", "writing was stopped");
      const { dirty, ...content } = await writing.add(batch);
      const all = [...batch.dirty, ...dirty];
      if (all.length > 0) await split.keepDirty(all, progress);
      progress = advance(progress, batch, dirty.length);
      await stage.put(content, progress);
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
