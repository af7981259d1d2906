import { describe, expect, it } from "vitest";
import { isOfRows, isPassingOts as mayPass } from "../../../../shared/connectors/ots/failure.js";
import { TransientError } from "../../../../shared/model/errors.js";
import { isPassingStore, mapped, retried } from "../../../../shared/platform/tablestore-calls.js";
import { tablestoreErrors, tablestoreMeaning } from "../../../../shared/platform/tablestore-errors.js";

/** As the SDK throws it: the code stands somewhere in undecoded bytes. */
const thrown = (code: string) => new Error(`\n\u000d${code}\u0012\u0004busy requestId:0005-ab`);
const codes = Object.entries(tablestoreErrors);

describe("an error of our own tables", () => {
  it.each(codes)("%s is judged as the connector judges it: %s", (code, meaning) => {
    expect(isPassingStore(thrown(code))).toBe(meaning === "passes");
    expect(mayPass(code)).toBe(meaning === "passes");
    expect(isOfRows(code)).toBe(meaning === "row");
    expect(mapped(thrown(code), "sluice_runs")).toMatchObject(
      meaning === "passes" ? { code: "SOURCE_BUSY", recovery: "retry" } : { code: "INTERNAL", recovery: "report" },
    );
  });

  it.each(["OTSOperationThrottled", "OTSQuotaExhausted", "OTSRequestTimeout"])("%s passes", async (code) => {
    let calls = 0;
    const answer = await retried(async () => {
      calls += 1;
      if (calls < 3) throw thrown(code);
      return "answer";
    });
    expect([answer, calls]).toEqual(["answer", 3]);
  });

  it("is told after six tries, and at once when it does not pass", async () => {
    let calls = 0;
    const failing = (code: string) => () => {
      calls += 1;
      return Promise.reject(thrown(code));
    };
    await expect(retried(failing("OTSServerBusy"))).rejects.toBeInstanceOf(TransientError);
    expect(calls).toBe(6);
    await expect(retried(failing("OTSParameterInvalid"))).rejects.toMatchObject({ code: "INTERNAL" });
    expect(calls).toBe(7);
  });

  it("has no meaning by a name of the language's own", () => {
    expect(tablestoreMeaning("constructor")).toBeUndefined();
  });
});
