import type { BatchWriteRowParams } from "tablestore";
import { beforeEach, describe, expect, it } from "vitest";
import type { OtsClient } from "../../../../../shared/connectors/ots/client.js";
import { OtsFailure } from "../../../../../shared/connectors/ots/failure.js";
import type { RowChange } from "../../../../../shared/connectors/ots/row-change.js";
import type { OtsSdkRow } from "../../../../../shared/connectors/ots/sdk-row.js";
import { type OtsDestination, sendRows } from "../../../../../shared/connectors/ots/send.js";
import { UserError } from "../../../../../shared/model/errors.js";

const waits: number[] = [];
const wait = (async (ms: number) => void waits.push(ms)) as NonNullable<OtsDestination["wait"]>;
beforeEach(() => void waits.splice(0));

type Answer = (ids: readonly string[], call: number) => readonly (string | null)[];

/** A server in memory: `answer` gives a code per row, null = written; calls may be made to fail by throwing. */
function serverWith(answer: Answer) {
  const calls: string[][] = [];
  const written: string[] = [];
  let running = 0;
  const server = { calls, written, mostAtOnce: 0 };
  const client = {
    async batchWriteRow({ tables }: BatchWriteRowParams) {
      const ids = (tables[0]?.rows ?? []).map((row) => String(Object.values(row.primaryKey[0] ?? {})[0]));
      server.mostAtOnce = Math.max(server.mostAtOnce, ++running);
      calls.push(ids);
      try {
        await new Promise((resolve) => setImmediate(resolve));
        const codes = answer(ids, calls.length);
        written.push(...ids.filter((_, i) => codes[i] === null));
        return { tables: codes.map((errorCode) => ({ isOk: errorCode === null, errorCode, errorMessage: "no" })) };
      } finally {
        running--;
      }
    },
  };
  const toRow = ({ identity }: RowChange): OtsSdkRow => {
    return { type: "PUT", condition: {} as never, primaryKey: [{ id: identity }], attributeColumns: [] };
  };
  const { signal } = new AbortController();
  const to = { client: client as object as OtsClient, table: "t", toRow, signal, wait };
  return { ...server, server, to };
}

function changes(ids: readonly string[], bytes = 100): RowChange[] {
  return ids.map((id) => ({
    ...{ record: [id], cells: [id], identity: id, bytes },
  }));
}

const ids = (count: number) => Array.from({ length: count }, (_, i) => String(i));
const allWell: Answer = (rows) => rows.map(() => null);

describe("sendRows", () => {
  it("sends batches of at most 200 rows, several at a time and not too many", async () => {
    const { server, to, calls, written } = serverWith(allWell);
    expect(await sendRows(to, changes(ids(5_000)))).toEqual([]);
    expect(written.sort()).toEqual(ids(5_000).sort());
    expect(calls.every((rows) => rows.length <= 200)).toBe(true);
    expect(server.mostAtOnce).toBeGreaterThan(1);
    expect(server.mostAtOnce).toBeLessThanOrEqual(8);
  });

  it("keeps batches below 4 MB, and below what the user wants", async () => {
    const large = serverWith(allWell);
    await sendRows(large.to, changes(ids(10), 1024 * 1024));
    expect(large.calls.map((rows) => rows.length)).toEqual([3, 3, 3, 1]);
    const small = serverWith(allWell);
    await sendRows({ ...small.to, maxBytes: 1000 }, changes(ids(25), 100));
    expect(small.calls.map((rows) => rows.length)).toEqual([10, 10, 5]);
  });

  it("writes rows of the same key one after the other", async () => {
    const { to, calls } = serverWith(allWell);
    await sendRows(to, changes(["a", "b", "a", "c", "c", "d"]));
    expect(calls).toEqual([
      ["a", "b"],
      ["a", "c"],
      ["c", "d"],
    ]);
  });

  it("repeats only the rows whose failure may pass, with growing pauses", async () => {
    const { to, calls, written } = serverWith((rows, call) =>
      rows.map((id) => (Number(id) % 3 === 0 && call < 4 ? "OTSServerBusy" : null)),
    );
    expect(await sendRows(to, changes(ids(6)))).toEqual([]);
    expect(calls).toEqual([ids(6), ["0", "3"], ["0", "3"], ["0", "3"]]);
    expect(written.sort()).toEqual(ids(6));
    expect(waits).toHaveLength(3);
    expect(waits[2]).toBeGreaterThan(waits[0]!);
  });

  it("repeats a whole call that was throttled or lost", async () => {
    const { to, written } = serverWith((rows, call) => {
      if (call === 1) throw new OtsFailure("NetworkingError", "socket hang up");
      if (call === 2) throw new OtsFailure("OTSServerBusy", "busy");
      return rows.map(() => null);
    });
    expect(await sendRows(to, changes(ids(3)))).toEqual([]);
    expect(written).toEqual(ids(3));
  });

  it("tells which rows were refused for good", async () => {
    const { to } = serverWith((rows) => rows.map((id) => (id === "4" ? "OTSParameterInvalid" : null)));
    const [refusal, ...others] = await sendRows(to, changes(ids(9)));
    expect(others).toEqual([]);
    expect(refusal).toMatchObject({ code: "OTSParameterInvalid", message: "no", change: { identity: "4" } });
  });

  it("finds by halving the rows that spoil a whole call, and writes the others", async () => {
    const bad = new Set(["17", "150"]);
    const { to, calls, written } = serverWith((rows) => {
      if (rows.some((id) => bad.has(id))) throw new OtsFailure("OTSParameterInvalid", "bad row");
      return rows.map(() => null);
    });
    const refused = await sendRows(to, changes(ids(200)));
    expect(refused.map(({ change }) => change.identity).sort()).toEqual(["150", "17"]);
    expect(written).toHaveLength(198);
    expect(calls.length).toBeLessThan(40);
  });

  it("fails as busy, not as dirty, when a failure never passes", async () => {
    const { to } = serverWith((rows) => rows.map(() => "OTSServerBusy"));
    await expect(sendRows(to, changes(["1"]))).rejects.toMatchObject({ code: "SOURCE_BUSY", recovery: "retry" });
    expect(waits.length).toBeGreaterThan(5);
  });

  it.each([
    ["OTSObjectNotExist", "SOURCE_OBJECT_MISSING"],
    ["OTSNoPermissionAccess", "ACCESS_DENIED"],
  ])("fails when the table is at fault: %s per row or per call", async (code, expected) => {
    const perRow = serverWith((rows) => rows.map(() => code));
    await expect(sendRows(perRow.to, changes(["1"]))).rejects.toMatchObject({ code: expected });
    const perCall = serverWith(() => {
      throw new OtsFailure(code, "no");
    });
    await expect(sendRows(perCall.to, changes(["1"]))).rejects.toMatchObject({ code: expected });
  });

  it("passes an abort on", async () => {
    const { to } = serverWith(() => {
      throw new UserError("CANCELLED", "stopped");
    });
    await expect(sendRows(to, changes(["1"]))).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("has nothing under way when it fails, and begins nothing more", async () => {
    const { to } = serverWith(allWell);
    let calls = 0;
    let running = 0;
    const client = {
      async batchWriteRow() {
        calls++;
        if (calls === 2) throw new OtsFailure("OTSAuthFailed", "no");
        running++;
        await new Promise((resolve) => setTimeout(resolve, 20));
        running--;
        return { tables: Array.from({ length: 200 }, () => ({ isOk: true })) };
      },
    };
    const failing = sendRows({ ...to, client: client as object as OtsClient }, changes(ids(5_000)));
    await expect(failing).rejects.toMatchObject({ code: "ACCESS_DENIED" });
    expect(running).toBe(0);
    const begun = calls;
    expect(begun).toBeLessThanOrEqual(8);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(calls).toBe(begun);
  });
});
