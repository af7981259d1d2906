import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { authenticate } from "../../../../../infra/local/tablestore/authenticate.js";

const credentials = { accountId: "1", accessKeyId: "ak", accessKeySecret: "sk", securityToken: "tok" };
const NOW = Date.parse("2026-01-01T00:00:00.000Z");
const EMPTY_MD5 = "1B2M2Y8AsgTpgAmY7PhCfg==";
const TEXT = `/ListTable
POST

x-ots-accesskeyid:ak
x-ots-apiversion:2015-12-31
x-ots-contentmd5:${EMPTY_MD5}
x-ots-date:2026-01-01T00:00:00.000Z
x-ots-instancename:inst
`;
const request = (headers: Record<string, string> = {}, body = Buffer.alloc(0)) => ({
  path: "/ListTable",
  body,
  headers: {
    host: "localhost",
    "x-ots-instancename": "inst",
    "x-ots-apiversion": "2015-12-31",
    "x-ots-date": "2026-01-01T00:00:00.000Z",
    "x-ots-contentmd5": EMPTY_MD5,
    "x-ots-accesskeyid": "ak",
    "x-ots-signature": createHmac("sha1", "sk").update(TEXT).digest("base64"),
    ...headers,
  },
});
const codeOf = (run: () => unknown) => {
  try {
    return run();
  } catch (error) {
    return (error as Error).name;
  }
};

describe("authenticate", () => {
  it("accepts a signature over the sorted x-ots headers and names the instance", () => {
    expect(authenticate(request(), credentials, NOW)).toBe("inst");
  });

  it("allows 15 minutes between the clocks, not more", () => {
    const MINUTE = 60_000;
    expect(codeOf(() => authenticate(request(), credentials, NOW + 15 * MINUTE))).toBe("inst");
    expect(codeOf(() => authenticate(request(), credentials, NOW + 15 * MINUTE + 1))).toBe("OTSAuthFailed");
    expect(codeOf(() => authenticate(request(), credentials, NOW - 15 * MINUTE - 1))).toBe("OTSAuthFailed");
  });

  it("refuses a body other than the one signed", () => {
    expect(codeOf(() => authenticate(request({}, Buffer.from("x")), credentials, NOW))).toBe("OTSAuthFailed");
  });

  it("refuses another key or secret", () => {
    expect(codeOf(() => authenticate(request(), { ...credentials, accessKeyId: "b" }, NOW))).toBe("OTSAuthFailed");
    expect(codeOf(() => authenticate(request(), { ...credentials, accessKeySecret: "b" }, NOW))).toBe("OTSAuthFailed");
  });

  it("tells a malformed header from a wrong one", () => {
    expect(codeOf(() => authenticate(request({ "x-ots-date": "soon" }), credentials, NOW))).toBe("OTSParameterInvalid");
    expect(codeOf(() => authenticate(request({ "x-ots-signature": "" }), credentials, NOW))).toBe(
      "OTSParameterInvalid",
    );
  });
});
