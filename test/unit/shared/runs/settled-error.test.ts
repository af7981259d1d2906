import { expect, it } from "vitest";
import type { ErrorReport } from "../../../../shared/model/errors.js";
import { settledError } from "../../../../shared/runs/settled-error.js";

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
