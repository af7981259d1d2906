import { describe, expect, it } from "vitest";
import { namesOfFirstRecord } from "../../../../../shared/connectors/file/first-record.js";
import { chunks, formatFor, readText } from "./read-text.js";

const MEGABYTE = 1024 * 1024;
const read = (text: string, given: Record<string, unknown>) => readText(text, given, { chunkBytes: MEGABYTE });

describe("records of very many cells", () => {
  const formats: [string, Record<string, unknown>, string][] = [
    ["csv", {}, ","],
    ["csv with quotes behind text", {}, ',"a" ,'],
    ["csv with backslashes", { csvReaderConfig: { escapeMode: 2 } }, ","],
    ["csv with a long delimiter", { fieldDelimiter: "||" }, "||"],
    ["csv with a long delimiter and quotes", { fieldDelimiter: "||" }, '||"a"'],
    ["text", { fileFormat: "text" }, ","],
    [
      "text with a long delimiter and line end",
      { fileFormat: "text", fieldDelimiter: "||", lineDelimiter: ";;" },
      "||",
    ],
  ];
  it.each(formats)("are dirty, their neighbours arrive: %s", async (_, given, piece) => {
    const end = typeof given.lineDelimiter === "string" ? given.lineDelimiter : "\n";
    const cell = typeof given.fieldDelimiter === "string" ? given.fieldDelimiter : ",";
    const wide = (cells: number) => piece.repeat(cells);
    const text = [`1${cell}a`, wide(150_000), `2${cell}b`, `3${wide(400_000)}`, `4${cell}d`].join(end);
    const found = await read(text, { ...given, column: [{ index: 0 }] });
    expect(found.rows.map(([id]) => id)).toEqual(["1", "2", "4"]);
    expect(found.dirty.map(({ key, reason, cells }) => [key, reason, cells.length])).toEqual([
      ["o:2", "MALFORMED_LINE", 1],
      ["o:4", "MALFORMED_LINE", 1],
    ]);
    expect(found.dirty[0]?.message).toContain("more than 100,000 cells");
    const star = namesOfFirstRecord(chunks(Buffer.from(`${wide(400_000)}${end}`), MEGABYTE), formatFor(given));
    await expect(star).rejects.toMatchObject({
      code: "SOURCE_REFUSED",
      hint: expect.stringContaining("fieldDelimiter"),
    });
  });

  it("are read where they are as many as allowed", async () => {
    const found = await read(`${"x,".repeat(99_999)}y\n`, { column: [{ index: 99_999 }, { index: 0 }] });
    expect(found.rows).toEqual([["y", "x"]]);
  });
});

describe("batches", () => {
  const constants = Array.from({ length: 1000 }, () => ({ value: "" }));

  it.each([
    ["csv", "a\n"],
    ["jsonl", "{}\n"],
  ])("of few bytes and many cells end in time: %s", async (fileFormat, line) => {
    const found = await read(line.repeat(3000), { fileFormat, column: [{ index: 0 }, ...constants] });
    expect(found.rows).toHaveLength(3000);
    for (const { count } of found.batches) expect(count * 1001).toBeLessThan(300_000);
    expect(new Set(found.batches.map(({ checkpoint }) => JSON.stringify(checkpoint))).size).toBe(found.batches.length);
  });

  it("of dirty records end in time, whatever their cells", async () => {
    const narrow = await read("x\n".repeat(5000), { column: [{ index: 0, type: "long" }] });
    expect(narrow.batches.map(({ dirty }) => dirty.length)).toEqual([1000, 1000, 1000, 1000, 1000]);
    const wide = await read(`${"x,".repeat(30_000)}\n`.repeat(20), { column: [{ index: 0, type: "long" }] });
    expect(wide.dirty).toHaveLength(20);
    for (const { dirty } of wide.batches) expect(dirty.length).toBeLessThan(4);
  });

  it("go on from each checkpoint", async () => {
    const text = "a,b\n".repeat(2000);
    const given = { column: [{ index: 1 }, ...constants] };
    const whole = await read(text, given);
    const [first] = whole.batches;
    const { offset, line } = first?.checkpoint as { offset: number; line: number };
    const rest = await readText(text.slice(offset), given, { offset, line });
    expect([line, rest.rows.length]).toEqual([(first?.count ?? 0) + 1, 2000 - (first?.count ?? 0)]);
  });
});

describe("a header that never ends", () => {
  it("is refused instead of being collected", async () => {
    const text = "x".repeat(33 * MEGABYTE);
    await expect(read(text, { skipHeader: true, column: [{ index: 0 }] })).rejects.toMatchObject({
      code: "SOURCE_REFUSED",
      message: expect.stringContaining("header does not end within 32 MiB"),
    });
  });
});
