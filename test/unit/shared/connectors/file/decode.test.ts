import { gzipSync } from "node:zlib";
import iconv from "iconv-lite";
import { expect, it } from "vitest";
import { decoded } from "../../../../../shared/connectors/file/decode.js";
import { chunks, formatFor } from "./read-text.js";

it.each(["UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32LE", "GB18030"])(
  "Text in %s is read whole, wherever its bytes are cut",
  async (encoding) => {
    const text = "a你😀ü\u{1f680}é\n".repeat(3);
    const bytes = iconv.encode(text, encoding);
    for (let size = 1; size < 12; size++) {
      const parts: Buffer[] = [];
      for await (const part of decoded(chunks(bytes, size), formatFor({ encoding }), "o")) parts.push(part);
      expect(Buffer.concat(parts).toString(), `${size} bytes at a time`).toBe(text);
    }
  },
);

it("A gzip that is none, cut short or damaged says so, each with the way out", async () => {
  const whole = gzipSync(Buffer.from("1,a\n".repeat(50_000)));
  const damaged = Buffer.from(whole);
  damaged.fill(0x55, 40, 80);
  const cases: [Buffer, RegExp, RegExp][] = [
    [Buffer.from("1,a\n"), /^o: not valid gzip/, /no gzip file: leave the parameter compress out/],
    [whole.subarray(0, whole.length - 20), /^o: broken gzip/, /cut short or damaged: test it with gzip -t/],
    [whole.subarray(0, 5), /^o: broken gzip/, /upload it again/],
    [Buffer.concat([whole, Buffer.from("1,a\n")]), /^o: broken gzip/, /cut short or damaged/],
    [damaged, /^o: broken gzip/, /cut short or damaged/],
    [Buffer.concat([whole.subarray(0, -8), Buffer.alloc(8, 1)]), /^o: broken gzip/, /cut short or damaged/],
  ];
  for (const [bytes, message, hint] of cases) {
    const reading = (async () => {
      for await (const _ of decoded(chunks(bytes, 7), formatFor({ compress: "gzip" }), "o"));
    })();
    await expect(reading).rejects.toMatchObject({
      code: "SOURCE_REFUSED",
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  }
});

it("Several gzips in one are read to the end, wherever the bytes are cut", async () => {
  const bytes = Buffer.concat([gzipSync("1,a\n"), gzipSync(""), gzipSync("2,b\n")]);
  for (let size = 1; size <= bytes.length; size++) {
    const parts: Buffer[] = [];
    for await (const part of decoded(chunks(bytes, size), formatFor({ compress: "gzip" }), "o")) parts.push(part);
    expect(Buffer.concat(parts).toString(), `${size} bytes at a time`).toBe("1,a\n2,b\n");
  }
});
