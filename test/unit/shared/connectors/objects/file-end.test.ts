import { describe, expect, it } from "vitest";
import type { FileFrame, FileWriting, PlacedEntry } from "../../../../../shared/connectors/file/format/format.js";
import { frameOf } from "../../../../../shared/connectors/objects/file-frame.js";
import { objectStage } from "../../../../../shared/connectors/objects/object-stage.js";
import { abortUploads, completeAll } from "../../../../../shared/connectors/objects/publish.js";
import { stagedObjectOf } from "../../../../../shared/connectors/objects/staged.js";
import { objectWriteSession } from "../../../../../shared/connectors/objects/write-session.js";
import type { Batch } from "../../../../../shared/model/batch.js";
import type { Json } from "../../../../../shared/model/json.js";
import { type Progress, startOfSplit } from "../../../../../shared/model/progress.js";
import { random } from "../file/read-text.js";
import { isKill, killed, memoryBucket } from "./memory-bucket.js";

const MEGABYTE = 1024 * 1024;
const HEADER = "TOY1";

/** A format as Parquet is in this: a file ends with a table of its blocks, and with the length of that table. */
const toy: FileWriting = {
  frame: async () => ({ header: Buffer.from(HEADER), end }),
  async add({ rows, count }) {
    const bytes = Buffer.concat(rows.map(([cell]) => Buffer.from(String(cell))));
    return { bytes, entry: count, dirty: [] };
  },
  emptyFile: async () => Buffer.concat([Buffer.from(HEADER), await end([])]),
};

async function end(entries: readonly PlacedEntry[]): Promise<Buffer> {
  const table = JSON.stringify(entries);
  return Buffer.from(`${table}${String(table.length).padStart(8, "0")}`);
}

/** The records of a whole file, found by its end alone. */
function recordsOf(file: Buffer): string[] {
  const length = Number(file.subarray(-8).toString());
  const from = file.length - 8 - length;
  const entries: readonly PlacedEntry[] = JSON.parse(file.subarray(from, from + length).toString());
  expect(file.subarray(0, HEADER.length).toString()).toBe(HEADER);
  let at = HEADER.length;
  const records = entries.flatMap(({ offset, bytes, entry }) => {
    expect(offset).toBe(at);
    at += bytes;
    const found =
      file
        .subarray(offset, offset + bytes)
        .toString()
        .match(/<\d+:x*>/g) ?? [];
    expect(found).toHaveLength(Number(entry));
    return found;
  });
  expect(at).toBe(from);
  return records.map((record) => /\d+/.exec(record)?.[0] ?? "");
}

function batchOf(records: readonly string[], checkpoint: number): Batch {
  const [columns, rows] = [[{ name: "text", type: "string" as const }], records.map((record) => [record])];
  return { columns, rows, count: rows.length, bytes: records.join("").length, checkpoint, dirty: [] };
}

type Memory = ReturnType<typeof memoryBucket>;

/** Writes a split, killed and taken up again as `chance` says, and publishes it. @returns how many attempts it took */
async function write(memory: Memory, batches: readonly Batch[], chance: () => number): Promise<number> {
  let progress: Progress = startOfSplit;
  for (let attempt = 1; ; attempt++) {
    const mayFail = attempt < 30;
    memory.state.fails = () => (mayFail && chance() < 0.2 ? (chance() < 0.5 ? "before" : "after") : null);
    try {
      const token = await writeOnce(memory, { batches, progress, attempt }, (news) => {
        progress = JSON.parse(JSON.stringify(news)) as Progress;
        if (mayFail && chance() < 0.2) throw killed();
      });
      memory.state.fails = () => null;
      await completeAll(memory.bucket, stagedObjectOf(token).objects);
      await abortUploads(memory.bucket, "out/");
      expect(progress.counters.read).toBe(batches.reduce((sum, { count }) => sum + count, 0));
      return attempt;
    } catch (error) {
      if (!isKill(error)) throw error;
    }
  }
}

async function writeOnce(
  { bucket }: Memory,
  { batches, progress, attempt }: { batches: readonly Batch[]; progress: Progress; attempt: number },
  onNews: (progress: Progress) => void,
): Promise<Json> {
  const frame: FileFrame = await toy.frame();
  const staged = stagedObjectOf(progress.staged);
  const nameOf = (part: number) => `out/${part}`;
  const stage = objectStage({ bucket, frame, maxBytes: 10 * MEGABYTE, staged, makesEmpty: false, nameOf });
  const run = { runId: "r", exactlyOnce: "off" as never, columns: [], split: 0, splits: 1, attempt, progress };
  const session = objectWriteSession({ ...run, keepDirty: async () => {}, agree: (_, make) => make() }, toy, stage);
  const take = (report: { durable: Progress | null }) => report.durable && onNews(report.durable);
  for (const batch of batches.slice(Number(progress.checkpoint ?? 0))) take(await session.write(batch));
  const { durable, token } = await session.close();
  if (durable) onNews(durable);
  return token ?? null;
}

describe("a format whose files have an end", () => {
  it("gets it at the end of every object, and every record once, whatever is killed", async () => {
    let attempts = 0;
    for (let seed = 1; seed <= 3; seed++) {
      const chance = random(seed * 104_729);
      const memory = memoryBucket(5 * MEGABYTE);
      let id = 0;
      const batches = Array.from({ length: 30 }, (_, at) => {
        const records = Array.from(
          { length: Math.floor(chance() * 4) },
          () => `<${id++}:${"x".repeat(chance() * MEGABYTE)}>`,
        );
        return batchOf(records, at + 1);
      });
      attempts += await write(memory, batches, chance);
      const files = [...memory.objects].sort(([one], [other]) => one.localeCompare(other)).map(([, { body }]) => body);
      expect(files.length).toBeGreaterThan(1);
      const found = files.flatMap(recordsOf);
      expect(found.sort((one, other) => Number(one) - Number(other))).toEqual(
        Array.from({ length: id }, (_, i) => String(i)),
      );
      expect(memory.uploads.size).toBe(0);
    }
    expect(attempts).toBeGreaterThan(6);
  });

  it("has an end in a file without records, too", async () => {
    expect(recordsOf(await toy.emptyFile())).toEqual([]);
  });

  it("is refused where all splits write one object", async () => {
    const params = { fileFormat: "csv", writeSingleObject: true } as const;
    await expect(frameOf(toy, params)).rejects.toMatchObject({ code: "UNSUPPORTED", path: "writeSingleObject" });
    expect(await frameOf(toy, { ...params, writeSingleObject: false })).toMatchObject({ end });
    expect(await frameOf({ frame: async () => ({ header: Buffer.alloc(0) }) }, params)).toEqual({
      header: Buffer.alloc(0),
    });
  });
});
