import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysql } from "../../shared/connectors/mysql/index.js";
import { scratchDatabase } from "../servers/scratch-mysql.js";
import { splitRefOf } from "./drive.js";
import { batch, columns, rows, type WriterDesk, writerDesk } from "./mysql-desk.js";

const writer = mysql.writer!;
let desk: WriterDesk;

beforeAll(async () => {
  desk = await writerDesk();
});
afterAll(async () => {
  await desk.database.drop();
});

describe("the ledger", () => {
  test("a second attempt goes on where the first committed, and the first cannot commit any more", async () => {
    const name = await desk.table();
    const runId = `run-${name}`;
    const { side, prepared: found } = await desk.prepared({ table: name });
    expect(found).toMatchObject({ delivery: "ledger", repeatable: true, notes: [] });
    const first = await writer.open(side, splitRefOf(found, columns, [], { runId, attempt: 1 }));
    expect(first.resumeFrom).toMatchObject({ checkpoint: null, counters: { read: 0 } });
    await first.write(batch(rows(10), 10));
    expect(await first.flush()).toMatchObject({ durable: { checkpoint: 10, counters: { written: 10 } } });
    const second = await writer.open(side, splitRefOf(found, columns, [], { runId, attempt: 2 }));
    expect(second.resumeFrom).toMatchObject({ checkpoint: 10, counters: { read: 10, written: 10 } });
    await first.write(batch(rows(10, 100), 110));
    await expect(first.flush()).rejects.toMatchObject({ code: "CONFLICT", recovery: "retry" });
    await first.abort();
    await second.write(batch(rows(10, 11), 20));
    expect(await second.close()).toMatchObject({ durable: { checkpoint: 20, counters: { written: 20 } } });
    await expect(writer.open(side, splitRefOf(found, columns, [], { runId, attempt: 1 }))).rejects.toMatchObject({
      code: "CONFLICT",
    });
    expect(await desk.count(name)).toBe(20);
    await writer.finish?.(side, { runId, exactlyOnce: "auto", columns, prepared: found }, []);
    expect(await desk.database.query("SELECT * FROM sluice_ledger WHERE run = ?", [runId])).toEqual([]);
  });

  test("a source that cannot be resumed is written in one transaction, and a repeat after its end writes nothing", async () => {
    const name = await desk.table();
    const runId = `run-${name}`;
    const { side, prepared: found } = await desk.prepared({ table: name });
    const attempt = async (number: number, ends: boolean, before = 0) => {
      const session = await writer.open(side, splitRefOf(found, columns, [], { runId, attempt: number }));
      expect(session.resumeFrom?.checkpoint).toBeNull();
      expect(session.resumeFrom?.counters.read).toBe(before);
      await session.write(batch(rows(10), null));
      await session.write(batch(rows(10, 11), null));
      expect((await session.flush()).durable).toBeNull();
      if (!ends) return session.abort();
      expect(await session.close()).toMatchObject({ durable: { counters: { read: 20, written: 20 } } });
    };
    await attempt(1, false);
    expect(await desk.count(name)).toBe(0);
    await attempt(2, true);
    await attempt(3, true, 20);
    expect(await desk.count(name)).toBe(20);
  });

  test("without the right to make the ledger the run goes on at least once, unless the job insists", async () => {
    const name = await desk.table();
    const other = await scratchDatabase();
    const user = `u${other.name.slice(-8)}`;
    await other.query(`CREATE TABLE ${name} (id INT PRIMARY KEY, name VARCHAR(20))`);
    await other.query(`CREATE USER ${user} IDENTIFIED BY 'pw-${user}'`);
    await other.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${other.name}.${name} TO ${user}`);
    const source = { ...other.source, username: user, password: `pw-${user}` };
    const { prepared: found } = await desk.prepared({ table: name }, "auto", source);
    expect(found).toMatchObject({ delivery: "atLeastOnce", repeatable: true });
    expect(found.notes.join()).toMatch(/cannot be written exactly once: .*denied/);
    await expect(desk.prepared({ table: name }, true, source)).rejects.toMatchObject({ code: "NOT_REPEATABLE" });
    expect((await desk.prepared({ table: name }, false, source)).prepared).toMatchObject({
      delivery: "atLeastOnce",
      notes: [],
    });
    await other.query(`DROP USER ${user}`);
    await other.drop();
  });
});
