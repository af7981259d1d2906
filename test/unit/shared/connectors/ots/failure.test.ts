import { describe, expect, it } from "vitest";
import { isOfRows, isPassingOts, otsFailure, otsFailureOf } from "../../../../../shared/connectors/ots/failure.js";

/** What the SDK makes of an error body: the bytes as text, and the request id behind. */
function asSdkThrows(code: string, message: string, status = 400): Error {
  const field = (tag: number, text: string) => {
    const length = Buffer.byteLength(text);
    const varint = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
    return Buffer.concat([Buffer.from([tag, ...varint]), Buffer.from(text)]);
  };
  const body = Buffer.concat([field(10, code), field(18, message)]);
  return Object.assign(new Error(`${body.toString()} requestId:0005-ab`), { code: status });
}

describe("failureOf", () => {
  it.each(["short", "x".repeat(32), "y".repeat(200), "z".repeat(300), ""])("decodes code and message '%s'", (text) => {
    const failure = otsFailureOf(asSdkThrows("OTSParameterInvalid", text));
    expect(failure.code).toBe("OTSParameterInvalid");
    expect(failure.message).toBe(`${text} (request 0005-ab)`.trim());
  });

  it("keeps the SDK's own network codes", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "NetworkingError" });
    expect(otsFailureOf(refused)).toMatchObject({
      code: "NetworkingError",
      message: "connect ECONNREFUSED 127.0.0.1:1",
    });
  });

  it("has no code for what is not the server's", () => {
    expect(otsFailureOf(new Error("Unsupported column type: object"))).toMatchObject({ code: "" });
  });
});

describe("toSluiceError", () => {
  it.each([
    ["OTSServerBusy", "SOURCE_BUSY", "retry"],
    ["OTSRowOperationConflict", "SOURCE_BUSY", "retry"],
    ["OTSAuthFailed", "ACCESS_DENIED", "fix"],
    ["OTSObjectNotExist", "SOURCE_OBJECT_MISSING", "fix"],
    ["OTSInvalidPK", "SOURCE_REFUSED", "fix"],
  ])("maps %s to %s", (code, expected, recovery) => {
    const error = otsFailure(otsFailureOf(asSdkThrows(code, "said the server")), "table orders");
    expect(error).toMatchObject({ code: expected, recovery });
    expect(error.message).toBe(`table orders: ${code}: said the server (request 0005-ab)`);
  });

  it("calls what nobody foresaw our bug", () => {
    expect(otsFailure(otsFailureOf(new TypeError("x")), "t")).toMatchObject({ code: "INTERNAL" });
  });
});

describe("kinds of codes", () => {
  it("do not overlap", () => {
    for (const code of ["OTSServerBusy", "OTSTimeout", "OTSQuotaExhausted", "NetworkingError", "TimeoutError"]) {
      expect([isPassingOts(code), isOfRows(code)]).toEqual([true, false]);
    }
    for (const code of ["OTSParameterInvalid", "OTSOutOfRowSizeLimit"]) {
      expect([isPassingOts(code), isOfRows(code)]).toEqual([false, true]);
    }
  });
});
