import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { namesOfFirstRecord } from "../../../../../shared/connectors/file/first-record.js";
import { chunks, cutsOf, formatFor, random, readText } from "./read-text.js";

const namesOf = async (text: string, format: object, chunkBytes = 7) =>
  (await namesOfFirstRecord(chunks(Buffer.from(text), chunkBytes), formatFor(format))).names;

const strings = (width: number) => Array.from({ length: width }, (_, index) => ({ index }));

/** Cells of all the kinds that matter to a CSV parser. */
function randomCell(next: () => number): string {
  const pieces = ["a", "bc", ",", '"', "\n", "\r", " ", "ü", "😀", "", "1", "x y", "\t", '""'];
  return Array.from({ length: Math.floor(next() * 5) }, () => pieces[Math.floor(next() * pieces.length)]).join("");
}

function randomCsv(seed: number, newline: string) {
  const next = random(seed);
  const rows = Array.from({ length: 1 + Math.floor(next() * 30) }, () =>
    Array.from({ length: 3 }, (_, i) => (i === 0 ? `k${randomCell(next)}` : randomCell(next))),
  );
  const text = Papa.unparse(rows, { newline, quotes: next() < 0.3 });
  return { rows, text: next() < 0.5 ? text + newline : text };
}

describe("CSV records", () => {
  it("come out as the CSV library wrote them, for any content and wherever blocks end", async () => {
    for (let seed = 1; seed <= 120; seed++) {
      const { rows, text } = randomCsv(seed, seed % 2 === 0 ? "\n" : "\r\n");
      const read = await readText(text, { column: strings(3) }, { chunkBytes: 1 + (seed % 17) });
      expect(read.dirty, `seed ${seed}`).toEqual([]);
      expect(read.rows, `seed ${seed}`).toEqual(rows);
    }
  });

  it("with blanks behind quotes or quotes in plain cells are read as the library reads them", async () => {
    const text = '"a" ,b,c\nx"y"z,"p""q"  ,"r\n s"\t\n ,"",\n';
    const expected = Papa.parse<string[]>(text, { delimiter: ",", newline: "\n", skipEmptyLines: true }).data;
    const read = await readText(text, { column: strings(3) });
    expect(read.rows).toEqual(expected);
  });

  it("are the same when a file is read in pieces cut at its record starts", async () => {
    for (let seed = 1; seed <= 80; seed++) {
      const { rows, text } = randomCsv(seed, "\n");
      const bytes = Buffer.from(text);
      const { cuts, lines } = await cutsOf(text, {}, 1 + (seed % 40), 1 + (seed % 13));
      const starts = [{ offset: 0, line: 1 }, ...cuts];
      const read: unknown[] = [];
      for (const [i, start] of starts.entries()) {
        const piece = bytes.subarray(start.offset, starts[i + 1]?.offset ?? bytes.length);
        read.push(...(await readText(piece, { column: strings(3) }, start)).rows);
      }
      expect(read, `seed ${seed}`).toEqual(rows);
      expect(lines, `seed ${seed}`).toBe(text.replace(/\n$/, "").split("\n").length);
    }
  });

  it("with stray and open quotes are the same in pieces as in one", async () => {
    const pieces = ['"', '"', ",", "\n", "a", "b\n", '""', '",', ',"', " "];
    for (let seed = 1; seed <= 150; seed++) {
      const next = random(seed);
      const text = Array.from({ length: 60 }, () => pieces[Math.floor(next() * pieces.length)]).join("");
      const bytes = Buffer.from(text);
      const given = { column: [{ index: 0 }] };
      const whole = await readText(text, given, { chunkBytes: 1 + (seed % 7) });
      const { cuts } = await cutsOf(text, {}, 1 + (seed % 9), 1 + (seed % 5));
      const starts = [{ offset: 0, line: 1 }, ...cuts];
      const rows: unknown[] = [];
      const dirty: unknown[] = [];
      for (const [i, start] of starts.entries()) {
        const piece = await readText(bytes.subarray(start.offset, starts[i + 1]?.offset ?? bytes.length), given, start);
        rows.push(...piece.rows);
        dirty.push(...piece.dirty);
      }
      expect(rows, `seed ${seed}`).toEqual(whole.rows);
      expect(dirty, `seed ${seed}`).toEqual(whole.dirty);
    }
  });

  it("after a quote that never closes are still read: one line is lost, not the file", async () => {
    const read = await readText('1,a\n2,"b\n3,c\n4,d\n', { column: strings(2) });
    expect(read.rows).toEqual([
      ["1", "a"],
      ["3", "c"],
      ["4", "d"],
    ]);
    expect(read.dirty).toMatchObject([{ reason: "MALFORMED_LINE", key: "o:2", cells: ['2,"b'] }]);
  });

  it("go on from every checkpoint without loss", async () => {
    const text = Array.from({ length: 40_000 }, (_, i) => `${i},"line\n${i}",plain text of some length ${i}\n`).join(
      "",
    );
    const whole = await readText(text, { column: strings(3) });
    expect(whole.batches.length).toBeGreaterThan(2);
    let before = 0;
    for (const batch of whole.batches) {
      before += batch.count;
      const from = batch.checkpoint as { offset: number; line: number };
      expect(from.line).toBe(before * 2 + 1);
      const rest = await readText(Buffer.from(text).subarray(from.offset), { column: strings(3) }, from);
      expect(rest.rows).toEqual(whole.rows.slice(before));
    }
  });
});

describe("CSV cells", () => {
  it("are converted by type, and what cannot be converted makes the line dirty with its number", async () => {
    const column = [
      { index: 0, type: "long" },
      { index: 1, type: "double" },
      { index: 2, type: "date" },
      { index: 3, type: "boolean" },
      { value: "shop", type: "string" },
    ];
    const text = [
      "9007199254740993,1.10,2024-02-29 10:00:00,TRUE",
      "x,1,2024-01-01,true",
      "99999999999999999999,1,2024-01-01,true",
      "1,,2024-01-01,true",
      "1,1,2024-02-30,true",
      "1,1,2024-01-31,yes",
      "1,1",
      "-5,1e3,20240131,false",
    ].join("\n");
    const read = await readText(text, { column });
    expect(read.rows).toEqual([
      ["9007199254740993", "1.10", "2024-02-29 10:00:00", "true", "shop"],
      ["-5", "1e3", "2024-01-31", "false", "shop"],
    ]);
    expect(read.dirty.map(({ reason, column: name, key }) => [reason, name, key])).toEqual([
      ["CONVERSION", "c0", "o:2"],
      ["OVERFLOW", "c0", "o:3"],
      ["CONVERSION", "c1", "o:4"],
      ["CONVERSION", "c2", "o:5"],
      ["CONVERSION", "c3", "o:6"],
      ["MISSING_COLUMN", "c2", "o:7"],
    ]);
    expect(read.dirty[0]?.cells).toEqual(["x", "1", "2024-01-01", "true"]);
  });

  it("equal to nullFormat are null, others keep their text", async () => {
    const read = await readText('\\N,a\n"\\N",\n', { column: strings(2), nullFormat: "\\N" });
    expect(read.rows).toEqual([
      [null, "a"],
      [null, ""],
    ]);
  });

  it("are read by a date format of their own", async () => {
    const read = await readText("05/11/2024\n2024-11-05\n", {
      column: [{ index: 0, type: "date", format: "dd/MM/yyyy" }],
    });
    expect(read.rows).toEqual([["2024-11-05"]]);
    expect(read.dirty).toHaveLength(1);
  });

  it("keep their blanks in new jobs and lose them in jobs with DataX's CSV settings, except between quotes", async () => {
    const text = ' a ," b "\n c," d" \n';
    const kept = await readText(text, { column: strings(2) });
    expect(kept.rows[0]).toEqual([" a ", " b "]);
    const trimmed = await readText(text, { column: strings(2), csvReaderConfig: {} });
    expect(trimmed.rows).toEqual([
      ["a", " b "],
      ["c", " d"],
    ]);
    const safe = await readText(text, { column: strings(2), csvReaderConfig: { safeSplit: true } });
    expect(safe.rows[0]).toEqual([" a ", " b "]);
  });

  it("may be parted by several characters, with or without quotes", async () => {
    const read = await readText('a||"b||c"||d\ne||f||g\n', { column: strings(3), fieldDelimiter: "||" });
    expect(read.rows).toEqual([
      ["a", "b||c", "d"],
      ["e", "f", "g"],
    ]);
  });

  it("follow DataX's backslash escapes between quotes, wherever blocks end and pieces are cut", async () => {
    const text = '"a\\\\",b\\n\n"c\\"",d\n"\\n\\t\\u4f60\\x41\\101\\d065\\\n"  ,"e\nf"\n';
    const given = { column: strings(2), csvReaderConfig: { escapeMode: 2, trimWhitespace: false } };
    const rows = [
      ["a\\", "b\\n"],
      ['c"', "d"],
      ["\n\t你AAA\n", "e\nf"],
    ];
    for (let chunkBytes = 1; chunkBytes < 20; chunkBytes++) {
      expect((await readText(text, given, { chunkBytes })).rows).toEqual(rows);
      const { cuts, lines } = await cutsOf(text, given, 1, chunkBytes);
      expect([cuts.map(({ line }) => line), lines]).toEqual([[2, 3], 5]);
    }
    const open = await readText('"a" b,c\n"d","e\n', given);
    expect([open.rows.length, open.dirty.length]).toEqual([0, 2]);
    expect(() => formatFor({ csvReaderConfig: { escapeMode: 2, useTextQualifier: false } })).toThrow("escapeMode 2");
  });

  it("may use a backslash before quotes", async () => {
    const read = await readText('"a\\"b",c\nd,"e"\n', { column: strings(2), csvReaderConfig: { escapeMode: 2 } });
    expect(read.rows).toEqual([
      ['a"b', "c"],
      ["d", "e"],
    ]);
  });

  it("that are too many or too few are dirty when the job reads all columns", async () => {
    const read = await readText("1,2\n1,2,3\n1\n", { column: ["*"] }, { names: ["a", "b"] });
    expect(read.rows).toEqual([["1", "2"]]);
    expect(read.dirty.map(({ reason, key }) => [reason, key])).toEqual([
      ["MALFORMED_LINE", "o:2"],
      ["MISSING_COLUMN", "o:3"],
    ]);
  });

  it("may be listed twice and in any order", async () => {
    const long = "x".repeat(700_000);
    const read = await readText(`a,${long}\n`, { column: [{ index: 1 }, { index: 0 }, { index: 1 }] });
    expect(read.rows).toEqual([[long, "a", long]]);
  });
});

describe("lines", () => {
  it("begin behind a byte order mark and a header; blank lines and comments are no records", async () => {
    const text = '\uFEFFid,name\n1,a\n\n#2,"b\n3,c';
    const read = await readText(text, {
      column: strings(2),
      skipHeader: "true",
      csvReaderConfig: { useComments: true },
    });
    expect(read.rows).toEqual([
      ["1", "a"],
      ["3", "c"],
    ]);
    const bad = await readText("\uFEFFid\n1\n\nx\n", { column: [{ index: 0, type: "long" }], skipHeader: true });
    expect(bad.dirty[0]?.key).toBe("o:4");
  });

  it("with carriage returns that other programs take for line ends are dirty, unless the job names its line ends", async () => {
    const mac = "1,a\r2,b\r3,c\r";
    const read = await readText(`${mac}\n4,"d\re"\r\n5,f\rg\r\n"6" ,h\ri\n7,j\r\n`, { column: strings(2) });
    expect(read.rows).toEqual([
      ["4", "d\re"],
      ["7", "j"],
    ]);
    expect(read.dirty.map(({ key }) => key)).toEqual(["o:1", "o:3", "o:4"]);
    expect(read.dirty[0]?.message).toContain("set lineDelimiter to \\r");
    for (const given of [{ fileFormat: "text" }, { csvReaderConfig: { useTextQualifier: false } }])
      expect((await readText(mac, { ...given, column: strings(2) })).dirty).toHaveLength(1);
    expect((await readText(mac, { column: strings(2), lineDelimiter: "\\r" })).rows).toHaveLength(3);
    const kept = await readText("1,a\rb\n", { column: strings(2), lineDelimiter: "\n" });
    expect(kept.rows).toEqual([["1", "a\rb"]]);
  });

  it("begin behind a header whose names hold line ends, in one piece and in several", async () => {
    const head = '\ufeffid,"amount\n(EUR, ""net"")"\r\n';
    const text = `${head}1,2\n"3",4\n`;
    const given = { column: strings(2), skipHeader: true };
    for (let chunkBytes = 1; chunkBytes < 30; chunkBytes++) {
      const read = await readText(text, given, { chunkBytes });
      expect([read.rows, read.dirty]).toEqual([
        [
          ["1", "2"],
          ["3", "4"],
        ],
        [],
      ]);
      expect(read.batches.at(-1)?.checkpoint).toMatchObject({ line: 5 });
    }
    const { cuts, lines } = await cutsOf(text, given, 1, 5);
    expect([cuts, lines]).toEqual([[{ offset: Buffer.byteLength(head) + 4, line: 4 }], 4]);
    for (const open of [`id,"x\n1,2\n${'3,"4"\n'.repeat(20_000)}`, 'id,"x\n1,2\n'])
      expect((await readText(open, given)).rows[0]).toEqual(["1", "2"]);
    expect(await namesOf(text, given)).toEqual(["id", 'amount (EUR, "net")']);
  });

  it("of any length give the names of all columns", async () => {
    const text = `"${"x\n".repeat(700_000)}",b,"c"\n1,2,3\n`;
    expect(await namesOf(text, {}, 100_000)).toEqual(["c0", "c1", "c2"]);
  });

  it("give as many columns as reading finds cells, whatever the quotes escape with", async () => {
    const escaped = { skipHeader: true, csvReaderConfig: { escapeMode: 2 } };
    const text = `${String.raw`id,"a \"b\", c"`}\n${String.raw`1,"x\",y"`}\n`;
    expect(await namesOf(text, escaped)).toEqual(["id", 'a "b", c']);
    expect((await readText(text, { ...escaped, column: strings(2) })).rows).toEqual([["1", 'x",y']]);
    const returns = { lineDelimiter: "\\r" };
    expect(await namesOf("1,a\nb\r2,c\r", returns)).toEqual(["c0", "c1"]);
    expect(await namesOf('1,"a"b,c\n2,d,e\n', {})).toHaveLength(3);
  });

  it("that are not UTF-8 are dirty, their neighbours are read", async () => {
    const text = Buffer.concat([Buffer.from("1,a\n2,"), Buffer.from([0xff, 0xfe]), Buffer.from("\n3,ü\n")]);
    const read = await readText(text, { column: strings(2) });
    expect(read.rows).toEqual([
      ["1", "a"],
      ["3", "ü"],
    ]);
    expect(read.dirty).toMatchObject([{ reason: "MALFORMED_LINE", key: "o:2" }]);
  });

  it("of text files end where lineDelimiter says and know no quotes", async () => {
    const given = { column: strings(2), fileFormat: "text", lineDelimiter: "@@", fieldDelimiter: "\\u0001" };
    const read = await readText('"a\u0001b\nc@@d\u0001"e"@@', given, { chunkBytes: 2 });
    expect(read.rows).toEqual([
      ['"a', "b\nc"],
      ["d", '"e"'],
    ]);
  });

  it("without a known number are named by their byte", async () => {
    const read = await readText("1\nx\n", { column: [{ index: 0, type: "long" }] }, { offset: 1000, line: null });
    expect(read.dirty[0]?.key).toBe("o@1002");
  });
});

describe("a file format", () => {
  it("that cannot be read is refused with what can", () => {
    expect(() => formatFor({ compress: "bzip2" })).toThrow(/use gzip, or none/);
    expect(() => formatFor({ fileFormat: "orc" })).toThrow(/csv, text or jsonl/);
    expect(() => formatFor({ encoding: "klingon" })).toThrow(/not known; use for example UTF-8/);
    expect(() => formatFor({ fieldDelimiter: '"' })).toThrow(/clashes/);
  });
});
