import { describe, expect, it } from "vitest";
import type { ErrorReport } from "../../../../../shared/model/errors.js";
import { overErrorLimit, settledError } from "../../../../../shared/runs/end/totals.js";
import { successorOf } from "../../../../../shared/runs/wake.js";

const judge = (
  dirty: number,
  read: number,
  errorLimit: { record: number | null; percentage: number | null },
  isAllRead = true,
) => overErrorLimit({ errorLimit, counters: { read, written: read - dirty, dirty, bytes: 0 } }, { isAllRead });

describe("the error limit of a run", () => {
  it("fails at one record over the limit, not before", () => {
    expect(judge(10, 100, { record: 10, percentage: null })).toBeNull();
    expect(judge(11, 100, { record: 10, percentage: null })).toBe("11 dirty records; the job allows 10");
    expect(judge(1, 100, { record: 0, percentage: null })).toBe("1 dirty record; the job allows 0");
    expect(judge(1, 100, { record: 0, percentage: null })).not.toBeNull();
  });

  it("tolerates everything when unset", () => {
    expect(judge(100, 100, { record: null, percentage: null })).toBeNull();
  });

  it("judges a percentage only once enough was read, and always at the end", () => {
    const limit = { record: null, percentage: 0.02 };
    expect(judge(5, 10, limit, false)).toBeNull();
    expect(judge(5, 10, limit, true)).toBe("5 of 10 records are dirty (50.00 %); the job allows 2 %");
    expect(judge(21, 1000, limit, false)).not.toBeNull();
    expect(judge(20, 1000, limit, true)).toBeNull();
  });

  it("allows none at 0 %, from the first one on, and all at 100 %", () => {
    expect(judge(1, 10, { record: null, percentage: 0 }, false)).toBe(
      "1 of 10 records is dirty (10.00 %); the job allows 0 %",
    );
    expect(judge(0, 10, { record: null, percentage: 0 }, true)).toBeNull();
    expect(judge(0, 0, { record: null, percentage: 0 }, true)).toBeNull();
    expect(judge(10, 10, { record: null, percentage: 1 }, true)).toBeNull();
  });

  it("ignores the percentage when a count is set", () => {
    expect(judge(50, 100, { record: 60, percentage: 0.01 })).toBeNull();
  });
});

describe("names of shards", () => {
  it("count the hand-overs instead of growing", () => {
    expect(successorOf("r1-g1-0")).toBe("r1-g1-0-n1");
    expect(successorOf("r1-g1-0-n1")).toBe("r1-g1-0-n2");
  });
});

const report = (message: string): ErrorReport => ({ code: "SPLIT_FAILED", message, hint: "", recovery: "fix" });
const failed = (number: number, message: string) => ({ number, state: "failed", error: report(message) }) as const;
const splits = [
  failed(3, "three"),
  failed(1, "one"),
  { number: 0, state: "pending", error: report("passing") },
  failed(2, "two"),
] as const;

it("a run that failed by a split tells the error of the lowest one, whichever came first", () => {
  for (const first of ["one", "two", "three"])
    expect(settledError({ outcome: "failed", error: report(first) }, splits)?.message).toBe("one");
});

it("a run that ended for another reason keeps it", () => {
  const limit = { ...report("12 dirty records"), code: "ERROR_LIMIT_EXCEEDED" } as const;
  expect(settledError({ outcome: "failed", error: limit }, splits)).toBe(limit);
  const cancelled = report("one");
  expect(settledError({ outcome: "cancelled", error: cancelled }, splits)).toBe(cancelled);
  expect(settledError({ outcome: "failed", error: report("one") }, [])?.message).toBe("one");
});
