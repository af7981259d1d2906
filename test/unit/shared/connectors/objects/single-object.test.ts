import { describe, expect, it } from "vitest";
import type { Upload } from "../../../../../shared/connectors/objects/bucket.js";
import { joinedParts } from "../../../../../shared/connectors/objects/joined-parts.js";
import { completeSingle, removeLumps } from "../../../../../shared/connectors/objects/publish.js";
import { singleStage } from "../../../../../shared/connectors/objects/single-stage.js";
import { type ObjectStaged, stagedObjectOf } from "../../../../../shared/connectors/objects/staged.js";
import { type Progress, startOfSplit } from "../../../../../shared/model/progress.js";
import { random } from "../file/read-text.js";
import { isKill, killed, memoryBucket } from "./memory-bucket.js";

const { signal } = new AbortController();

const PREFIX = "out/.sluice-staging/run/";
const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Writes one split in batches, killed and taken up again as `chance` says. */
async function writeSplit(
  memory: ReturnType<typeof memoryBucket>,
  of: { upload: Upload; split: number; splits: number; batches: readonly Buffer[]; chance: () => number },
): Promise<ObjectStaged> {
  const { upload, split, splits, batches, chance } = of;
  let progress: Progress = startOfSplit;
  for (let attempt = 1; ; attempt++) {
    memory.state.fails = () => (attempt < 20 && chance() < 0.05 ? (chance() < 0.5 ? "before" : "after") : null);
    try {
      const staged = stagedObjectOf(progress.staged);
      const options = { bucket: memory.bucket, upload, stagingPrefix: PREFIX, split, splits, attempt, staged, signal };
      const stage = await singleStage(options);
      for (let at = Number(progress.checkpoint ?? 0); at < batches.length; at++) {
        await stage.put({ bytes: batches[at] ?? Buffer.alloc(0) }, { ...startOfSplit, checkpoint: at + 1 });
        progress = throughJson((await stage.news()) ?? progress);
        if (attempt < 20 && chance() < 0.1) await stage.flush();
        progress = throughJson((await stage.news()) ?? progress);
        if (attempt < 20 && chance() < 0.1) throw killed();
      }
      return stagedObjectOf(throughJson(await stage.close()));
    } catch (error) {
      if (!isKill(error)) throw error;
    } finally {
      memory.state.fails = () => null;
    }
  }
}

describe("one object of several splits", () => {
  it.each([1, 7, 100, 1000, 5000])(
    "holds everything once and in order where parts need %i bytes, whatever is killed",
    async (least) => {
      for (let seed = 1; seed <= 12; seed++) {
        const chance = random(seed * 7919 + least);
        const memory = memoryBucket(least);
        const upload = { key: "out/one", uploadId: await memory.bucket.startUpload("out/one", "run") };
        const header = Buffer.from(seed % 2 === 0 ? "id,note\n" : "");
        const count = 1 + Math.floor(chance() * 6);
        const splits = Array.from({ length: count }, (_, split) =>
          Array.from({ length: Math.floor(chance() * 14) }, (_, batch) =>
            Buffer.from(`${split}.${batch}:`.padEnd(Math.floor(chance() * chance() * 900), "x")),
          ),
        );
        const tokens: ObjectStaged[] = [];
        for (const [split, batches] of splits.entries())
          tokens.push(await writeSplit(memory, { upload, split, splits: count, batches, chance }));
        const wanted = Buffer.concat(splits.flat());
        const single = { run: "run", upload, header, splits: tokens, keepsOther: false, signal };
        for (let attempt = 1; ; attempt++) {
          memory.state.fails = () => (attempt < 20 && chance() < 0.2 ? (chance() < 0.5 ? "before" : "after") : null);
          try {
            const isMade = await completeSingle(memory.bucket, single);
            expect(isMade).toBe(wanted.length > 0);
            await removeLumps(memory.bucket, PREFIX);
            break;
          } catch (error) {
            if (!isKill(error)) throw error;
          }
        }
        const made = memory.objects.get("out/one")?.body.toString() ?? "";
        expect(made, `seed ${seed}`).toBe(wanted.length > 0 ? `${header}${wanted}` : "");
        expect([...memory.objects.keys()].filter((key) => key.startsWith(PREFIX))).toEqual([]);
      }
    },
  );

  it("keeps of a split's bytes nothing in its progress, however many they are", async () => {
    const memory = memoryBucket(5000);
    const upload = { key: "out/one", uploadId: await memory.bucket.startUpload("out/one", "run") };
    const batches = Array.from({ length: 4 }, () => Buffer.alloc(4000, "x"));
    const staged = await writeSplit(memory, { upload, split: 0, splits: 1, batches, chance: () => 1 });
    expect(JSON.stringify(staged).length).toBeLessThan(500);
  });

  it("refuses what no upload could hold", () => {
    const tail = { key: "k", bytes: 10 };
    const splits = Array.from({ length: 5 }, (_, i): ObjectStaged => ({ objects: [], tail, joinAt: 1 + i }));
    expect(() => joinedParts(Buffer.alloc(0), splits, { minPartBytes: 10, maxParts: 3 })).toThrow(/fewer splits/);
    expect(joinedParts(Buffer.alloc(0), splits, { minPartBytes: 10, maxParts: 9 })).toHaveLength(5);
    expect(joinedParts(Buffer.alloc(0), splits, { minPartBytes: 100, maxParts: 3 })).toHaveLength(1);
  });
});
