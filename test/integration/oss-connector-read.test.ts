import { gzipSync } from "node:zlib";
import iconv from "iconv-lite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRange } from "../../shared/connectors/objects/read-range.js";
import { openOssBucket } from "../../shared/connectors/oss/client.js";
import { oss } from "../../shared/connectors/oss/index.js";
import type { JsonObject } from "../../shared/model/json.js";
import { batchesOf, planned, recordsOf, sideOf } from "../conformance/drive.js";
import { type OssPlace, startOss } from "./oss-connector-server.js";

let place: OssPlace;
const reader = oss.reader!;

beforeAll(async () => {
  place = await startOss();
  await put("slow.csv", orders());
});
afterAll(() => place.close());

const sideFor = (parameter: JsonObject, signal?: AbortSignal) =>
  sideOf(oss, reader.params, place.source as unknown as JsonObject, parameter, signal);
const put = (key: string, text: string | Buffer) =>
  place.client.put(key, Buffer.isBuffer(text) ? text : Buffer.from(text));
const columns = [
  { index: 0, type: "long" },
  { index: 1, type: "string" },
];

/** About 5 MB, every tenth record with a line end in quotes. */
function orders(count = 60_000): string {
  const lines = Array.from({ length: count }, (_, i) => {
    const note =
      i % 10 === 0 ? `"order ""${i}""\nsecond line, with a comma"` : `order ${i} ${"with some text ".repeat(5)}`;
    return `${i},${note}\n`;
  });
  return `id,note\n${lines.join("")}`;
}

describe("objects", () => {
  test("are found by wildcards, literally otherwise, each once", async () => {
    for (const key of ["w/a.1.csv", "w/a.2.csv", "w/ax2.csv", "w/sub/a.3.csv", "w/b.csv"]) await put(key, `1,${key}\n`);
    await put("w/folder/", "");
    const names = async (object: string | string[]) =>
      (await recordsOf(reader, sideFor({ object, column: columns }))).map((row) => row[1]).sort();
    expect(await names("w/a.?.csv")).toEqual(["w/a.1.csv", "w/a.2.csv"]);
    expect(await names(["w/a.1.csv", "/w/a.*"])).toEqual(["w/a.1.csv", "w/a.2.csv"]);
    expect(await names("w/*.csv")).toHaveLength(5);
  });

  test("that are missing fail the plan by name, unless the job allows it", async () => {
    await expect(reader.split(sideFor({ object: "none/x.csv" }), 1)).rejects.toMatchObject({
      code: "SOURCE_OBJECT_MISSING",
      message: expect.stringContaining("none/x.csv"),
    });
    await expect(reader.split(sideFor({ object: "none/*" }), 1)).rejects.toMatchObject({
      code: "SOURCE_OBJECT_MISSING",
    });
    const plan = await reader.split(sideFor({ object: "none/*", successOnNoObject: "true", column: columns }), 1);
    expect(plan.splits).toEqual([]);
  });

  test("more than one page of a listing are all read, in few splits", async () => {
    for (let i = 0; i < 1_050; i += 50)
      await Promise.all(Array.from({ length: 50 }, (_, j) => put(`many/${i + j}.csv`, `${i + j},x\n`)));
    const side = sideFor({ object: "many/*.csv", column: columns });
    const splits = await planned(reader, side, 4);
    expect(splits).toHaveLength(4);
    const records = await recordsOf(reader, side, 4);
    expect(records.map((row) => Number(row[0])).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1_050 }, (_, i) => i),
    );
  });
});

describe("a large CSV object", () => {
  test("is read in several pieces, also with line ends in quotes; dirty records keep their line number", async () => {
    const text = orders().replace("\n777,", "\nbad,");
    await put("big/orders.csv", text);
    const side = sideFor({ object: "big/orders.csv", column: columns, skipHeader: true });
    const splits = await planned(reader, side, 20);
    expect(splits.length).toBeGreaterThan(3);
    expect(splits.every(({ bytes }) => bytes! < 2.5 * 1024 * 1024)).toBe(true);
    const ids: number[] = [];
    const keys: (string | undefined)[] = [];
    for (const split of splits) {
      for (const batch of await batchesOf(reader, side, split)) {
        for (const row of batch.rows) ids.push(Number(row[0]));
        for (const dirty of batch.dirty) keys.push(dirty.key);
      }
    }
    ids.sort((a, b) => a - b);
    expect(ids).toEqual(Array.from({ length: 60_000 }, (_, i) => i).filter((i) => i !== 777));
    const line = text.split("\n").findIndex((one) => one.startsWith("bad,")) + 1;
    expect(keys).toEqual([`big/orders.csv:${line}`]);
    expect(splits.reduce((sum, { rows }) => sum + rows!, 0)).toBe(text.split("\n").length - 1);
  });

  test("stays whole when asked to, or when it is compressed, and reads the same", async () => {
    const text = orders(30_000);
    await put("whole/orders.csv", text);
    await put("whole/orders.csv.gz", gzipSync(text));
    for (const extra of [
      { object: "whole/orders.csv", enableInnerSplit: false },
      { object: "whole/orders.csv.gz", compress: "gzip" },
    ]) {
      const side = sideFor({ ...extra, column: columns, skipHeader: true });
      const [split, ...more] = await planned(reader, side, 8);
      expect(more).toEqual([]);
      const batches = await batchesOf(reader, side, split!);
      expect(batches.reduce((sum, batch) => sum + batch.count, 0)).toBe(30_000);
      const from = JSON.parse(JSON.stringify(batches[1]!.checkpoint));
      const rest = await batchesOf(reader, side, split!, from);
      expect(rest.flatMap((batch) => batch.rows)).toEqual(batches.slice(2).flatMap((batch) => batch.rows));
    }
  });

  test("of text or JSON lines is cut without being looked through", async () => {
    const text = Array.from({ length: 40_000 }, (_, i) => `{"id":${i},"note":"${"x".repeat(60)}"}\n`).join("");
    await put("big/rows.jsonl", text);
    const side = sideFor({ object: "big/rows.jsonl", fileFormat: "jsonl", column: [{ name: "id", type: "long" }] });
    const splits = await planned(reader, side, 8);
    expect(splits).toHaveLength(3);
    const records = await recordsOf(reader, side, 8);
    expect(records.map((row) => Number(row[0])).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40_000 }, (_, i) => i),
    );
  });
});

describe("all columns", () => {
  test("are as many as the first record has, named after the header", async () => {
    await put("star/a.csv", '"id","full ""name"""\n1,a\n2,b\n3\n');
    const side = sideFor({ object: "star/a.csv", column: ["*"], skipHeader: true });
    expect(await reader.columns(side)).toEqual([
      { name: "id", type: "string" },
      { name: 'full "name"', type: "string" },
    ]);
    const [split] = await planned(reader, side, 1);
    const [batch] = await batchesOf(reader, side, split!);
    expect(batch!.rows).toEqual([
      ["1", "a"],
      ["2", "b"],
    ]);
    expect(batch!.dirty).toMatchObject([{ reason: "MISSING_COLUMN", key: "star/a.csv:4" }]);
  });

  test("of other encodings are read as text", async () => {
    await put("star/gbk.csv", iconv.encode("1,你好\n2,世界\n", "gbk"));
    const side = sideFor({ object: "star/gbk.csv", column: "*", encoding: "GBK" });
    expect(await recordsOf(reader, side)).toEqual([
      ["1", "你好"],
      ["2", "世界"],
    ]);
  });
});

describe("reading", () => {
  test("that are no text in the encoding of the file are dirty, not replaced", async () => {
    await put(
      "broken.gbk",
      Buffer.concat([iconv.encode("1,你\n2,", "GBK"), Buffer.from([0xff, 0xff]), Buffer.from("\n3,x\n")]),
    );
    await put("broken.utf16", Buffer.from("1,a\ufffd\n2,\ud800b\n3,\u{1f600}\n", "utf16le"));
    for (const [object, encoding, good] of [
      ["broken.gbk", "GBK", ["你", "x"]],
      ["broken.utf16", "UTF-16LE", ["a\ufffd", "\u{1f600}"]],
    ] as const) {
      const side = sideFor({ object, encoding, column: columns });
      const [split] = await planned(reader, side, 1);
      const batches = await batchesOf(reader, side, split!);
      expect(batches.flatMap(({ rows }) => rows.map((row) => row[1]))).toEqual(good);
      expect(batches.flatMap(({ dirty }) => dirty)).toMatchObject([
        {
          reason: "MALFORMED_LINE",
          key: `${object}:2`,
          message: `the line is not valid ${encoding}; check the parameter encoding`,
        },
      ]);
    }
  });

  test("of a compressed object ends at once when it is left early or aborted", async () => {
    await put("early.csv.gz", gzipSync(orders(60_000)));
    const abort = new AbortController();
    const side = sideFor({ object: "early.csv.gz", column: columns, skipHeader: true, compress: "gzip" }, abort.signal);
    const [split] = await planned(reader, side, 1);
    for await (const batch of reader.read(side, split!.spec, null)) if (batch.count > 0) break;
    const reading = reader.read(side, split!.spec, null)[Symbol.asyncIterator]();
    await reading.next();
    abort.abort();
    const drained = (async () => {
      while (!(await reading.next()).done);
    })();
    // The whole object may have arrived before the abort; what must not happen is another error, or none ever.
    await drained.catch((error) => expect(error).toMatchObject({ code: "CANCELLED" }));
    const broken = sideFor({ object: "slow.csv", column: columns, compress: "gzip" });
    const [plain] = await planned(reader, broken, 1);
    await expect(batchesOf(reader, broken, plain!)).rejects.toMatchObject({
      code: "SOURCE_REFUSED",
      message: expect.stringMatching(/slow\.csv: not valid gzip/),
    });
  });

  test("refuses to go on when the object was replaced", async () => {
    await put("changed.csv", "1,a\n");
    const side = sideFor({ object: "changed.csv", column: columns });
    const [split] = await planned(reader, side, 1);
    await put("changed.csv", "2,b\n");
    await expect(batchesOf(reader, side, split!)).rejects.toMatchObject({
      code: "SOURCE_OBJECT_MISSING",
      message: expect.stringMatching(/changed\.csv.*replaced or changed/),
    });
  });

  test("goes on from where a broken connection left it, and repeats calls that OSS could not answer", async () => {
    const text = orders(40_000);
    await put("broken.csv", text);
    const signal = new AbortController().signal;
    const bucket = openOssBucket(place.source, signal);
    const object = (await bucket.head("broken.csv"))!;
    place.fault("GetObject", { kind: "status", status: 503 });
    place.fault("GetObject", { kind: "dropResponse" });
    let read = Buffer.alloc(0);
    let breaks = 2;
    for await (const chunk of readRange(bucket, { ...object, start: 0, end: object.size }, signal)) {
      read = Buffer.concat([read, chunk]);
      if (breaks > 0 && read.length > 300_000 * (3 - breaks)) {
        breaks--;
        place.server.closeAllConnections();
      }
    }
    expect(read.equals(Buffer.from(text))).toBe(true);
  });

  test("survives a writer that pauses longer than the client's own time-out", async () => {
    const signal = new AbortController().signal;
    const bucket = openOssBucket(place.source, signal, { timeoutMs: 300 });
    const object = (await bucket.head("slow.csv"))!;
    let bytes = 0;
    let paused = false;
    for await (const chunk of readRange(bucket, { ...object, start: 0, end: object.size }, signal)) {
      bytes += chunk.length;
      if (paused) continue;
      paused = true;
      await new Promise((resolve) => setTimeout(resolve, 1_200));
    }
    expect(bytes).toBe(object.size);
  });

  test("names a bucket that does not exist and a key that is wrong", async () => {
    const other = (over: object) => openOssBucket({ ...place.source, ...over }, new AbortController().signal);
    const { source } = sideFor({ object: "a" });
    const elsewhere = { ...sideFor({ object: "a" }), source: { ...source, bucket: "nothing-here" } };
    await expect(reader.split(elsewhere, 1)).rejects.toMatchObject({
      message: expect.stringContaining("NoSuchBucket"),
    });
    await expect(other({ accessKey: "wrong" }).head("a")).rejects.toMatchObject({ code: "ACCESS_DENIED" });
  });
});
