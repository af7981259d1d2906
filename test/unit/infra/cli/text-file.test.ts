import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { readUpTo } from "../../../../infra/cli/read-up-to.js";
import { readTextFile } from "../../../../infra/cli/text-file.js";
import { fakeTerminal } from "./fake-terminal.js";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function reading(bytes: Buffer): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "sluice-text-"));
  folders.push(folder);
  const file = path.join(folder, "x.json");
  await writeFile(file, bytes);
  return readTextFile(file, { terminal: fakeTerminal(), what: "a job file" });
}

describe("text files", () => {
  it("are read without their byte order mark", async () => {
    expect(await reading(Buffer.from('\ufeff{"Ü": 1}'))).toBe('{"Ü": 1}');
  });

  it("are refused in UTF-16, with the encoding's name, marked or not", async () => {
    const wide = Buffer.from('{"a": 1}', "utf16le");
    await expect(reading(wide)).rejects.toThrow(/x\.json is UTF-16 text, not UTF-8$/);
    await expect(reading(Buffer.concat([Buffer.from([0xff, 0xfe]), wide]))).rejects.toThrow("is UTF-16 text");
    await expect(reading(Buffer.from(wide).swap16())).rejects.toThrow("is UTF-16 text");
  });

  it("are refused when a letter is not UTF-8, at its line, before it turns into a question mark", async () => {
    const gbk = Buffer.concat([Buffer.from('{\n  "where": "city = \''), Buffer.from([0xc9, 0xcf, 0xba, 0xa3])]);
    await expect(reading(gbk)).rejects.toMatchObject({
      message: expect.stringMatching(/x\.json is not UTF-8 text: see line 2$/),
      hint: expect.stringContaining("Save it as UTF-8"),
    });
  });

  it("are refused when they hold zero bytes", async () => {
    await expect(reading(Buffer.from("name\ntill\0shelf"))).rejects.toThrow("x.json is no text: it holds zero bytes");
  });

  it("are refused on standard input just the same", async () => {
    const terminal = fakeTerminal({ input: Buffer.from([0x7b, 0xff]) });
    await expect(readTextFile("-", { terminal, what: "a job file" })).rejects.toThrow(
      "standard input is not UTF-8 text",
    );
  });

  it("are refused when longer than any request, and read no further: a device has no end", async () => {
    const most = 4 * 1024 * 1024;
    expect((await reading(Buffer.alloc(most, "a"))).length).toBe(most);
    await expect(reading(Buffer.alloc(most + 1, "a"))).rejects.toThrow(/x\.json has more than 4194304 bytes/);
    const endless = readTextFile("/dev/zero", { terminal: fakeTerminal(), what: "a job file" });
    await expect(endless).rejects.toThrow("/dev/zero has more than 4194304 bytes");
    const terminal = fakeTerminal({ input: Buffer.alloc(most + 1, "a") });
    await expect(readTextFile("-", { terminal, what: "a job file" })).rejects.toThrow("standard input has more than");
  });

  it("are read from a stream as far as is asked for, and no further", async () => {
    let given = 0;
    async function* pieces() {
      for (;;) {
        given += 1;
        yield Buffer.alloc(10);
      }
    }
    expect((await readUpTo(pieces(), 25)).length).toBe(30);
    expect(given).toBe(3);
  });
});
