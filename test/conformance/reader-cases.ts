import { describe, expect, test } from "vitest";
import type { Reader, Side } from "../../shared/connectors/contract.js";
import { parameterKeys } from "../../shared/connectors/params/describe.js";
import { type Cell, payloadBytes } from "../../shared/model/batch.js";
import { SluiceError } from "../../shared/model/errors.js";
import { batchesOf, falls, planned, recordsOf, sideOf } from "./drive.js";
import { type ConformanceCase, type TestRow, testColumns } from "./fixture.js";
import { byKey, plainRows, skewedRows, valueMatrix } from "./rows.js";
import type { Bench } from "./suite.js";

/** Reading: splitting, resuming, values, aborting. */
export function readerCases<S, R, W>({ connector, scratch, check, options }: Bench<S, R, W>): void {
  const reader: Reader<S, R> | undefined = connector.reader;
  if (!reader) return;

  const sideFor = async (rows: readonly TestRow[], signal?: AbortSignal): Promise<Side<S, R>> => {
    const parameter = await fill(rows);
    return sideOf(connector, reader.params, scratch().source, parameter, signal);
  };
  const fill = (rows: readonly TestRow[]) => {
    const place = scratch();
    if (!place.fill) throw new Error("a fixture of a connector with a reader needs fill()");
    return place.fill(rows);
  };

  describe("reader", () => {
    test("the template is accepted and uses known keys only", () => {
      expect(reader.params.safeParse(reader.template()).success).toBe(true);
      expect(
        Object.keys(reader.template()).filter(
          (key) => !parameterKeys(reader.params).includes(key) && key !== "datasource",
        ),
      ).toEqual([]);
    });

    for (const [name, rows] of splitSets()) {
      check("splits", `splits are disjoint and complete: ${name}`, async () => {
        const side = await sideFor(rows);
        for (const advice of [1, 5, 16]) {
          const records = await recordsOf(reader, side, advice);
          expect(keysOf(records)).toEqual(keysOf(rows));
        }
      });
    }

    check("splits", "batches tell their columns, size and number of records truly", async () => {
      const side = await sideFor(plainRows(500));
      const columns = await reader.columns(side);
      expect(columns.map((column) => column.name)).toEqual(testColumns.map((column) => column.name));
      for (const split of await planned(reader, side, 2)) {
        for (const batch of await batchesOf(reader, side, split)) {
          expect(batch.columns.map(({ name, type }) => [name, type])).toEqual(
            columns.map(({ name, type }) => [name, type]),
          );
          expect(batch.count).toBe(batch.rows.length);
          expect(Math.abs(batch.bytes - payloadBytes(batch.rows))).toBeLessThan(batch.count * 8);
        }
      }
    });

    check("resume", "resuming from any checkpoint loses nothing and repeats nothing", async () => {
      const rows: TestRow[] = plainRows(6_000).map(([id, , ...rest]) => [id, `${id} ${"wide ".repeat(120)}`, ...rest]);
      const side = await sideFor(rows);
      const [split] = await planned(reader, side, 1);
      const whole = await batchesOf(reader, side, split!);
      expect(whole.length).toBeGreaterThan(2);
      for (const [index, batch] of whole.entries()) {
        if (batch.checkpoint === null) continue;
        const before = whole.slice(0, index + 1).flatMap((one) => one.rows);
        const from = JSON.parse(JSON.stringify(batch.checkpoint));
        const after = (await batchesOf(reader, side, split!, from)).flatMap((one) => one.rows);
        expect(keysOf([...before, ...after])).toEqual(keysOf(rows));
      }
    });

    for (const [name, rows] of Object.entries(valueMatrix)) {
      // Object.entries widens the key; the table is typed by ConformanceCase.
      check(name as ConformanceCase, `values are read unchanged: ${name}`, async () => {
        const records = await recordsOf(reader, await sideFor(rows), 1);
        expect(byKey(records)).toEqual(byKey(rows));
      });
    }

    check("abort", "an abort ends reading at once and leaves nothing running", async () => {
      const abort = new AbortController();
      const side = await sideFor(widePlainRows(), abort.signal);
      const before = (await scratch().connections?.()) ?? 0;
      const [split] = await planned(reader, side, 1);
      const reading = reader.read(side, split!.spec, null)[Symbol.asyncIterator]();
      await reading.next();
      abort.abort();
      let more = 0;
      const drained = drain(reading, () => more++);
      await expect(drained).rejects.toBeInstanceOf(SluiceError);
      // What was under way.
      expect(more).toBeLessThanOrEqual(1);
      await nothingLeft(before);
    });

    check("abort", "leaving the loop early leaves nothing running", async () => {
      const side = await sideFor(widePlainRows());
      const before = (await scratch().connections?.()) ?? 0;
      const [split] = await planned(reader, side, 1);
      for await (const batch of reader.read(side, split!.spec, null)) if (batch.count > 0) break;
      await nothingLeft(before);
    });
  });

  async function nothingLeft(before: number): Promise<void> {
    const { connections } = scratch();
    if (connections) await falls(connections, before);
  }

  function splitSets(): [string, TestRow[]][] {
    return [
      ["empty", []],
      ["one record", plainRows(1)],
      ["fewer records than splits", plainRows(7)],
      ["dense keys", plainRows(2_000)],
      ["skewed, sparse and negative keys", options.unsupported?.largestLong ? plainRows(2_500) : skewedRows()],
    ];
  }
}

async function drain(reading: AsyncIterator<unknown>, onBatch: () => void): Promise<void> {
  while (!(await reading.next()).done) onBatch();
}

function widePlainRows(): TestRow[] {
  return plainRows(12_000).map(([id, , ...rest]) => [id, "x".repeat(1_000), ...rest]);
}

function keysOf(rows: readonly (readonly Cell[])[]): string[] {
  return rows.map((row) => String(row[0])).sort();
}
