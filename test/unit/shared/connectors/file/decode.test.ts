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
