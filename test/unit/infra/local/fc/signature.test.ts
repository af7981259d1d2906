import { describe, expect, test } from "vitest";
import { sign, stringToSign, verifySignature } from "../../../../../infra/local/fc/signature.js";

const request = {
  method: "POST",
  path: "/2016-08-15/services/svc/functions/fn/invocations",
  headers: {
    accept: "application/json",
    "content-md5": "OTk5MTRiOTMyYmQzN2E1MGI5ODNjNWU3YzkwYWU5M2I=",
    "content-type": "application/octet-stream",
    date: "Thu, 01 Jan 2026 00:00:00 GMT",
    "x-fc-invocation-type": "Async",
    "x-fc-account-id": "1234567890",
  },
};
const signature = "ATLsXbiiZRqdZ8e0tH2RNl7RkAR+Gy/JRYLBAywvfok=";
const credentials = { accountId: "1234567890", accessKeyId: "ak", accessKeySecret: "sk", securityToken: "" };
const signed = (authorization: string) => ({ ...request, headers: { ...request.headers, authorization } });
const nowMs = Date.UTC(2026, 0, 1);

describe("the legacy signature", () => {
  test("of the known request is the known one", () => {
    expect(stringToSign(request)).toBe(
      "POST\nOTk5MTRiOTMyYmQzN2E1MGI5ODNjNWU3YzkwYWU5M2I=\napplication/octet-stream\nThu, 01 Jan 2026 00:00:00 GMT\n" +
        "x-fc-account-id:1234567890\nx-fc-invocation-type:Async\n/2016-08-15/services/svc/functions/fn/invocations",
    );
    expect(sign(request, "sk")).toBe(signature);
  });

  test("is accepted within fifteen minutes of the machine's time", () => {
    for (const offMs of [0, 900_000, -900_000]) {
      verifySignature(signed(`FC ak:${signature}`), credentials, nowMs + offMs);
    }
    expect(() => verifySignature(signed(`FC ak:${signature}`), credentials, nowMs + 900_001)).toThrow("15 minutes");
  });

  test.each([
    ["", "AccessDenied"],
    ["Bearer x", "AccessDenied"],
    [`FC other:${signature}`, "InvalidAccessKeyID"],
    ["FC ak:c2hvcnQ=", "SignatureNotMatch"],
    [`FC ak:${signature.replace("AT", "BT")}`, "SignatureNotMatch"],
  ])("is refused with 403: %s", (authorization, code) => {
    expect(() => verifySignature(signed(authorization), credentials, nowMs)).toThrow(
      expect.objectContaining({ status: 403, code }),
    );
  });

  test("covers every x-fc- header and the path, and never shows the secret", () => {
    const changed = signed(`FC ak:${signature}`);
    expect(() =>
      verifySignature({ ...changed, headers: { ...changed.headers, "x-fc-log-type": "Tail" } }, credentials, nowMs),
    ).toThrow("String to sign");
    expect(() =>
      verifySignature({ ...changed, path: "/other" }, { ...credentials, accessKeySecret: "hush-hush" }, nowMs),
    ).toThrow(expect.objectContaining({ message: expect.not.stringContaining("hush-hush") }));
  });
});
