import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import { batchOf, type Column, type DataRecord, packedBatch } from "../../../../../shared/model/batch.js";
import { encoderOf, random, readText } from "./read-text.js";

const columns: Column[] = ["a", "b", "c"].map((name) => ({ name, type: "string" }));
const encoder = (given: object, of: Column[] = columns) => encoderOf(given, of);

function packedRows(rows: readonly DataRecord[]) {
  const cells = rows.flat().map((cell) => (cell === null ? null : Buffer.from(cell)));
  const data = Buffer.concat(cells.filter((cell) => cell !== null));
  const lengths = Int32Array.from(cells, (cell) => (cell === null ? -1 : cell.length));
  return packedBatch({ data, lengths }, { columns, checkpoint: null, dirty: [] });
}

function randomRows(seed: number): DataRecord[] {
  const next = random(seed);
  const pieces = ["a", ",", '"', "\n", "\r", " ", "ü", "😀", "|", "\t", ""];
  const cell = () =>
    Array.from({ length: Math.floor(next() * 4) }, () => pieces[Math.floor(next() * pieces.length)]).join("");
  return Array.from({ length: 20 }, () => Array.from({ length: 3 }, () => (next() < 0.2 ? null : cell())));
}

describe("written lines", () => {
  it("are the same bytes from packed and from decoded records", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const rows = randomRows(seed);
      for (const given of [
        {},
        { fieldDelimiter: "|", nullFormat: "\\N" },
        { fileFormat: "text", lineDelimiter: "\r\n" },
      ]) {
        const one = encoder(given);
        const decoded = one.linesOfBatch(batchOf(rows, { columns, checkpoint: null, dirty: [] })).bytes.toString();
        expect(one.linesOfBatch(packedRows(rows)).bytes.toString(), `seed ${seed}`).toBe(decoded);
      }
    }
  });

  it("are read back as they were by our own reader, nulls by nullFormat", async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const rows = randomRows(seed);
      const text = encoder({ nullFormat: "\\N" }).linesOfBatch(packedRows(rows)).bytes;
      const read = await readText(text, { column: [{ index: 0 }, { index: 1 }, { index: 2 }], nullFormat: "\\N" });
      expect(read.rows, `seed ${seed}`).toEqual(rows);
    }
  });

  it("of format text hold only cells that our own reader sees as they were; the others make dirty records", async () => {
    let kept = 0;
    for (const [fieldDelimiter, lineDelimiter] of [
      [",", "\n"],
      ["||", "\n"],
      ["|a", "\r\n"],
      ["\t", "ü"],
    ])
      for (let seed = 1; seed <= 60; seed++) {
        // A line of blanks is no record, and null and empty are one.
        const rows = randomRows(seed).map((row) => ["x", ...row.slice(1).map((cell) => cell ?? "")]);
        const given = { fileFormat: "text", fieldDelimiter, lineDelimiter };
        const { bytes, dirty } = encoder(given).linesOfBatch(packedRows(rows));
        const refused = new Set(dirty.map(({ cells }) => JSON.stringify(cells)));
        const good = rows.filter((row) => !refused.has(JSON.stringify(row)));
        const read = await readText(bytes, { ...given, column: [{ index: 0 }, { index: 1 }, { index: 2 }] });
        expect(read.rows, `${lineDelimiter} ${fieldDelimiter} seed ${seed}`).toEqual(good);
        kept += good.length;
      }
    expect(kept).toBeGreaterThan(500);
    const { dirty } = encoder({ fileFormat: "text" }).lines([
      ["a", "b,c", "d"],
      ["a", "b", "c\n"],
    ]);
    expect(dirty).toMatchObject(
      [
        { side: "writer", reason: "CONVERSION", column: "b", message: /field delimiter/ },
        { side: "writer", reason: "CONVERSION", column: "c", message: /line end/ },
      ].map((one) => ({ ...one, message: expect.stringMatching(one.message) })),
    );
    expect(() => encoder({ fileFormat: "text", header: ["a,b", "c"] })).toThrow(/^header/);
    expect(() => encoder({ nullFormat: "," })).toThrow(/^nullFormat/);
  });

  it("are quoted only where needed; a record of one empty cell is no blank line", () => {
    const bytes = encoder({}).lines([["a b", "c,d", ' e"']]).bytes;
    expect(bytes.toString()).toBe('a b,"c,d"," e"""\n');
    const one: Column[] = [{ name: "a", type: "string" }];
    expect(
      encoder({}, one)
        .lines([[""], [null]])
        .bytes.toString(),
    ).toBe('""\n""\n');
  });

  it("may be in another encoding, with a header", () => {
    const gbk = encoder({ encoding: "GBK", writeHeader: "true" });
    expect(gbk.lines([["你", "好", "x"]]).bytes).toEqual(Buffer.from([0xc4, 0xe3, 0x2c, 0xba, 0xc3, 0x2c, 0x78, 0x0a]));
    expect(gbk.header().toString()).toBe("a,b,c\n");
  });

  it("never hold a question mark for a character that the encoding has not: the record is dirty", () => {
    const gbk = encoder({ encoding: "GBK" });
    const { bytes, dirty } = gbk.lines([
      ["你", "1", "a"],
      ["b", "2", "😀"],
      ["?", "3", "c"],
    ]);
    expect(iconv.decode(bytes, "GBK")).toBe("你,1,a\n?,3,c\n");
    expect(dirty).toMatchObject([{ reason: "CONVERSION", column: "c", cells: ["b", "2", "😀"] }]);
    expect(() => encoder({ encoding: "ISO-8859-1", header: ["名"] })).toThrow('header: "名"');
  });

  it("end and are parted by what a reader can tell from the cells", () => {
    const odd = encoder({ lineDelimiter: "|#" });
    expect(odd.lines([["a|#b", "c", "d"]]).bytes.toString()).toBe('"a|#b",c,d|#');
    const packed = odd.linesOfBatch(packedRows([["a|#b", "c", "d"]]));
    expect(packed.bytes.toString()).toBe('"a|#b",c,d|#');
    for (const given of [
      { fieldDelimiter: '"' },
      { fieldDelimiter: "\n" },
      { lineDelimiter: "," },
      { fileFormat: "text", fieldDelimiter: "\n" },
    ])
      expect(() => encoder(given)).toThrow("clashes with the line delimiter or the quote");
  });

  it("bear a byte order mark at the start of the file only", async () => {
    const wide = encoder({ encoding: "UTF-16" });
    const file = Buffer.concat([
      wide.header(),
      wide.lines([["a", "b", "c"]]).bytes,
      wide.lines([["d", "é", "😀"]]).bytes,
    ]);
    expect(file.toString("utf16le")).toBe("\ufeffa,b,c\nd,é,😀\n");
  });

  it("leave out records that have no text, which are dirty", () => {
    const bytes: Column[] = [{ name: "raw", type: "bytes" }];
    const plain = encoder({}, bytes).lines([[Buffer.from([0xff])], [Buffer.from("ok")]]);
    expect(plain.bytes.toString()).toBe("ok\n");
    expect(plain.dirty).toMatchObject([{ side: "writer", reason: "CONVERSION", column: "raw" }]);
    expect(
      encoder({ byteEncoding: "base64" }, bytes)
        .lines([[Buffer.from([0xff])]])
        .bytes.toString(),
    ).toBe("/w==\n");
  });
});
