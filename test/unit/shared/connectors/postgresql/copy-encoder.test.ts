import { describe, expect, test } from "vitest";
import { type CopyForm, copyEncoder } from "../../../../../shared/connectors/postgresql/copy-encoder.js";
import { copyPacker } from "../../../../../shared/connectors/postgresql/copy-packer.js";
import { packRows } from "../../../../../shared/connectors/sql/pack-rows.js";
import type { DataRecord } from "../../../../../shared/model/batch.js";

function encoded(forms: readonly CopyForm[], ...rows: DataRecord[]): string {
  const encoder = copyEncoder(forms);
  encoder.add(packRows(rows, forms.length));
  return encoder.bytes().toString();
}

describe("a stream for COPY", () => {
  test("has tabs between cells, newlines behind rows and \\N for null", () => {
    expect(encoded(["text", "text", "text"], ["1", null, ""], ["你好🦥", "b", "c"])).toBe("1\t\\N\t\n你好🦥\tb\tc\n");
  });

  test("has a letter behind a backslash for what would end a cell or a row, also where only one cell holds any", () => {
    expect(encoded(["text", "text"], ["a\tb\nc\rd\\e", "\\N"], ["\\.", "plain"])).toBe(
      "a\\tb\\nc\\rd\\\\e\t\\\\N\n\\\\.\tplain\n",
    );
  });

  test("has null for an empty text of a number column, and the empty text elsewhere", () => {
    expect(encoded(["number", "text"], ["", ""], ["0", "0"])).toBe("\\N\t\n0\t0\n");
  });

  test("has bytes as hex digits behind an escaped \\x, short and long, empty and text", () => {
    const long = Buffer.from(Array.from({ length: 600 }, (_, at) => at & 255));
    expect(encoded(["bytes", "bytes"], [Buffer.from([0, 255]), Buffer.alloc(0)], [long, "\t"])).toBe(
      `\\\\x00ff\t\\\\x\n\\\\x${long.toString("hex")}\t\\\\x09\n`,
    );
  });

  test("grows as needed, and starts anew", () => {
    const encoder = copyEncoder(["text", "bytes"]);
    const rows = packRows(
      Array.from({ length: 2_000 }, () => ["\\".repeat(300), Buffer.alloc(300)]),
      2,
    );
    encoder.add(rows);
    encoder.add(rows);
    expect(encoder.bytes().length).toBe(4_000 * (600 + 1 + 3 + 600 + 1));
    encoder.reset();
    expect(encoder.bytes().length).toBe(0);
  });

  test("is what COPY would send: read back it is the same, byte by byte", () => {
    const all = Buffer.from(Array.from({ length: 255 }, (_, at) => at + 1)).toString("latin1");
    const rows = Array.from({ length: 300 }, (_, at) => [
      all.slice(at % 200),
      null,
      Buffer.from(all),
      all.slice(0, at),
    ]);
    const packed = packRows(rows, 4);
    const encoder = copyEncoder(["text", "text", "bytes", "text"]);
    encoder.add(packed);
    const packer = copyPacker({
      texts: ["same", "same", "bytes", "same"],
      key: [],
      momentsInUtc: false,
      isPlain: true,
    });
    const bytes = encoder.bytes();
    for (let from = 0; from < bytes.length; ) {
      const to = bytes.indexOf(10, from) + 1;
      packer.add(bytes, from, to);
      from = to;
    }
    const back = packer.take()?.native.unpack();
    expect(back?.data.equals(packed.data)).toBe(true);
    expect(back?.lengths).toEqual(packed.lengths);
  });
});
