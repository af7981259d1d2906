import { describe, expect, it } from "vitest";
import { readText } from "./read-text.js";

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
});
