import { describe, expect, test } from "vitest";
import { failure, type InvocationOutcome } from "../../../../../infra/local/fc/invocation.js";
import { afterTry, isTooOld } from "../../../../../infra/local/fc/retry.js";
import { readManifest } from "../../../../../infra/local/manifest.js";

const [spec] = readManifest(
  "resources: { f: { component: fc3, props: { functionName: f, handler: f.h, runtime: nodejs20, asyncInvokeConfig: { maxAsyncRetryAttempts: 2, maxAsyncEventAgeInSeconds: 60 } } } }",
  { environment: {}, accountId: "1" },
);
const job = { id: "1-a", functionName: "f", taskId: null, acceptedAtMs: 1000, dueAtMs: 1000, attempt: 0 };
const stats = { instanceId: "c", durationMs: 1, maxMemoryMb: 1 };
const failed = failure("UnhandledInvocationError", { errorMessage: "no" }, stats);
const done: InvocationOutcome = { ok: true, payload: Buffer.alloc(0), ...stats };

describe("after a try", () => {
  test("that succeeded, the request has ended", () => {
    expect(afterTry(spec!, job, { outcome: done, nowMs: 5000 })).toEqual({
      kind: "end",
      ending: { kind: "succeeded", outcome: done },
    });
  });

  test("that failed, the next waits twice as long each time, until none is left", () => {
    const first = afterTry(spec!, job, { outcome: failed, nowMs: 5000 });
    expect(first).toEqual({ kind: "retry", job: { ...job, attempt: 1, dueAtMs: 5500 } });
    expect(afterTry(spec!, { ...job, attempt: 1 }, { outcome: failed, nowMs: 5000 })).toMatchObject({
      job: { attempt: 2, dueAtMs: 6000 },
    });
    expect(afterTry(spec!, { ...job, attempt: 2 }, { outcome: failed, nowMs: 5000 })).toMatchObject({
      ending: { kind: "failed" },
    });
  });

  test("the age counts from the acceptance", () => {
    expect(isTooOld(spec!, job, 61_000)).toBe(false);
    expect(isTooOld(spec!, job, 61_001)).toBe(true);
  });
});
