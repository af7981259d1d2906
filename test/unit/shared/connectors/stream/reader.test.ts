import { describe, expect, it } from "vitest";
import type { Side } from "../../../../../shared/connectors/contract.js";
import { type StreamReadParams, streamReader } from "../../../../../shared/connectors/stream/reader.js";
import type { StreamSource } from "../../../../../shared/connectors/stream/source.js";
import type { Batch } from "../../../../../shared/model/batch.js";
import type { Json, JsonObject } from "../../../../../shared/model/json.js";

type Abort = AbortController;

function sideOf(parameter: JsonObject, abort: Abort = new AbortController()): Side<StreamSource, StreamReadParams> {
  const params = streamReader.params.parse(parameter);
  return { source: {}, sources: {}, params, timeZone: null, signal: abort.signal };
}

async function batches(parameter: JsonObject, split = 0, from: Json = null): Promise<Batch[]> {
  const found: Batch[] = [];
  for await (const batch of streamReader.read(sideOf(parameter), { split }, from)) found.push(batch);
  return found;
}

const everyType = [
  { value: "text" },
  { type: "Long", value: 7 },
  { type: "double", value: 1.5 },
  { type: "boolean", value: true },
  { type: "date", value: "2024-05-06 01:02:03" },
  { type: "date", value: "06.05.2024", dateFormat: "dd.MM.yyyy" },
  { type: "bytes", value: "né" },
];

const everyRandom = [
  { random: "3,5" },
  { type: "long", random: "-2,2" },
  { type: "long", random: "-9223372036854775808,9223372036854775807" },
  { type: "double", random: "0.5,1.5" },
  { type: "bool", random: "1,3" },
  { type: "date", random: "2024-01-01 00:00:00, 2024-01-02 00:00:00" },
  { type: "bytes", random: "2,2" },
];

describe("stream reader", () => {
  it("makes constants of every type", async () => {
    const [batch] = await batches({ sliceRecordCount: "2", column: everyType });
    const row = ["text", "7", "1.5", "true", "2024-05-06 01:02:03", "2024-05-06", Buffer.from("né")];
    expect(batch?.rows).toEqual([row, row]);
    expect(batch?.columns.map(({ type }) => type)).toEqual([
      "string",
      "long",
      "double",
      "bool",
      "date",
      "date",
      "bytes",
    ]);
  });

  it("makes random values within their bounds", async () => {
    const rows = (await batches({ sliceRecordCount: 500, column: everyRandom })).flatMap((batch) => batch.rows);
    expect(rows).toHaveLength(500);
    for (const [text, long, wide, double, bool, date, bytes] of rows) {
      expect(text).toMatch(/^[A-Za-z0-9]{3,5}$/);
      expect(["-2", "-1", "0", "1", "2"]).toContain(long);
      expect(BigInt.asIntN(64, BigInt(String(wide)))).toBe(BigInt(String(wide)));
      expect(Number(double)).toBeGreaterThanOrEqual(0.5);
      expect(Number(double)).toBeLessThanOrEqual(1.5);
      expect(["true", "false"]).toContain(bool);
      expect(String(date) >= "2024-01-01 00:00:00" && String(date) <= "2024-01-02 00:00:00").toBe(true);
      expect(bytes).toHaveLength(2);
    }
    expect(new Set(rows.map((row) => row[1])).size).toBe(5);
    const truths = rows.filter((row) => row[4] === "true").length;
    expect(truths).toBeGreaterThan(300);
    expect(truths).toBeLessThan(450);
  });

  it("makes the same records at every attempt, other records in every split", async () => {
    const parameter = { sliceRecordCount: 50, column: [{ type: "string", random: "12,12" }] };
    const [first] = await batches(parameter);
    expect((await batches(parameter))[0]?.rows).toEqual(first?.rows);
    const all = [...(first?.rows ?? []), ...((await batches(parameter, 1))[0]?.rows ?? [])];
    expect(new Set(all.map(String)).size).toBe(100);
  });

  it("resumes at any checkpoint without loss or repetition", async () => {
    const parameter = { sliceRecordCount: 30_000, column: [{ type: "long", random: "1,1000000000" }] };
    const whole = await batches(parameter);
    expect(whole.length).toBeGreaterThan(2);
    const rows = whole.flatMap((batch) => batch.rows);
    for (const [i, batch] of whole.entries()) {
      const before = whole.slice(0, i + 1).flatMap((one) => one.rows);
      const rest = await batches(parameter, 0, JSON.parse(JSON.stringify(batch.checkpoint)));
      expect([...before, ...rest.flatMap((one) => one.rows)]).toEqual(rows);
    }
  });

  it("keeps batches small and counts their bytes truly", async () => {
    const all = await batches({ sliceRecordCount: 3_000, column: [{ value: "x".repeat(1000) }] });
    expect(all.map((batch) => batch.count).reduce((a, b) => a + b)).toBe(3_000);
    for (const batch of all) {
      expect(batch.bytes).toBe(batch.count * 1000);
      expect(batch.bytes).toBeLessThan(600_000);
    }
  });

  it("makes exactly the splits it is asked for, and asks planning for one per shard", async () => {
    const side = sideOf({ sliceRecordCount: 10, column: [{ value: "x" }] });
    const { splits } = await streamReader.split(side, 3);
    expect(splits.map(({ spec, rows }) => [spec, rows])).toEqual([
      [{ split: 0 }, 10],
      [{ split: 1 }, 10],
      [{ split: 2 }, 10],
    ]);
    expect(streamReader.splitsPerShard).toBe(1);
  });

  it("stops with an error when aborted, so that nobody takes it for the end", async () => {
    const abort = new AbortController();
    const side = sideOf({ sliceRecordCount: 1_000_000, column: [{ value: "x" }] }, abort);
    const reading = streamReader.read(side, { split: 0 }, null)[Symbol.asyncIterator]();
    await reading.next();
    abort.abort();
    await expect(reading.next()).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it.each([
    [{ sliceRecordCount: 0, column: [{ value: "x" }] }, "sliceRecordCount", /expected number to be >=1/],
    [{ column: [{ value: "x" }] }, "sliceRecordCount", /expected number/],
    [{ sliceRecordCount: 1, column: [] }, "column", />=1 items/],
    [{ sliceRecordCount: 1, column: [{}] }, "column.0.value", /^required, unless random is given$/],
    [{ sliceRecordCount: 1, column: [{ type: "long", value: "x" }] }, "column.0.value", /^"x" is not an integer$/],
    [{ sliceRecordCount: 1, column: [{ type: "long", random: "5,1" }] }, "column.0.random", /^"5,1" is not two whole/],
    [{ sliceRecordCount: 1, column: [{ type: "date", random: "1,2" }] }, "column.0.random", /not two dates/],
    [{ sliceRecordCount: 1, column: [{ random: "1,2,3" }] }, "column.0.random", /not two lengths/],
    [{ sliceRecordCount: 1, column: [{ type: "bool", random: "0,0" }] }, "column.0.random", /not two weights/],
    [{ sliceRecordCount: 1, column: [{ type: "decimal", value: "1" }] }, "column.0.type", /expected one of/],
  ])("refuses %j", (parameter, path, message) => {
    const issue = streamReader.params.safeParse(parameter).error?.issues[0];
    expect(issue?.path.join(".")).toBe(path);
    expect(issue?.message).toMatch(message);
  });

  it("parses its own output unchanged, and its template", () => {
    const once = streamReader.params.parse({ sliceRecordCount: "5", column: [...everyType, ...everyRandom] });
    expect(streamReader.params.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
    expect(streamReader.params.safeParse(streamReader.template()).success).toBe(true);
  });
});
