import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RunRef, Side, WriteSession } from "../../shared/connectors/contract.js";
import { stagedObjectOf } from "../../shared/connectors/objects/staged.js";
import type { ObjectWriteParams } from "../../shared/connectors/objects/write-params.js";
import { oss } from "../../shared/connectors/oss/index.js";
import type { OssSource } from "../../shared/connectors/oss/source.js";
import { batchOf, type Column, type DirtyRecord } from "../../shared/model/batch.js";
import type { Json, JsonObject } from "../../shared/model/json.js";
import { type Progress, startOfSplit } from "../../shared/model/progress.js";
import { sideOf, splitRefOf, writeAll } from "../conformance/drive.js";
import { type OssPlace, startOss } from "./oss-connector-server.js";

let place: OssPlace;
let prefix = "";
let made = 0;
const writer = oss.writer!;
const columns: Column[] = [
  { name: "id", type: "long" },
  { name: "note", type: "string" },
];

beforeAll(async () => {
  place = await startOss();
});
afterAll(() => place.close());
beforeEach(() => {
  prefix = `out/${++made}/rows`;
});

const sideFor = (parameter: JsonObject = {}) =>
  sideOf(oss, writer.params, place.source as unknown as JsonObject, { object: prefix, ...parameter });
const row = (id: number, length = 10) => [String(id), "n".repeat(length)];
const lines = (ids: number[], length = 10) => ids.map((id) => `${id},${"n".repeat(length)}\n`).join("");
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

async function runOf(side: Side<OssSource, ObjectWriteParams>, runId = "run-1"): Promise<RunRef> {
  const run: RunRef = { runId, exactlyOnce: "auto", columns };
  return { ...run, prepared: await writer.prepare(side, run) };
}

async function write(session: WriteSession, ids: number[], length = 10): Promise<Progress | null> {
  const batch = batchOf(
    ids.map((id) => row(id, length)),
    { columns, checkpoint: ids.at(-1) ?? null, dirty: [] },
  );
  return (await session.write(batch)).durable;
}

async function text(): Promise<string> {
  const texts = await Promise.all((await place.keys(prefix)).map(place.text));
  return texts.join("");
}

describe("publishing", () => {
  test("shows nothing before finish and everything after it; old objects go away then", async () => {
    await place.client.put(`${prefix}-old.csv`, Buffer.from("old"));
    await place.client.put(`${prefix.replace("rows", "other")}`, Buffer.from("other"));
    const side = sideFor({ header: ["id", "note"], suffix: ".csv" });
    const run = await runOf(side);
    const tokens: Json[] = [];
    for (const split of [0, 1]) {
      const session = await writer.open(side, splitRefOf(run.prepared!, columns, [], { split, splits: 2 }));
      await write(session, range(split * 10, split * 10 + 10));
      tokens.push((await session.close()).token ?? null);
    }
    expect(await place.keys(prefix)).toEqual([`${prefix}-old.csv`]);
    await writer.finish!(side, run, tokens);
    const keys = await place.keys(prefix);
    expect(keys).toHaveLength(2);
    expect(keys.every((key) => /__[0-9a-f]{32}_[01]\.csv$/.test(key))).toBe(true);
    expect(await place.text(keys[1]!)).toBe(`id,note\n${lines(range(10, 20))}`);
    await writer.finish!(side, run, tokens);
    expect(await place.keys(prefix)).toEqual(keys);
    expect(await place.keys(prefix.replace("rows", "other"))).toHaveLength(1);
  });

  test("is completed by a repeat after a crash half-way, and when OSS did its work but the answer was lost", async () => {
    await place.client.put(`${prefix}-old`, Buffer.from("old"));
    const side = sideFor();
    const run = await runOf(side);
    const tokens: Json[] = [];
    for (const split of [0, 1, 2]) {
      const session = await writer.open(side, splitRefOf(run.prepared!, columns, [], { split, splits: 3 }));
      await write(session, [split]);
      tokens.push((await session.close()).token ?? null);
    }
    const [first] = stagedObjectOf(tokens[0]).objects;
    await place.client.completeMultipartUpload(first!.key, first!.uploadId, [...first!.parts]);
    place.fault("CompleteMultipartUpload", { kind: "dropResponse" });
    place.fault("CompleteMultipartUpload", { kind: "status", status: 503 });
    await writer.finish!(side, run, tokens);
    expect(await text()).toBe(lines([0, 1, 2]));
  });

  test("with append keeps what is there; nonConflict refuses it", async () => {
    await place.client.put(`${prefix}-old`, Buffer.from("old\n"));
    await writeAll(writer, sideFor({ writeMode: "append" }), columns, [[row(1)]]);
    expect(await place.keys(prefix)).toHaveLength(2);
    await expect(runOf(sideFor({ writeMode: "nonConflict" }))).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
  });

  test("after discard leaves neither objects nor uploads", async () => {
    const side = sideFor();
    const run = await runOf(side);
    const session = await writer.open(side, splitRefOf(run.prepared!, columns));
    await write(session, [1]);
    await session.flush();
    expect((await place.client.listUploads({ prefix })).uploads).toHaveLength(1);
    await writer.discard!(side, run, []);
    expect((await place.client.listUploads({ prefix })).uploads ?? []).toHaveLength(0);
    expect(await place.keys(prefix)).toEqual([]);
  });
});

describe("a split", () => {
  test("that is handed over goes on behind what was flushed, also when the old attempt still writes", async () => {
    const side = sideFor();
    const run = await runOf(side);
    const first = await writer.open(side, splitRefOf(run.prepared!, columns));
    await write(first, range(0, 10));
    const { durable } = await first.flush();
    expect(durable).toMatchObject({ checkpoint: 9, counters: { read: 10, written: 10 } });
    const progress = JSON.parse(JSON.stringify(durable)) as Progress;
    const second = await writer.open(side, splitRefOf(run.prepared!, columns, [], { attempt: 2, progress }));
    await write(first, range(10, 15));
    await write(second, range(10, 20));
    await first.flush();
    const { token, durable: last } = await second.close();
    expect(last?.counters).toMatchObject({ read: 20, written: 20 });
    await writer.finish!(side, run, [token ?? null]);
    expect(await text()).toBe(lines(range(0, 20)));
    expect((await place.client.listUploads({ prefix })).uploads ?? []).toHaveLength(0);
  });

  test("reports progress as parts arrive, and a crash in between loses only what is behind it", async () => {
    const side = sideFor();
    const run = await runOf(side);
    const crashed = await writer.open(side, splitRefOf(run.prepared!, columns));
    let progress: Progress = startOfSplit;
    for (let i = 0; i < 24; i++) progress = (await write(crashed, range(i * 10, i * 10 + 10), 90_000)) ?? progress;
    while (progress.counters.read === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      progress = (await write(crashed, [])) ?? progress;
    }
    const from = Number(progress.checkpoint) + 1;
    expect(from).toBeGreaterThan(50);
    expect(from).toBeLessThan(240);
    const staged = JSON.parse(JSON.stringify(progress)) as Progress;
    const next = await writer.open(side, splitRefOf(run.prepared!, columns, [], { attempt: 2, progress: staged }));
    await write(next, range(from, 240), 90_000);
    await writer.finish!(side, run, [(await next.close()).token ?? null]);
    const ids = (await text())
      .trimEnd()
      .split("\n")
      .map((line) => Number(line.split(",")[0]));
    expect(ids).toEqual(range(0, 240));
  });

  test("rolls to further objects at maxFileSize, each with the header", async () => {
    const side = sideFor({ maxFileSize: "1", header: ["id", "note"] });
    const batches = Array.from({ length: 5 }, (_, i) => [row(i, 400_000)]);
    await writeAll(writer, side, columns, batches);
    const keys = await place.keys(prefix);
    expect(keys.map((key) => key.slice(-4))).toEqual([expect.stringMatching(/_0$/), "_0_1", "_0_2"]);
    for (const key of keys) expect((await place.text(key)).startsWith("id,note\n")).toBe(true);
  });

  test("keeps its dirty records and counts them, also when no line is left", async () => {
    const dirtyColumns: Column[] = [{ name: "raw", type: "bytes" }];
    const side = sideFor();
    const dirty: DirtyRecord[] = [];
    const prepared = await writer.prepare(side, { runId: "r", exactlyOnce: "auto", columns: dirtyColumns });
    const session = await writer.open(side, splitRefOf(prepared, dirtyColumns, dirty));
    const bad = batchOf([[Buffer.from([0xff])]], { columns: dirtyColumns, checkpoint: 1, dirty: [] });
    expect((await session.write(bad)).durable?.counters).toMatchObject({ read: 1, written: 0, dirty: 1 });
    expect(dirty).toMatchObject([{ side: "writer", reason: "CONVERSION", column: "raw" }]);
  });

  test("without records makes an empty object, or none", async () => {
    await writeAll(writer, sideFor({ header: ["id"] }), columns, []);
    expect(await text()).toBe("id\n");
    await writeAll(writer, sideFor({ generateEmptyFile: false }), columns, []);
    expect(await place.keys(prefix)).toEqual([]);
  });
});

describe("files", () => {
  test("are written as gzip that any reader takes as one", async () => {
    await writeAll(writer, sideFor({ compress: "gzip", header: "id" }), columns, [[row(1)], [row(2)]]);
    const [key] = await place.keys(prefix);
    expect(gunzipSync((await place.client.get(key!)).content).toString()).toBe(`id\n${lines([1, 2])}`);
  });

  test("of JSON lines keep digits; text is not quoted; nulls and dates follow the job", async () => {
    const wide: Column[] = [...columns, { name: "amount", type: "double" }, { name: "at", type: "date" }];
    const records = [
      ["9007199254740993", 'a,"b"', "1.10", "2024-05-06 01:02:03"],
      ["1", null, null, null],
    ];
    await writeAll(writer, sideFor({ fileFormat: "jsonl" }), wide, [records]);
    expect(await text()).toBe(
      '{"id":9007199254740993,"note":"a,\\"b\\"","amount":1.10,"at":"2024-05-06 01:02:03"}\n{"id":1,"note":null,"amount":null,"at":null}\n',
    );
    const parameter = {
      fileFormat: "text",
      fieldDelimiter: "\\t",
      nullFormat: "\\N",
      dateFormat: "yyyyMMdd",
      writeMode: "truncate",
    };
    await writeAll(writer, sideFor(parameter), wide, [records], { runId: "run-2" });
    expect(await text()).toBe('9007199254740993\ta,"b"\t1.10\t20240506\n1\t\\N\t\\N\t\\N\n');
  });
});

describe("one object for all splits", () => {
  const single = (parameter: JsonObject = {}) =>
    sideFor({ writeSingleObject: true, header: ["id", "note"], ...parameter });

  test("holds the header and every split once, whatever their sizes, also after a handover", async () => {
    await place.client.put(prefix, Buffer.from("old"));
    await place.client.put(`${prefix}-other`, Buffer.from("other"));
    const side = single();
    const run = await runOf(side);
    const tokens: Json[] = [];
    const sizes = [3, 200, 0];
    for (const [split, batches] of sizes.entries()) {
      let session = await writer.open(side, splitRefOf(run.prepared!, columns, [], { split, splits: 3 }));
      for (let i = 0; i < batches; i++) {
        const first = split * 10_000 + i * 10;
        await write(session, range(first, first + 10), 6_000);
        if (i !== 150) continue;
        const { durable } = await session.flush();
        const from = Number(durable!.checkpoint) + 1;
        const progress = JSON.parse(JSON.stringify(durable)) as Progress;
        session = await writer.open(
          side,
          splitRefOf(run.prepared!, columns, [], { split, splits: 3, attempt: 2, progress }),
        );
        if (from < first + 10) await write(session, range(from, first + 10), 6_000);
      }
      tokens.push((await session.close()).token ?? null);
    }
    expect(await place.text(prefix)).toBe("old");
    await writer.finish!(side, run, tokens);
    await writer.finish!(side, run, tokens);
    const [header, ...rest] = (await place.text(prefix)).trimEnd().split("\n");
    expect(header).toBe("id,note");
    const ids = rest.map((line) => Number(line.split(",")[0])).sort((a, b) => a - b);
    expect(ids).toEqual([...range(0, 30), ...range(10_000, 12_000)]);
    expect(await place.text(`${prefix}-other`)).toBe("other");
  });

  test("is not taken for published when its upload is gone and another object of its size has its name", async () => {
    const side = single();
    const run = await runOf(side);
    const session = await writer.open(side, splitRefOf(run.prepared!, columns, [], { split: 0, splits: 1 }));
    await write(session, range(0, 10), 10);
    const tokens = [(await session.close()).token ?? null];
    await writer.finish!(side, run, tokens);
    await writer.finish!(side, run, tokens);
    await place.client.put(prefix, Buffer.alloc((await place.text(prefix)).length));
    await expect(writer.finish!(side, run, tokens)).rejects.toThrow(/its staged upload is gone/);
  });

  test("is not made without records, cannot be appended to, and is not compressed", async () => {
    await writeAll(writer, single(), columns, []);
    expect(await place.keys(prefix)).toEqual([]);
    expect(() => single({ writeMode: "append" })).toThrow(/append is not possible/);
    expect(() => single({ compress: "gzip" })).toThrow(/compress/);
  });
});
