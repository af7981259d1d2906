import { describe, expect, test } from "vitest";
import { type CopyLayout, copyPacker } from "../../../../../shared/connectors/postgresql/copy-packer.js";
import { nativeBatch } from "../../../../../shared/model/batch.js";

const plain = { key: [], momentsInUtc: false, isPlain: true } as const;
const same = (width: number): CopyLayout => ({ texts: Array(width).fill("same"), ...plain });

function cellsOf(layout: CopyLayout, ...lines: string[]): (string | null)[][] {
  const packer = copyPacker(layout);
  for (const line of lines) {
    // As rows come: in the middle of a larger buffer.
    const buffer = Buffer.from(`xx${line}\nyyyy`);
    packer.add(buffer, 2, buffer.length - 4);
  }
  const part = packer.take();
  if (!part) return [];
  const columns = layout.texts.map(
    (text, at) => ({ name: `c${at}`, type: text === "bytes" ? "bytes" : "string" }) as const,
  );
  const { rows } = nativeBatch(part.native, { columns, checkpoint: null, dirty: [] });
  return rows.map((row) => row.map((cell) => (Buffer.isBuffer(cell) ? cell.toString("hex") : cell)));
}

describe("rows of COPY", () => {
  test("of any length at any place are cut at tabs", () => {
    for (let length = 0; length < 20; length++) {
      const cell = "abcdefghijklmnopqrst".slice(0, length);
      expect(cellsOf(same(3), `${cell}\t\t${cell}`, `\t${cell}\t`)).toEqual([
        [cell, "", cell],
        ["", cell, ""],
      ]);
    }
  });

  test("have nulls, which are not the text \\N", () => {
    expect(cellsOf(same(4), "\\N\t\\\\N\tN\t\\N")).toEqual([[null, "\\N", "N", null]]);
    expect(cellsOf(same(1), "\\N", "")).toEqual([[null], [""]]);
  });

  test("lose their escapes, wherever these stand", () => {
    const text = "a\tb\nc\rd\be\ff\vg\\h";
    const escaped = "a\\tb\\nc\\rd\\be\\ff\\vg\\\\h";
    expect(cellsOf(same(2), `${escaped}\t${escaped}`)).toEqual([[text, text]]);
    expect(cellsOf(same(2), "abcdefg\\\\\t\\\\")).toEqual([["abcdefg\\", "\\"]]);
    expect(cellsOf(same(1), "你好🦥\\t")).toEqual([["你好🦥\t"]]);
  });

  test("agree with a plain reading of a thousand random ones", () => {
    const letters = ["a", "\t", "\n", "\\", "é", "\\N", "", "12345678"];
    let seed = 7;
    const next = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const printed = (cell: string | null) =>
      cell?.replace(/[\\\t\n]/g, (one) => ({ "\\": "\\\\", "\t": "\\t", "\n": "\\n" })[one] ?? one) ?? "\\N";
    const rows = Array.from({ length: 1_000 }, () =>
      Array.from({ length: 5 }, () =>
        next(6) === 0 ? null : Array.from({ length: next(9) }, () => letters[next(letters.length)]).join(""),
      ),
    );
    expect(cellsOf(same(5), ...rows.map((row) => row.map(printed).join("\t")))).toEqual(rows);
  });

  test("have booleans as words and bytes as bytes, short and long", () => {
    const long = Buffer.from(Array.from({ length: 300 }, (_, at) => at & 255)).toString("hex");
    const layout: CopyLayout = { texts: ["bool", "bytes", "bool", "same"], ...plain };
    expect(cellsOf(layout, "t\t\\\\x00ff\tf\tt", `\\N\t\\\\x\t\\N\t`, `f\t\\\\x${long}\tt\tx`)).toEqual([
      ["true", "00ff", "false", "t"],
      [null, "", null, ""],
      ["false", long, "true", "x"],
    ]);
  });

  test("have moments without their offset, or on the clock of UTC", () => {
    const texts = ["moment", "same"] as const;
    const line = "2024-02-29 20:34:56.1+08\tx";
    expect(cellsOf({ texts, ...plain }, line)).toEqual([["2024-02-29 20:34:56.1", "x"]]);
    expect(cellsOf({ texts, ...plain, momentsInUtc: true }, line)).toEqual([["2024-02-29 12:34:56.1", "x"]]);
  });

  test("tell the key of the last one as the server wrote it, behind what is visible as well", () => {
    const packer = copyPacker({
      texts: ["same", "moment"],
      key: [3, 1, 2, 0].map((at) => ({ at, isBytes: at === 0 })),
      momentsInUtc: false,
      isPlain: false,
    });
    const lines = ["\\\\x00ff\t2024-02-29 20:34:56+08\tb\tc\n", "\\\\x00ff\t2024-02-29 20:34:57+08\t\\\\b\\t\t\\N\n"];
    for (const line of lines.map((text) => Buffer.from(text))) packer.add(line, 0, line.length);
    expect(packer.take()?.lastKey.map((cell) => cell?.toString("latin1") ?? null)).toEqual([
      ...[null, "2024-02-29 20:34:57+08", "\\b\t"],
      "\x00\xff",
    ]);
    expect(packer.take()).toBeNull();
  });

  test("close a batch at its size and go on in the next; one that is larger is a batch of its own", () => {
    const packer = copyPacker(same(2));
    const line = Buffer.from(`${"x".repeat(5_000_000)}\ty\n`);
    expect(packer.add(line, 0, line.length)).toBe(true);
    expect(packer.take()?.native.unpack().data.length).toBe(5_000_001);
    const short = Buffer.from("\t\n");
    let count = 0;
    while (!packer.add(short, 0, 2)) count++;
    expect(count).toBe(199_999);
    expect(packer.take()?.native.unpack().lengths.length).toBe(400_000);
  });
});
