import { describe, expect, test } from "vitest";
import type { Side, Writer } from "../../shared/connectors/contract.js";
import { parameterKeys } from "../../shared/connectors/params/describe.js";
import type { DirtyRecord } from "../../shared/model/batch.js";
import { batchOf } from "../../shared/model/batch.js";
import type { Json } from "../../shared/model/json.js";
import { falls, sideOf, splitRefOf, writeAll } from "./drive.js";
import { type ConformanceCase, type Target, testColumns, type WriteMode } from "./fixture.js";
import { byKey, plainRows, valueMatrix } from "./rows.js";
import type { Bench } from "./suite.js";

/** Writing: values, dirty records, repeating, aborting. */
export function writerCases<S, R, W>({ connector, scratch, check, options }: Bench<S, R, W>): void {
  const writer: Writer<S, W> | undefined = connector.writer;
  if (!writer) return;

  const open = async (mode: WriteMode): Promise<{ target: Target; side: Side<S, W> }> => {
    const place = scratch();
    if (!place.target) throw new Error("a fixture of a connector with a writer needs target()");
    const target = await place.target(mode);
    const parameter = { ...target.parameter, ...mode.parameter };
    return { target, side: sideOf(connector, writer.params, place.source, parameter) };
  };

  describe("writer", () => {
    test("the template is accepted and uses known keys only", () => {
      expect(writer.params.safeParse(writer.template()).success).toBe(true);
      expect(
        Object.keys(writer.template()).filter(
          (key) => !parameterKeys(writer.params).includes(key) && key !== "datasource",
        ),
      ).toEqual([]);
    });
  });

  for (const mode of options.modes) {
    describe(`writer, ${mode.name}`, () => {
      test("all records of several batches arrive, and the progress counts them", async () => {
        const { target, side } = await open(mode);
        const rows = plainRows(3_000);
        const batches = [rows.slice(0, 1_000), rows.slice(1_000, 1_001), rows.slice(1_001)];
        const { dirty, durable } = await writeAll(writer, side, testColumns, batches);
        expect(dirty).toEqual([]);
        expect(durable).toMatchObject({ checkpoint: 3, counters: { read: 3_000, written: 3_000, dirty: 0 } });
        expect(byKey((await target.rows()) ?? [])).toEqual(byKey(rows));
      });

      test("records behind which nobody can go on arrive all the same, and all are told of by the end", async () => {
        const { target, side } = await open(mode);
        const run = { runId: "no-checkpoint", exactlyOnce: "auto", columns: testColumns } as const;
        const prepared = await writer.prepare(side, run);
        const session = await writer.open(side, splitRefOf(prepared, testColumns, [], { runId: run.runId }));
        const rows = plainRows(30);
        const reports = [];
        for (const part of [rows.slice(0, 20), rows.slice(20)]) {
          reports.push(await session.write(batchOf(part, { columns: testColumns, checkpoint: null, dirty: [] })));
          reports.push(await session.flush());
        }
        const closed = await session.close();
        await writer.finish?.(side, { ...run, prepared }, [closed.token ?? null]);
        const last = [...reports, closed].map(({ durable }) => durable).findLast((durable) => durable !== null);
        expect(last).toMatchObject({ counters: { read: 30, written: 30, dirty: 0 } });
        expect(byKey((await target.rows()) ?? [])).toEqual(byKey(rows));
      });

      test("a split without records succeeds and leaves nothing behind", async () => {
        const { target, side } = await open(mode);
        await writeAll(writer, side, testColumns, []);
        expect((await target.rows()) ?? []).toEqual([]);
      });

      for (const [name, rows] of Object.entries(valueMatrix)) {
        // Object.entries widens the key; the table is typed by ConformanceCase.
        check(name as ConformanceCase, `values arrive unchanged: ${name}`, async () => {
          const { target, side } = await open(mode);
          const { dirty } = await writeAll(writer, side, testColumns, [rows]);
          expect(dirty).toEqual([]);
          expect(byKey((await target.rows()) ?? [])).toEqual(byKey(rows));
        });
      }

      check("dirty", "a refused record comes back dirty while its neighbours are written", async () => {
        const { target, side } = await open(mode);
        const { refused } = target;
        if (!refused) throw new Error("a fixture makes a target that refuses a record, or declares why it cannot");
        const good = plainRows(200);
        const rows = [...good.slice(0, 77), refused.row, ...good.slice(77)];
        const { dirty, durable } = await writeAll(writer, side, testColumns, [rows]);
        expect(dirty).toHaveLength(1);
        expect(dirty[0]).toMatchObject({ side: "writer", cells: refused.row });
        if (refused.column) expect(dirty[0]?.column).toBe(refused.column);
        expect(dirty[0]?.message).not.toBe("");
        expect(durable?.counters).toMatchObject({ read: 201, written: 200, dirty: 1 });
        expect(byKey((await target.rows()) ?? [])).toEqual(byKey(good));
      });

      check("repeat", "a repeated attempt changes nothing that is already there", async () => {
        const { target, side } = await open(mode);
        const prepared = await writer.prepare(side, { runId: "repeat", exactlyOnce: "auto", columns: testColumns });
        // Else the system declares why a repetition may write twice.
        expect(prepared.delivery).not.toBe("atLeastOnce");
        const rows = plainRows(50);
        let token: Json = null;
        for (const attempt of [1, 2]) {
          const session = await writer.open(side, splitRefOf(prepared, testColumns, [], { runId: "repeat", attempt }));
          // A ledger says what is there already; without one the reader starts again.
          const from = Number(session.resumeFrom?.checkpoint ?? 0);
          for (let index = from; index < 2; index++) {
            const part = rows.slice(index * 25, index * 25 + 25);
            await session.write(batchOf(part, { columns: testColumns, checkpoint: index + 1, dirty: [] }));
          }
          token = (await session.close()).token ?? null;
        }
        await writer.finish?.(side, { runId: "repeat", exactlyOnce: "auto", columns: testColumns, prepared }, [token]);
        expect(byKey((await target.rows()) ?? [])).toEqual(byKey(rows));
        expect(await target.rows()).toHaveLength(50);
      });

      check("abort", "an aborted session leaves nothing open and may be aborted again", async () => {
        const { side } = await open(mode);
        const before = (await scratch().connections?.()) ?? 0;
        const prepared = await writer.prepare(side, { runId: "abort", exactlyOnce: "auto", columns: testColumns });
        const dirty: DirtyRecord[] = [];
        const session = await writer.open(side, splitRefOf(prepared, testColumns, dirty, { runId: "abort" }));
        await session.write(batchOf(plainRows(100), { columns: testColumns, checkpoint: 1, dirty: [] }));
        await session.abort();
        await session.abort();
        const { connections } = scratch();
        if (connections) await falls(connections, before);
      });
    });
  }
}
