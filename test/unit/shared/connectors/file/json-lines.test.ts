import { describe, expect, it } from "vitest";
import { namesOfFirstRecord } from "../../../../../shared/connectors/file/first-record.js";
import { chunks, formatFor, readText } from "./read-text.js";

const jsonl = (column: unknown[]) => ({ fileFormat: "jsonl", column });

describe("JSON lines", () => {
  it("keep every digit of numbers", async () => {
    const text =
      '{"a":9007199254740993,"b":1.10,"c":1e400,"d":[12345678901234567890,{"x":0.10}],"e":-0.0}\n{"a":1,"b":2.5}';
    const names = ["a", "b", "c", "d", "e"].map((name) => ({ name }));
    const read = await readText(text, jsonl(names));
    expect(read.rows).toEqual([
      ["9007199254740993", "1.10", "1e400", '[12345678901234567890,{"x":0.10}]', "-0.0"],
      ["1", "2.5", null, null, null],
    ]);
  });

  it("are read by path, by type and by position in lists", async () => {
    const column = [
      { name: "user.id", type: "long" },
      { name: "tags.1" },
      { name: "ok", type: "boolean" },
      { name: "a.b" },
    ];
    const read = await readText('{"user":{"id":7},"tags":["x","y"],"ok":true,"a.b":"key"}\n', jsonl(column));
    expect(read.rows).toEqual([["7", "y", "true", "key"]]);
    const lists = await readText('[1,"b"]\n', jsonl([{ index: 1 }, { index: 0, type: "long" }]));
    expect(lists.rows).toEqual([["b", "1"]]);
  });

  it("that are no objects, or whose values do not convert, are dirty", async () => {
    const read = await readText('{"a":1}\n{"a":\n7\n{"a":"x"}\n\n{"a":true}\n', jsonl([{ name: "a", type: "long" }]));
    expect(read.rows).toEqual([["1"], ["1"]]);
    expect(read.dirty.map(({ reason, key }) => [reason, key])).toEqual([
      ["MALFORMED_LINE", "o:2"],
      ["MALFORMED_LINE", "o:3"],
      ["CONVERSION", "o:4"],
    ]);
  });

  it("keep what JavaScript would change: digits, exponents, texts that look like marks", async () => {
    const text = [
      String.raw`{"a":"#5","b":12345678901234567890.123,"c":{"k":"$x","n":1e400,"#":1.10,"t":"a:\"b\":1"},"d":-0,"e":"\u0000"}`,
      String.raw`{"a":"\ue000","b":${"9".repeat(400)},"c":["\"1.10\""],"d":-0.0e0,"e":"10.00"}`,
    ].join("\n");
    const read = await readText(text, jsonl(["a", "b", "c", "d", "e"].map((name) => ({ name }))));
    expect(read.dirty).toEqual([]);
    expect(read.rows).toEqual([
      ["#5", "12345678901234567890.123", String.raw`{"k":"$x","n":1e400,"#":1.10,"t":"a:\"b\":1"}`, "-0", "\0"],
      ["\ue000", "9".repeat(400), String.raw`["\"1.10\""]`, "-0.0e0", "10.00"],
    ]);
    const typed = await readText('{"a":1e400,"b":1}\n{"a":1e20,"b":1}\n{"a":1,"b":-0}\n', {
      ...jsonl([
        { name: "a", type: "long" },
        { name: "b", type: "double" },
      ]),
    });
    expect(typed.dirty.map(({ column }) => column)).toEqual(["a", "a"]);
  });

  it("with a key twice in one object, at any depth, are dirty", async () => {
    const text = [
      '{"a":1,"a":2}',
      '{"a":1,"b":{"x":1,"y":{"x":1},"x":2}}',
      String.raw`{"a":1,"\u0061":2}`,
      '{"a" : 1 , "a"\t: 2}',
      '{"a":[{"k":1},{"k":2}],"b":"\\"a\\":1,\\"a\\":2"}',
      '{"__proto__":1,"a":7,"constructor":2}',
      '{"__proto__":1,"a":8,"__proto__":2}',
    ].join("\n");
    const read = await readText(text, jsonl([{ name: "a" }, { name: "__proto__" }]));
    expect(read.rows).toEqual([
      ['[{"k":1},{"k":2}]', null],
      ["7", "1"],
    ]);
    expect(read.dirty.map(({ key, message }) => [key, message.match(/key "(\w+)" comes twice/)?.[1]])).toEqual([
      ["o:1", "a"],
      ["o:2", "x"],
      ["o:3", "a"],
      ["o:4", "a"],
      ["o:7", "__proto__"],
    ]);
  });

  it("with half a character are dirty where a column takes it; inside nested values it stays as it is spelled", async () => {
    const text = [
      String.raw`{"a":"x\ud83d","b":1}`,
      String.raw`{"a":"\ud83d\ude00","b":{"h":"\uDE00"}}`,
      String.raw`{"b":"\udc00"}`,
      String.raw`{"a":"ok","c":"\ud800"}`,
    ].join("\n");
    const read = await readText(text, jsonl([{ name: "a" }, { name: "b" }]));
    expect(read.rows).toEqual([
      ["😀", String.raw`{"h":"\ude00"}`],
      ["ok", null],
    ]);
    expect(read.dirty.map(({ key, column, reason }) => [key, column, reason])).toEqual([
      ["o:1", "a", "CONVERSION"],
      ["o:3", "b", "CONVERSION"],
    ]);
    expect(read.dirty[0]?.message).toContain(String.raw`\ud83d`);
  });

  it("nested too deep are dirty, their neighbours arrive", async () => {
    const nested = (depth: number) => `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
    const deepObject = `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`;
    const lines = ['{"a":1}', nested(5000), nested(200_000), deepObject, nested(512), nested(513), '{"a":2}'];
    const read = await readText(lines.join("\n"), jsonl([{ name: "a" }]));
    expect(read.rows).toEqual([["1"], [`${"[".repeat(511)}${"]".repeat(511)}`], ["2"]]);
    expect(read.dirty.map(({ key, reason }) => [key, reason])).toEqual(
      [2, 3, 4, 6].map((line) => [`o:${line}`, "MALFORMED_LINE"]),
    );
  });

  it("of very long texts and of very many values need no more memory than others", async () => {
    const long = "x".repeat(24 * 1024 * 1024);
    const many = `{"a":[${"[],".repeat(1_100_000)}1]}`;
    const lines = [`{"a":1.50,"b":"${long}"}`, `{"a":"${String.raw`\"a\":`.repeat(300_000)}"}`, many, '{"a":2}'];
    const read = await readText(lines.join("\n"), jsonl([{ name: "a" }, { name: "b" }]), { chunkBytes: 1024 * 1024 });
    expect(read.rows.map(([a, b]) => [a?.length, b?.length])).toEqual([
      [4, long.length],
      [1_200_000, undefined],
      [1, undefined],
    ]);
    expect(read.dirty.map(({ message }) => message)).toEqual(["the line holds more than 1,000,000 values"]);
  });
});

describe("JSON lines with column *", () => {
  const star = jsonl(["*"]);

  it("with a key that the first line lacks are dirty; a missing key is null", async () => {
    const text =
      '{"id":1,"a.b":2}\n{"id":2,"name":"bob"}\n{"a.b":3}\n{"a":{"b":4}}\n{"id":5,"__proto__":6}\n{}\n[]\n[1]\n';
    const read = await readText(text, star, { names: ["id", "a.b"] });
    expect(read.rows).toEqual([
      ["1", "2"],
      [null, "3"],
      [null, null],
    ]);
    expect(read.dirty.map(({ key, reason }) => [key, reason])).toEqual(
      [2, 4, 5, 7, 8].map((line) => [`o:${line}`, "MALFORMED_LINE"]),
    );
    expect(read.dirty[0]?.message).toContain('the key "name" is not in the first line');
    expect(read.dirty[0]?.cells).toEqual(['{"id":2,"name":"bob"}']);
  });

  it("of lists are as long as the first", async () => {
    const read = await readText("[1,2]\n[3]\n[4,5,6]\n[7,8]\n", star, { names: ["0", "1"] });
    expect(read.rows).toEqual([
      ["1", "2"],
      ["7", "8"],
    ]);
    expect(read.dirty).toHaveLength(2);
  });

  it("take their columns from the first line that has keys", async () => {
    const names = (text: string) => namesOfFirstRecord(chunks(Buffer.from(text), 5), formatFor(star));
    expect(await names('\n{}\nnonsense\n{"a":1,"a":2}\n{"\\ud800":1}\n{"b":1,"__proto__":2}\n{"c":1}')).toEqual({
      names: ["b", "__proto__"],
      hasRecord: true,
    });
    for (const none of ["", "\n \n", "{}\n", "[]", "x"])
      expect(await names(none)).toEqual({ names: [], hasRecord: false });
    const read = await readText('{}\nx\n{"a":1}\n', star, { names: [] });
    expect([read.rows, read.dirty.map(({ key }) => key)]).toEqual([[], ["o:1", "o:2", "o:3"]]);
  });

  it("of more keys than a table can have are refused", async () => {
    const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, i])));
    const long = JSON.stringify({ ["k".repeat(300_000)]: 1 });
    for (const text of [wide, long])
      await expect(namesOfFirstRecord(chunks(Buffer.from(text), 65536), formatFor(star))).rejects.toMatchObject({
        code: "SOURCE_REFUSED",
      });
  });
});
