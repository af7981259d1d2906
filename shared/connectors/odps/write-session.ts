import { UserError } from "../../model/errors.js";
import { advance, type Progress } from "../../model/progress.js";
import type { SplitRef, WriteReport, WriteSession } from "../contract.js";
import type { BlockStage } from "./block-stage.js";
import type { RecordEncoder } from "./record-encoder.js";
import { stagedBlocksJson } from "./staged.js";

/** What a session needs beside its split. */
export interface SessionParts {
  readonly stage: BlockStage;
  readonly encoder: RecordEncoder;
  /** Values of the keys of the run's one partition; null = each record tells its own. */
  readonly values: readonly string[] | null;
  /** Where the split begins, if not where its progress says. */
  readonly restart: Progress | null;
}

/** Opens a session over a stage. */
export function odpsWriteSession(split: SplitRef, { stage, encoder, values, restart }: SessionParts): WriteSession {
  let progress = restart ?? split.progress;
  let isAborted = false;
  const writerOf = (partitionValues: readonly string[]) => stage.writerOf(values ?? partitionValues);
  const report = async (): Promise<WriteReport> => ({ durable: await stage.news() });
  return {
    ...(restart && { resumeFrom: restart }),
    async write(batch) {
      if (isAborted) throw new UserError("CANCELLED", "writing was stopped");
      const dirty = encoder.add(batch, writerOf);
      const all = [...batch.dirty, ...dirty];
      if (all.length > 0) await split.keepDirty(all, progress);
      progress = advance(progress, batch, dirty.length);
      await stage.put(progress);
      return report();
    },
    async flush() {
      await stage.flush();
      return report();
    },
    async close() {
      await stage.flush();
      const staged = stagedBlocksJson(stage.staged());
      return { durable: { ...progress, staged }, token: staged };
    },
    // What is staged belongs to the run: its finish names the blocks that count, sessions that are not committed end by themselves.
    async abort() {
      isAborted = true;
    },
  };
}
