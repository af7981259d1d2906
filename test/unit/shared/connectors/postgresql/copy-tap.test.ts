import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { copyTap } from "../../../../../shared/connectors/postgresql/copy-tap.js";

function message(kind: string, body: string): Buffer {
  const head = Buffer.alloc(5);
  head.write(kind);
  head.writeInt32BE(4 + Buffer.byteLength(body), 1);
  return Buffer.concat([head, Buffer.from(body)]);
}

/** What arrives in chunks of so many whole messages. */
async function heard(count: number, takesRows = true) {
  const stream = new PassThrough();
  const tap = copyTap();
  const passed: Buffer[] = [];
  const rows: string[] = [];
  tap.between(stream).on("data", (bytes: Buffer) => void passed.push(Buffer.from(bytes)));
  if (takesRows) tap.rowsTo((buffer, from, to) => void rows.push(buffer.toString("utf8", from, to)));
  for (let at = 0; at < messages.length; at += count) stream.write(Buffer.concat(messages.slice(at, at + count)));
  await new Promise((resolve) => stream.end(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  return { passed: Buffer.concat(passed).toString("latin1"), rows };
}

const messages = [
  ...[message("H", "\0\0\x01\0\0"), message("d", "1\ta\n"), message("d", ""), message("N", "notice")],
  ...[message("d", `${"x".repeat(700)}\n`), message("c", ""), message("C", "COPY 3\0"), message("Z", "I")],
];
const others = messages.filter((bytes) => bytes[0] !== 0x64);

describe("between a connection and the driver's parser", () => {
  test.each([1, 2, 3, 5, 8])(
    "rows go where they are waited for, all else to the parser, %i messages at once",
    async (count) => {
      const { passed, rows } = await heard(count);
      expect(rows).toEqual(["1\ta\n", "", `${"x".repeat(700)}\n`]);
      expect(passed).toBe(Buffer.concat(others).toString("latin1"));
    },
  );

  test("rows that nobody waits for go to the parser as well", async () => {
    const { passed, rows } = await heard(3, false);
    expect(rows).toEqual([]);
    expect(passed).toBe(Buffer.concat(messages).toString("latin1"));
  });
});
