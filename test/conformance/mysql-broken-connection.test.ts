import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysql } from "../../shared/connectors/mysql/index.js";
import type { Cell, DirtyRecord } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type BreakingProxy, breakingProxy } from "../servers/breaking-proxy.js";
import { splitRefOf, writeAll } from "./drive.js";
import { type WriterTestBed, writerTestBed } from "./mysql-test-bed.js";
import { batch, columns, rows } from "./sql-fixture.js";

const writer = mysql.writer!;
const poison = "breaks the connection";
let bed: WriterTestBed;
let proxy: BreakingProxy;
/** Cut once more, whatever is sent. */
let isCutOnce = false;

beforeAll(async () => {
  bed = await writerTestBed();
  proxy = await breakingProxy(bed.database.source, (sent) => {
    const isCut = isCutOnce && sent.includes("row 5");
    if (isCut) isCutOnce = false;
    return isCut || sent.includes(poison);
  });
});
afterAll(async () => {
  await proxy.close();
  await bed.database.drop();
});

const ways: [string, JsonObject][] = [
  ["LOAD DATA", {}],
  ["INSERT", { nullMode: "skipNull" }],
  ["REPLACE", { writeMode: "replace" }],
  ["update", { writeMode: "update" }],
];
// The proxy looks for a text in what is sent, which TLS would hide from it.
const through = () => ({ ...bed.database.source, port: proxy.port, ssl: false });

describe("a row at which the connection breaks", () => {
  test.each(ways)("%s: is dirty, and its neighbours arrive", async (way, extra) => {
    const table = await bed.table("id INT PRIMARY KEY, name VARCHAR(40)");
    const part: Cell[][] = rows(3_000);
    for (const at of [17, 1_800, 1_801]) part[at] = [String(at + 1), poison];
    part[40] = ["41", "x".repeat(41)];
    const side = bed.side({ table, ...extra }, through());
    const batches = [part.slice(0, 2_000), part.slice(2_000)];
    const { dirty, durable } = await writeAll(writer, side, columns, batches, { runId: `${way} ${table}` });
    expect(dirty.map(({ reason, key }) => [reason, key])).toEqual([
      ["REFUSED", "18"],
      ["TOO_LONG", "41"],
      ["REFUSED", "1801"],
      ["REFUSED", "1802"],
    ]);
    expect(dirty[0]?.message).toMatch(/the connection broke each time this record of \d+ bytes was sent/);
    expect(durable?.counters).toMatchObject({ read: 3_000, written: 2_996, dirty: 4 });
    expect(await bed.count(table)).toBe(2_996);
  });

  test("is known to the second attempt, where a source without a key lost all with the first", async () => {
    const table = await bed.table("id INT PRIMARY KEY, name VARCHAR(40)");
    const { side, prepared } = await bed.prepared({ table }, "auto", through());
    const dirty: DirtyRecord[] = [];
    const attempt = async (number: number) => {
      const over = { runId: `keyless ${table}`, attempt: number };
      const session = await writer.open(side, splitRefOf(prepared, columns, dirty, over));
      await session.write(batch(rows(100), null));
      await session.flush();
      await session.write(batch([...rows(100, 101), ["201", poison], ...rows(9, 202)], null));
      return session.close().finally(() => session.abort());
    };
    await expect(attempt(1)).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE", recovery: "retry" });
    expect(await bed.count(table)).toBe(0);
    expect(await attempt(2)).toMatchObject({ durable: { counters: { read: 210, written: 209, dirty: 1 } } });
    expect(dirty.map(({ key }) => key)).toEqual(["201"]);
    expect(await bed.count(table)).toBe(209);
  });

  test("is to blame only when it breaks again: what broke by chance is worth another try", async () => {
    const table = await bed.table();
    const { side, prepared } = await bed.prepared({ table }, "auto", through());
    const session = await writer.open(side, splitRefOf(prepared, columns, [], { runId: `chance ${table}` }));
    isCutOnce = true;
    const work = session.write(batch(rows(10), 1)).then(() => session.flush());
    await expect(work).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE", recovery: "retry" });
    await session.abort();
    expect(await bed.count(table)).toBe(0);
  });
});
