import { afterEach, describe, expect, it, vi } from "vitest";
import type { SplitRef, WriteSession } from "../../../../../shared/connectors/contract.js";
import { streamWriter } from "../../../../../shared/connectors/stream/writer.js";
import { batchOf, type DirtyRecord } from "../../../../../shared/model/batch.js";
import type { JsonObject } from "../../../../../shared/model/json.js";
import { startOfSplit } from "../../../../../shared/model/progress.js";
import { agree } from "../../../../conformance/drive.js";

const columns = [
  { name: "a", type: "long" },
  { name: "b", type: "string" },
] as const;

afterEach(() => vi.restoreAllMocks());

async function open(parameter: JsonObject, signal = new AbortController().signal) {
  const printed: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  const dirty: DirtyRecord[] = [];
  const split: SplitRef = {
    ...{ runId: "r", exactlyOnce: "auto", columns, split: 0, splits: 1, attempt: 1, progress: startOfSplit },
    agree,
    keepDirty: async (records) => void dirty.push(...records),
  };
  const side = { source: {}, sources: {}, params: streamWriter.params.parse(parameter), timeZone: null, signal };
  return { session: await streamWriter.open(side, split), printed, dirty };
}

function write(session: WriteSession, ids: readonly number[], dirty: readonly DirtyRecord[] = []) {
  const rows = ids.map((id) => [String(id), id % 2 ? "odd" : null]);
  return session.write(batchOf(rows, { columns, checkpoint: ids.at(-1) ?? null, dirty }));
}

describe("stream writer", () => {
  it("prints records, null as null, with the delimiter of the job", async () => {
    const { session, printed } = await open({ fieldDelimiter: "\\t" });
    await write(session, [1, 2]);
    expect(printed.join("")).toBe("1\todd\n2\tnull\n");
  });

  it("is silent when print is false, also as text", async () => {
    const { session, printed } = await open({ print: "false" });
    await write(session, [1]);
    expect(printed).toEqual([]);
  });

  it("reports progress after every batch and keeps the reader's dirty records", async () => {
    const { session, dirty } = await open({ print: false });
    const bad: DirtyRecord = { side: "reader", reason: "CONVERSION", message: "no", cells: ["x"] };
    expect(await write(session, [1, 2], [bad])).toMatchObject({
      durable: { checkpoint: 2, counters: { read: 3, written: 2, dirty: 1 } },
    });
    expect(await write(session, [3])).toMatchObject({ durable: { checkpoint: 3, counters: { read: 4, written: 3 } } });
    expect(dirty).toEqual([bad]);
    await session.close();
    await session.abort();
  });

  it("pauses once, after the record named in the job", async () => {
    const abort = new AbortController();
    const { session, printed } = await open({ recordNumBeforeSleep: 3, sleepTime: "100" }, abort.signal);
    await write(session, [1, 2]);
    const pausing = write(session, [3, 4]);
    await expect.poll(() => printed).toHaveLength(2);
    expect(printed.join("")).toBe("1\todd\n2\tnull\n3\todd\n");
    abort.abort();
    await expect(pausing).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("refuses files and says what to do instead", () => {
    const issue = streamWriter.params.safeParse({ path: "/tmp", fileName: "x" }).error?.issues[0];
    expect(issue).toMatchObject({ path: ["path"], message: expect.stringContaining("write to oss") });
  });

  it("parses its own output unchanged, and its template", () => {
    const once = streamWriter.params.parse({ sleepTime: "2" });
    expect(streamWriter.params.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
    expect(streamWriter.params.safeParse(streamWriter.template()).success).toBe(true);
  });
});
