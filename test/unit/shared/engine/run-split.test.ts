import { describe, expect, it } from "vitest";
import type { WriteSession } from "../../../../shared/connectors/contract.js";
import { createDirtyCollector } from "../../../../shared/engine/dirty-collector.js";
import { runSplit, type SplitWork, startMeter } from "../../../../shared/engine/run-split.js";
import { createThrottle } from "../../../../shared/engine/throttle.js";
import { type Batch, batchOf, type DirtyRecord } from "../../../../shared/model/batch.js";
import { advance, type Progress, startOfSplit } from "../../../../shared/model/progress.js";
import { agree } from "../../../conformance/drive.js";

const columns = [{ name: "n", type: "long" }] as const;
const nothing = { put: async () => undefined, list: async () => [], remove: async () => undefined };
const bad: DirtyRecord = { side: "reader", reason: "CONVERSION", message: "no number", cells: ["x"] };

/** Ten batches of ten records, checkpoint = number of the next batch. */
async function* source(from: unknown, dirtyPerBatch = 0): AsyncGenerator<Batch> {
  for (let i = Number(from ?? 0); i < 10; i++) {
    const rows = Array.from({ length: 10 }, (_, k) => [String(i * 10 + k)]);
    yield batchOf(rows, { columns, checkpoint: i + 1, dirty: Array.from({ length: dirtyPerBatch }, () => bad) });
  }
}

function work(change: Partial<SplitWork> = {}) {
  const target: string[] = [];
  let aborted = 0;
  const meter = startMeter(startOfSplit);
  const never = new AbortController().signal;
  const base: SplitWork = {
    read: (from) => source(from),
    open: async (split) => {
      let progress: Progress = split.progress;
      const session: WriteSession = {
        async write(batch) {
          if (batch.dirty.length > 0) await split.keepDirty(batch.dirty, progress);
          for (const row of batch.rows) target.push(String(row[0]));
          progress = advance(progress, batch, 0);
          return { durable: progress };
        },
        flush: async () => ({ durable: progress }),
        close: async () => ({ durable: null, token: "token" }),
        abort: async () => void aborted++,
      };
      return session;
    },
    split: { runId: "r", exactlyOnce: "auto", columns, split: 0, splits: 1, attempt: 1, progress: startOfSplit, agree },
    dirty: createDirtyCollector(nothing, { run: "r", number: 0 }, { left: 100 }),
    throttle: createThrottle({ bytesPerSecond: null, recordsPerSecond: null }),
    stop: never,
    lost: never,
    overLimit: () => false,
    meter,
  };
  return { target, meter, isAborted: () => aborted > 0, work: { ...base, ...change } };
}

describe("moving a split", () => {
  it("moves every record once and counts them", async () => {
    const { target, meter, work: one } = work();
    const outcome = await runSplit(one);
    expect(outcome).toMatchObject({
      kind: "done",
      token: "token",
      progress: { checkpoint: 10, counters: { read: 100, written: 100, dirty: 0 } },
    });
    expect(target).toHaveLength(100);
    expect(meter.live.written).toBe(100);
  });

  it("starts where the target itself says it stands", async () => {
    const resumeFrom: Progress = { checkpoint: 7, counters: { read: 70, written: 70, dirty: 0, bytes: 0 } };
    const first = work();
    const { target, work: one } = first;
    const open: SplitWork["open"] = async (split) => ({
      ...(await first.work.open({ ...split, progress: resumeFrom })),
      resumeFrom,
    });
    const outcome = await runSplit({ ...one, open });
    expect(target[0]).toBe("70");
    expect(outcome.progress.counters).toMatchObject({ read: 100, written: 100 });
  });

  it("stops at once when there are too many dirty records, with the neighbours written", async () => {
    const { target, work: one } = work({ read: (from) => source(from, 2), overLimit: (count) => count > 5 });
    const outcome = await runSplit(one);
    expect(outcome).toMatchObject({ kind: "overLimit", progress: { counters: { dirty: 6, written: 30, read: 36 } } });
    expect(target).toHaveLength(30);
  });

  it("keeps few of the thousands that a reader finds bad in one batch, and counts as many", async () => {
    const { work: one, meter } = work({ read: (from) => source(from, 3_750), overLimit: (count) => count > 0 });
    expect(await runSplit(one)).toMatchObject({
      kind: "overLimit",
      progress: { counters: { dirty: 100, written: 10 } },
    });
    expect(meter.live).toMatchObject({ read: 110, written: 10, dirty: 100 });
  });

  it.each(["while it writes", "when it closes"])(
    "counts what is in the target when the writer takes back a batch %s",
    async (when) => {
      const { work: one, meter } = work({ overLimit: (count) => count > 4 });
      const kept: number[] = [];
      let progress: Progress = startOfSplit;
      let held: Batch[] = [];
      const open: SplitWork["open"] = async (split) => {
        const commit = async () => {
          // Every record of the fourth batch is bad.
          const dirty = held.some(({ checkpoint }) => checkpoint === 4) ? Array.from({ length: 10 }, () => bad) : [];
          const most = dirty.length > 0 ? ((await split.admitDirty?.(dirty.length)) ?? null) : null;
          kept.push(most ?? -1);
          await split.keepDirty(dirty.slice(0, most ?? dirty.length), progress);
          if (most === null) progress = held.reduce((before, batch) => advance(before, batch, 0), progress);
          held = [];
          return { durable: progress };
        };
        return {
          write: async (batch) => {
            held.push(batch);
            if (when === "when it closes") return { durable: null };
            return commit();
          },
          flush: async () => ({ durable: progress }),
          close: commit,
          abort: async () => undefined,
        };
      };
      expect((await runSplit({ ...one, open })).kind).toBe("overLimit");
      const written = when === "when it closes" ? 0 : 30;
      expect(meter.live).toMatchObject({ read: written + 10, written, dirty: 10 });
      expect(kept.at(-1)).toBe(10);
    },
  );

  it("makes durable what it has when asked to stop", async () => {
    const stop = new AbortController();
    async function* interrupted(from: unknown) {
      for await (const batch of source(from)) {
        if (batch.checkpoint === 5) stop.abort();
        yield batch;
      }
    }
    const { isAborted, work: one } = work({ read: interrupted, stop: stop.signal });
    const outcome = await runSplit(one);
    expect(outcome).toMatchObject({ kind: "stopped", isStuck: false });
    expect(outcome.progress.counters.read).toBe(Number(outcome.progress.checkpoint) * 10);
    expect(isAborted()).toBe(true);
  });

  it("writes nothing any more once the split belongs to somebody else", async () => {
    const lost = new AbortController();
    async function* takenOver(from: unknown) {
      for await (const batch of source(from)) {
        if (batch.checkpoint === 5) lost.abort();
        yield batch;
      }
    }
    const { target, isAborted, work: one } = work({ read: takenOver, stop: lost.signal, lost: lost.signal });
    const flushed: number[] = [];
    const open: SplitWork["open"] = async (split) => {
      const session = await one.open(split);
      return { ...session, flush: () => session.flush().finally(() => flushed.push(target.length)) };
    };
    expect((await runSplit({ ...one, open })).kind).toBe("stopped");
    expect(flushed).toEqual([]);
    expect(target.length).toBeLessThan(50);
    expect(isAborted()).toBe(true);
  });

  it("fails when the writer confirms fewer records than were read", async () => {
    const { isAborted, work: one } = work();
    const open: SplitWork["open"] = async (split) => {
      const session = await one.open(split);
      const short: Progress = { checkpoint: 10, counters: { read: 90, written: 90, dirty: 0, bytes: 171 } };
      return { ...session, close: async () => ({ durable: short, token: "token" }) };
    };
    const broken = runSplit({ ...one, open });
    await expect(broken).rejects.toThrow("100 records were read, but the writer confirms 90");
    expect(isAborted()).toBe(true);
  });

  it("does not take the error of an interrupted reader for a failure", async () => {
    const stop = new AbortController();
    async function* killed(): AsyncGenerator<Batch> {
      yield* [];
      stop.abort();
      throw new Error("query execution was interrupted");
    }
    expect((await runSplit(work({ read: killed, stop: stop.signal }).work)).kind).toBe("stopped");
  });

  describe("whose source cannot be resumed", () => {
    /** Batches without a checkpoint; breaks off in the middle when told to. */
    async function* unmarked(breaksAt = 11): AsyncGenerator<Batch> {
      for await (const batch of source(null, 1)) {
        if (batch.checkpoint === breaksAt) throw new Error("connection lost");
        yield { ...batch, checkpoint: null };
      }
    }

    it("begins anew after it broke off, and counts nothing twice", async () => {
      const { meter, work: one } = work({ read: () => unmarked(6) });
      await expect(runSplit(one)).rejects.toThrow("connection lost");
      expect(meter.durable).toEqual(startOfSplit);
      const again = work({ split: { ...one.split, attempt: 2, progress: meter.durable }, read: () => unmarked() });
      const outcome = await runSplit(again.work);
      expect(outcome).toMatchObject({ kind: "done", progress: { counters: { read: 110, written: 100, dirty: 10 } } });
    });

    it("is not read again when the target holds all of it", async () => {
      const resumeFrom: Progress = { checkpoint: null, counters: { read: 110, written: 100, dirty: 10, bytes: 190 } };
      const { target, work: one } = work({ read: () => unmarked() });
      const open: SplitWork["open"] = async (split) => ({
        ...(await one.open({ ...split, progress: resumeFrom })),
        ...{ resumeFrom, isComplete: true },
      });
      expect(await runSplit({ ...one, open })).toMatchObject({ kind: "done", progress: resumeFrom });
      expect(target).toEqual([]);
    });

    it("tells what it wrote when it is stopped, and offers no place to go on from", async () => {
      const stop = new AbortController();
      async function* interrupted() {
        for await (const batch of unmarked()) {
          yield batch;
          if (stop.signal.aborted) return;
        }
      }
      const {
        meter,
        target,
        work: one,
      } = work({
        read: interrupted,
        stop: stop.signal,
        overLimit: (count) => count === 3 && stop.abort() === null,
      });
      const outcome = await runSplit(one);
      expect(outcome).toMatchObject({ kind: "stopped", progress: startOfSplit, isStuck: true });
      expect(meter.live).toMatchObject({ written: target.length });
      expect(target.length).toBeGreaterThan(0);
    });

    it("tells how many records were dirty when they are too many", async () => {
      const { meter, work: one } = work({ read: () => unmarked(), overLimit: (count) => count > 4 });
      expect((await runSplit(one)).kind).toBe("overLimit");
      expect(meter.live).toMatchObject({ read: 55, written: 50, dirty: 5 });
    });
  });

  it("aborts the session and passes on the error when the reader fails", async () => {
    async function* failing(): AsyncGenerator<Batch> {
      yield* source(8);
      throw new Error("connection lost");
    }
    const { isAborted, meter, work: one } = work({ read: failing });
    await expect(runSplit(one)).rejects.toThrow("connection lost");
    expect(isAborted()).toBe(true);
    expect(meter.durable.checkpoint).toBe(10);
  });
});
