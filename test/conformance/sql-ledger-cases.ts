import { describe, expect, test } from "vitest";
import type { Writer } from "../../shared/connectors/contract.js";
import { splitRefOf } from "./drive.js";
import { batch, columns, rows, type SqlBench } from "./sql-fixture.js";

/** Exactly once: what the target itself says about a split. */
export function ledgerCases<S, W>(bench: SqlBench<S, W>, writer: Writer<S, W>): void {
  const { types, notes = [] } = bench.options;
  const twoColumns = `id ${types.integer} PRIMARY KEY, name ${types.text}`;

  describe("the ledger", () => {
    test("a second attempt goes on where the first committed, and the first cannot commit any more", async () => {
      const name = await bench.table(twoColumns);
      const runId = `run-${name}`;
      const { side, prepared: found } = await bench.prepared({ table: name });
      expect(found).toMatchObject({ delivery: "ledger", repeatable: true, notes });
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
      expect(await bench.count(name)).toBe(20);
      const run = { runId, exactlyOnce: "auto", columns, prepared: found } as const;
      await writer.finish?.(side, run, []);
      expect(await bench.count("sluice_ledger")).toBe(0);
    });

    test("a source that cannot be resumed is written in one transaction, and a repeat after its end writes nothing", async () => {
      const name = await bench.table(twoColumns);
      const runId = `run-${name}`;
      const { side, prepared: found } = await bench.prepared({ table: name });
      const attempt = async (number: number, { ends, before = 0 }: { ends: boolean; before?: number }) => {
        const session = await writer.open(side, splitRefOf(found, columns, [], { runId, attempt: number }));
        expect(session.resumeFrom?.checkpoint).toBeNull();
        expect(session.resumeFrom?.counters.read).toBe(before);
        await session.write(batch(rows(10), null));
        await session.write(batch(rows(10, 11), null));
        expect((await session.flush()).durable).toBeNull();
        if (!ends) return session.abort();
        expect(await session.close()).toMatchObject({ durable: { counters: { read: 20, written: 20 } } });
      };
      await attempt(1, { ends: false });
      expect(await bench.count(name)).toBe(0);
      await attempt(2, { ends: true });
      await attempt(3, { ends: true, before: 20 });
      expect(await bench.count(name)).toBe(20);
      await writer.discard?.(side, { runId, exactlyOnce: "auto", columns, prepared: found }, []);
      expect(await bench.count("sluice_ledger")).toBe(0);
    });

    test("who does without it writes at least once", async () => {
      const name = await bench.table(twoColumns);
      expect((await bench.prepared({ table: name }, false)).prepared).toMatchObject({ delivery: "atLeastOnce" });
    });
  });
}
