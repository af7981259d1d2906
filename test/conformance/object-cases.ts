import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Connector, RunRef, Side, Split, WriteSession } from "../../shared/connectors/contract.js";
import type { ObjectWriteParams } from "../../shared/connectors/objects/write-params.js";
import { batchOf, type Column } from "../../shared/model/batch.js";
import type { Json, JsonObject } from "../../shared/model/json.js";
import type { Progress } from "../../shared/model/progress.js";
import { batchesOf, recordsOf, sideOf, splitRefOf, writeAll } from "./drive.js";
import type { ObjectPlace } from "./object-fixture.js";

const columns: Column[] = [
  { name: "id", type: "long" },
  { name: "note", type: "string" },
];
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** What every object store passes beyond the common suite: staging, publishing, one object of all splits, large objects. */
export function objectCases<S, R>(
  connector: Connector<S, R, ObjectWriteParams>,
  start: () => Promise<ObjectPlace>,
): void {
  describe(`${connector.name} stages and publishes`, () => {
    let place: ObjectPlace;
    let prefix = "";
    let made = 0;
    const writer = connector.writer as NonNullable<typeof connector.writer>;
    const reader = connector.reader as NonNullable<typeof connector.reader>;
    beforeAll(async () => {
      place = await start();
    });
    afterAll(() => place.close());
    beforeEach(() => {
      prefix = `cases/${++made}/rows`;
    });

    const sideFor = (parameter: JsonObject = {}) =>
      sideOf(connector, writer.params, place.source, { object: prefix, ...parameter });
    async function runOf(side: Side<S, ObjectWriteParams>, runId = "run-1"): Promise<RunRef> {
      const run: RunRef = { runId, exactlyOnce: "auto", columns };
      return { ...run, prepared: await writer.prepare(side, run) };
    }
    async function write(session: WriteSession, ids: number[], length = 10): Promise<Progress | null> {
      const rows = ids.map((id) => [String(id), "n".repeat(length)]);
      return (await session.write(batchOf(rows, { columns, checkpoint: ids.at(-1) ?? null, dirty: [] }))).durable;
    }
    const open = (side: Side<S, ObjectWriteParams>, run: RunRef, over: object) =>
      writer.open(side, splitRefOf(run.prepared as never, columns, [], { runId: run.runId, ...over }));
    const idsIn = async (key: string) =>
      (await place.bytes(key))
        .toString()
        .trimEnd()
        .split("\n")
        .map((line) => line.split(",")[0]);

    test("shows nothing before the end, everything after it, and then nothing old", async () => {
      await place.put(`${prefix}-old`, Buffer.from("old"));
      const side = sideFor({ header: ["id", "note"] });
      const run = await runOf(side);
      const tokens: Json[] = [];
      for (const split of [0, 1]) {
        const session = await open(side, run, { split, splits: 2 });
        await write(session, range(split * 10, split * 10 + 10));
        tokens.push((await session.close()).token ?? null);
      }
      expect(await place.keys(prefix)).toEqual([`${prefix}-old`]);
      await writer.finish?.(side, run, tokens);
      await writer.finish?.(side, run, tokens);
      const keys = await place.keys(prefix);
      expect(keys).toHaveLength(2);
      expect(await idsIn(keys[1] ?? "")).toEqual(["id", ...range(10, 20).map(String)]);
      expect(await place.uploads(prefix)).toBe(0);
    });

    test("a run that is discarded leaves neither objects nor uploads", async () => {
      for (const writeSingleObject of [false, true]) {
        const side = sideFor({ writeSingleObject });
        const run = await runOf(side);
        const session = await open(side, run, {});
        await write(session, [1]);
        await session.flush();
        expect(await place.uploads(prefix)).toBe(1);
        await writer.discard?.(side, run, []);
        expect(await place.uploads(prefix)).toBe(0);
        expect(await place.keys(`cases/${made}/`)).toEqual([]);
      }
    });

    test("a split that is handed over goes on behind what was brought, while the old attempt still writes", async () => {
      for (const writeSingleObject of [false, true]) {
        const object = `${prefix}-${writeSingleObject}`;
        const side = sideFor({ object, writeSingleObject });
        const run = await runOf(side, `run-${writeSingleObject}`);
        const first = await open(side, run, { splits: 1 });
        await write(first, range(0, 10));
        const { durable } = await first.flush();
        expect(durable).toMatchObject({ checkpoint: 9, counters: { read: 10, written: 10 } });
        const second = await open(side, run, { splits: 1, attempt: 2, progress: throughJson(durable) });
        await write(first, range(10, 15));
        await write(second, range(10, 20));
        await first.flush();
        const { token = null, durable: last } = await second.close();
        expect(last?.counters).toMatchObject({ read: 20, written: 20 });
        await writer.finish?.(side, run, [token]);
        const found = await Promise.all((await place.keys(object)).map(idsIn));
        expect(found.flat()).toEqual(range(0, 20).map(String));
        expect(await place.uploads(object)).toBe(0);
      }
    });

    test("one object has the header and every split's records once and in order, whatever their sizes", async () => {
      await place.put(prefix, Buffer.from("old"));
      await place.put(`${prefix}-other`, Buffer.from("other"));
      const side = sideFor({ writeSingleObject: true, header: ["id", "note"] });
      const run = await runOf(side);
      // Of 60 kB a batch: nothing, a little, more than one part, a part and a little, a little.
      const sizes = [0, 3, 300, 100, 1];
      const tokens: Json[] = [];
      for (const [split, batches] of sizes.entries()) {
        const place0 = { split, splits: sizes.length };
        let session = await open(side, run, place0);
        for (let i = 0; i < batches; i++) {
          const from = split * 10_000 + i * 10;
          await write(session, range(from, from + 10), 6_000);
          if (i % 150 !== 70) continue;
          const { durable } = await session.flush();
          expect(durable?.checkpoint).toBe(from + 9);
          session = await open(side, run, { ...place0, attempt: 2 + i, progress: throughJson(durable) });
        }
        tokens.push((await session.close()).token ?? null);
      }
      expect((await place.bytes(prefix)).toString()).toBe("old");
      await writer.finish?.(side, run, throughJson(tokens));
      await writer.finish?.(side, run, throughJson(tokens));
      const wanted = sizes.flatMap((batches, split) => range(split * 10_000, split * 10_000 + batches * 10));
      expect(await idsIn(prefix)).toEqual(["id", ...wanted.map(String)]);
      expect(await place.keys(`cases/${made}/`)).toEqual([prefix, `${prefix}-other`]);
      expect(await place.uploads(prefix)).toBe(0);
    });

    test("one object is not put in the place of another that came meanwhile, where the job refuses that", async () => {
      const side = sideFor({ writeSingleObject: true, writeMode: "nonConflict" });
      const run = await runOf(side);
      const session = await open(side, run, { splits: 1 });
      await write(session, [1]);
      const tokens = [(await session.close()).token ?? null];
      await place.put(prefix, Buffer.from("in the way"));
      await expect(writer.finish?.(side, run, tokens)).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
      await writer.discard?.(side, run, tokens);
      expect((await place.bytes(prefix)).toString()).toBe("in the way");
      expect(await place.keys(`cases/${made}/`)).toEqual([prefix]);
    });

    test("what waits for one run's publishing is no file of another's, to read or to remove", async () => {
      const waiting = sideFor({ writeSingleObject: true });
      const run = await runOf(waiting);
      const session = await open(waiting, run, { splits: 1 });
      await write(session, [1]);
      const tokens = [(await session.close()).token ?? null];
      const beside = sideFor({ object: `cases/${made}/` });
      await writeAll(writer, beside, columns, [[["2", "n"]]], { runId: "run-2" });
      const all = sideOf(connector, reader.params, place.source, { object: `cases/${made}/*`, column: [{ index: 0 }] });
      expect(await recordsOf(reader, all)).toEqual([["2"]]);
      await writer.finish?.(waiting, run, tokens);
      expect((await recordsOf(reader, all)).sort()).toEqual([["1"], ["2"]]);
    });

    test("an object that is replaced after it was planned is not read as if it were the same", async () => {
      await place.put(`${prefix}.csv`, Buffer.from("1,a\n2,b\n"));
      const column = [{ index: 0, type: "long" }];
      const side = sideOf(connector, reader.params, place.source, { object: `${prefix}.csv`, column });
      const [split] = (await reader.split(side, 1)).splits;
      await place.put(`${prefix}.csv`, Buffer.from("3,c\n4,d\n"));
      await expect(batchesOf(reader, side, split as Split)).rejects.toMatchObject({
        code: "SOURCE_OBJECT_MISSING",
        message: expect.stringContaining("was replaced"),
      });
    });

    test("names with blanks, signs and letters of any script are found, read and written as they are", async () => {
      for (const [i, name] of ["a b+c", "x=1&y=2%20", "好/😀'()!"].entries()) {
        const object = `cases/${made}/${name}`;
        await writeAll(writer, sideFor({ object, writeSingleObject: true }), columns, [[["1", "n"]]], {
          runId: `run-${i}`,
        });
        expect((await place.bytes(object)).toString()).toBe("1,n\n");
        const side = sideOf(connector, reader.params, place.source, { object, column: [{ index: 0 }] });
        expect(await recordsOf(reader, side)).toEqual([["1"]]);
      }
    });

    test("a large object is cut and read in pieces, each record once", async () => {
      const lines = range(0, 200_000).map((id) => `${id},"a ""quoted"" line\nend ${id}"\n`);
      await place.put(`${prefix}.csv`, Buffer.from(lines.join("")));
      const column = [{ index: 0, type: "long" }];
      const side = sideOf(connector, reader.params, place.source, { object: `${prefix}.*`, column });
      const { splits } = await reader.split(side, 5);
      expect(splits.length).toBeGreaterThan(3);
      const ids = (await recordsOf(reader, side, 5)).map(([id]) => Number(id));
      expect(ids.sort((a, b) => a - b)).toEqual(range(0, 200_000));
    });
  });
}
