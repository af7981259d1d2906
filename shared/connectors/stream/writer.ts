import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Batch, Cell, DataRecord } from "../../model/batch.js";
import { UserError } from "../../model/errors.js";
import { advance } from "../../model/progress.js";
import type { Prepared, Side, SplitRef, Writer, WriteSession } from "../contract.js";
import { delimiter } from "../params/delimiter.js";
import { countParam, flag, idle } from "../params/fields.js";
import { param } from "../params/note.js";
import type { StreamSource } from "./source.js";

const noFiles = z.undefined({
  error: "functions keep no files: leave this out to print, or write to oss, s3 or ftp instead",
});

const paramsSchema = z.object({
  print: flag({ help: "Records go to the function's log; without it they are thrown away.", default: true }),
  fieldDelimiter: delimiter({ help: "What stands between cells.", default: "\t" }),
  path: param(noFiles.optional(), { help: "Refused: functions keep no files.", hidden: true }),
  fileName: param(noFiles.optional(), { help: "Refused: functions keep no files.", hidden: true }),
  recordNumBeforeSleep: countParam({
    min: 0,
    help: "Records of a split after which it pauses once; 0 = never.",
    default: 0,
  }),
  sleepTime: countParam({ min: 0, help: "Length of that pause in seconds.", default: 0 }),
  encoding: idle(),
});

/** Parameters as parsed. They travel to shards as JSON and are parsed again there: parsing twice must change nothing. */
export type StreamWriteParams = z.infer<typeof paramsSchema>;

type StreamSide = Side<StreamSource, StreamWriteParams>;

/** Prints records to standard output (a function's log), or throws them away with `print: false`. */
export const streamWriter: Writer<StreamSource, StreamWriteParams> = {
  params: paramsSchema,
  template: () => ({ print: true, fieldDelimiter: "\t" }),
  delivery: () => "atLeastOnce",
  columns: async () => null,
  prepare: async (): Promise<Prepared> => ({ delivery: "atLeastOnce", state: null, notes: [] }),
  open,
};

async function open(side: StreamSide, split: SplitRef): Promise<WriteSession> {
  let progress = split.progress;
  let untilPause = side.params.sleepTime > 0 ? side.params.recordNumBeforeSleep : 0;
  return {
    async write(batch) {
      await split.keepDirty(batch.dirty, progress);
      if (untilPause > 0 && untilPause <= batch.count) {
        await print(side, batch, { from: 0, to: untilPause });
        await pause(side);
        await print(side, batch, { from: untilPause, to: batch.count });
      } else {
        await print(side, batch, { from: 0, to: batch.count });
      }
      untilPause -= batch.count;
      progress = advance(progress, batch, 0);
      return { durable: progress };
    },
    flush: async () => ({ durable: null }),
    close: async () => ({ durable: null }),
    abort: async () => undefined,
  };
}

async function print({ params }: StreamSide, batch: Batch, { from, to }: { from: number; to: number }): Promise<void> {
  if (!params.print || from === to) return;
  const lines = batch.rows.slice(from, to).map((record) => lineOf(record, params.fieldDelimiter));
  if (!process.stdout.write(lines.join(""))) await once(process.stdout, "drain");
}

function lineOf(record: DataRecord, delimiter: string): string {
  return `${record.map(printed).join(delimiter)}\n`;
}

function printed(cell: Cell): string {
  return cell === null ? "null" : cell.toString();
}

async function pause({ params, signal }: StreamSide): Promise<void> {
  try {
    await sleep(params.sleepTime * 1000, undefined, { signal });
  } catch (cause) {
    throw new UserError("CANCELLED", "writing was stopped", { cause });
  }
}
