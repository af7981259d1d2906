import { createHash, createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { authorizeOss } from "../../../../../infra/local/oss/authorize.js";
import { parseOssQuery, type WireRequest } from "../../../../../infra/local/oss/wire-request.js";

/** The signing code of the unmodified SDK. */
const sdk = createRequire(import.meta.url)("ali-oss/lib/common/signUtils.js") as {
  buildCanonicalString(method: string, resource: string, request: object, expires?: string): string;
  authorization(id: string, secret: string, text: string): string;
  computeSignature(secret: string, text: string): string;
  authorizationV4(
    id: string,
    secret: string,
    region: string,
    method: string,
    request: object,
    bucket?: string,
    key?: string,
    additional?: string[],
  ): string;
};

const credentials = { accountId: "1", accessKeyId: "id", accessKeySecret: "secret", securityToken: "token" };
const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const dateV1 = new Date(now).toUTCString();
const dateV4 = "20260102T030405Z";

function wire(method: string, target: string, headers: Record<string, string>): WireRequest {
  const [path = "", query = ""] = target.split("?");
  return { method, path, query: parseOssQuery(query), headers: { host: "localhost:9000", ...headers } };
}

function refusal(request: WireRequest, nowMs = now): string {
  try {
    authorizeOss(request, credentials, nowMs);
  } catch (error) {
    return (error as { code: string }).code;
  }
  return "accepted";
}

describe("version 1 in the header", () => {
  const signed = (resource: string, headers: Record<string, string>, parameters?: object) => ({
    ...headers,
    authorization: sdk.authorization(
      "id",
      "secret",
      sdk.buildCanonicalString("PUT", resource, { headers: { "content-type": "", ...headers }, parameters }),
    ),
  });
  const headers = {
    "x-oss-date": dateV1,
    "x-oss-meta-b": "2",
    "x-oss-meta-a": "1",
    "content-type": "text/csv",
    "content-md5": "abc=",
  };

  it("gives the signature of the documented worked example", () => {
    // OSS API reference, "Include a signature in the Authorization header": PutObject of oss-example/nelson.
    const request = {
      method: "PUT",
      path: "/oss-example/nelson",
      query: [],
      headers: {
        host: "localhost",
        date: "Thu, 17 Nov 2005 18:49:58 GMT",
        "content-md5": "ODBGOERFMDMzQTczRUY3NUE3NzA5QzdFNUYzMDQxNEM=",
        "content-type": "text/html",
        "x-oss-meta-author": "foo@bar.com",
        "x-oss-magic": "abracadabra",
        authorization: "OSS 44CF9590006BF252F707:26NBxoKdsyly4EDv6inkoDft/yA=",
      },
    };
    const documented = {
      ...credentials,
      accessKeyId: "44CF9590006BF252F707",
      accessKeySecret: "OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV",
    };
    expect(authorizeOss(request, documented, Date.UTC(2005, 10, 17, 18, 50))).toEqual({
      reading: { bucket: "oss-example", key: "nelson" },
      anonymous: false,
    });
  });

  it("accepts what the SDK signs, keys unescaped", () => {
    const request = wire("PUT", "/bucket/a%20b/%E4%B8%AD%2B.csv", signed("/bucket/a b/中+.csv", headers));
    expect(authorizeOss(request, credentials, now)).toEqual({
      reading: { bucket: "bucket", key: "a b/中+.csv" },
      anonymous: false,
    });
  });

  it("signs sub-resources in order, and list parameters not at all", () => {
    const request = wire(
      "PUT",
      "/bucket/key?uploadId=X&partNumber=2&prefix=p&acl",
      signed("/bucket/key", headers, { uploadId: "X", partNumber: 2, acl: "" }),
    );
    expect(refusal(request)).toBe("accepted");
    expect(refusal({ ...request, query: parseOssQuery("uploadId=Y&partNumber=2&acl") })).toBe("SignatureDoesNotMatch");
  });

  it("takes the bucket from the host or from the path, whichever verifies", () => {
    const host = "bucket.oss-cn-hangzhou.aliyuncs.com";
    const byHost = wire("PUT", "/key", { ...signed("/bucket/key", headers), host });
    expect(authorizeOss(byHost, credentials, now).reading).toEqual({ bucket: "bucket", key: "key" });
    const byPath = wire("PUT", "/bucket/key", { ...signed("/bucket/key", headers), host });
    expect(authorizeOss(byPath, credentials, now).reading).toEqual({ bucket: "bucket", key: "key" });
    const both = wire("PUT", "/bucket/key", { ...signed("/bucket/bucket/key", headers), host });
    expect(authorizeOss(both, credentials, now).reading).toEqual({ bucket: "bucket", key: "bucket/key" });
  });

  it("signs header values as the UTF-8 text behind their bytes", () => {
    const text = { ...headers, "x-oss-meta-a": "中" };
    const request = wire("PUT", "/bucket/key", signed("/bucket/key", text));
    const bytes = { ...request.headers, "x-oss-meta-a": Buffer.from("中").toString("latin1") };
    expect(refusal({ ...request, headers: bytes })).toBe("accepted");
  });

  it("refuses another secret, id, token, date or method", () => {
    const request = wire("PUT", "/bucket/key", signed("/bucket/key", headers));
    expect(refusal({ ...request, method: "GET" })).toBe("SignatureDoesNotMatch");
    expect(refusal(request, now + 15 * 60_000)).toBe("accepted");
    expect(refusal(request, now + 15 * 60_000 + 1)).toBe("RequestTimeTooSkewed");
    expect(refusal(request, now - 15 * 60_000 - 1)).toBe("RequestTimeTooSkewed");
    expect(refusal({ ...request, headers: { ...request.headers, authorization: "OSS other:x" } })).toBe(
      "InvalidAccessKeyId",
    );
    expect(refusal({ ...request, headers: { ...request.headers, authorization: "OSS" } })).toBe("InvalidArgument");
    expect(refusal({ ...request, headers: { ...request.headers, "x-oss-date": "soon" } })).toBe("AccessDenied");
    const withToken = (token: string) =>
      wire("PUT", "/bucket/key", signed("/bucket/key", { ...headers, "x-oss-security-token": token }));
    expect(refusal(withToken("token"))).toBe("accepted");
    expect(refusal(withToken("other"))).toBe("InvalidSecurityToken");
  });

  it("names the text it expected, and no secret", () => {
    const request = wire("GET", "/bucket/key", signed("/bucket/key", headers));
    try {
      authorizeOss(request, credentials, now);
      expect.fail("accepted");
    } catch (error) {
      const { details } = error as { details: Record<string, string> };
      expect(details.StringToSign).toBe(
        `GET\nabc=\ntext/csv\n${dateV1}\nx-oss-date:${dateV1}\nx-oss-meta-a:1\nx-oss-meta-b:2\n/bucket/key`,
      );
      expect(JSON.stringify(error)).not.toContain('"secret"');
    }
  });
});

describe("version 1 in the URL", () => {
  const url = (expires: number, parameters: Record<string, string> = {}) => {
    const text = sdk.buildCanonicalString(
      "GET",
      "/bucket/key",
      { headers: { "content-type": "" }, parameters },
      String(expires),
    );
    const query = new URLSearchParams({
      ...parameters,
      OSSAccessKeyId: "id",
      Expires: String(expires),
      Signature: sdk.computeSignature("secret", text),
    });
    return wire("GET", `/bucket/key?${query}`, {});
  };
  const inAnHour = now / 1000 + 3600;

  it("holds until its time, with its overrides", () => {
    expect(refusal(url(inAnHour))).toBe("accepted");
    expect(refusal(url(inAnHour, { "response-content-type": "text/x", "security-token": "token" }))).toBe("accepted");
    expect(refusal(url(inAnHour, { "security-token": "other" }))).toBe("InvalidSecurityToken");
    expect(refusal(url(inAnHour), now + 3600_000)).toBe("accepted");
    expect(refusal(url(inAnHour), now + 3600_001)).toBe("AccessDenied");
    expect(refusal({ ...url(inAnHour), path: "/bucket/other" })).toBe("SignatureDoesNotMatch");
    expect(refusal(wire("GET", "/bucket/key?OSSAccessKeyId=id&Signature=x", {}))).toBe("AccessDenied");
  });
});

describe("version 4 in the header", () => {
  const base = { "x-oss-date": dateV4, "x-oss-content-sha256": "UNSIGNED-PAYLOAD" };
  const signed = (
    queries: object,
    target: string,
    extra: { headers?: Record<string, string>; additional?: string[]; bucket?: string; key?: string } = {},
  ) => {
    const headers = { host: "localhost:9000", ...base, ...extra.headers };
    const { bucket = "bucket", key = "a b/中*('!.csv" } = extra;
    const authorization = sdk.authorizationV4(
      "id",
      "secret",
      "cn-hangzhou",
      "GET",
      { headers, queries },
      bucket || undefined,
      key || undefined,
      extra.additional,
    );
    return wire("GET", target, { ...headers, authorization });
  };
  const path = "/bucket/a%20b/%E4%B8%AD%2A%28%27%21.csv";

  it("accepts what the SDK signs, strictly encoded", () => {
    expect(authorizeOss(signed({}, path), credentials, now)).toEqual({
      reading: { bucket: "bucket", key: "a b/中*('!.csv" },
      anonymous: false,
    });
    expect(refusal(signed({ uploads: null, prefix: "ü/*" }, `${path}?uploads=&prefix=%C3%BC%2F%2A`))).toBe("accepted");
    expect(
      refusal(
        signed({}, path, { additional: ["host", "Range"], headers: { range: "bytes=0-1", "content-type": "a/b" } }),
      ),
    ).toBe("accepted");
    expect(refusal(signed({}, "/", { bucket: "", key: "" }))).toBe("accepted");
  });

  it("accepts an empty parameter signed bare, with its equals sign, or not at all", () => {
    expect(refusal(signed({ acl: null, prefix: "", marker: undefined }, `${path}?acl=&prefix=&marker=`))).toBe(
      "accepted",
    );
    const many = Object.fromEntries("abcdefgh".split("").map((name) => [name, ""]));
    expect(
      refusal(
        signed(
          many,
          `${path}?${Object.keys(many)
            .map((name) => `${name}=`)
            .join("&")}`,
        ),
      ),
    ).toBe("accepted");
    expect(refusal(signed({ "list-type": 2 }, `${path}?list-type=2&prefix=x`))).toBe("SignatureDoesNotMatch");
  });

  it("refuses another day, scope, header or clock", () => {
    const request = signed({}, path, { headers: { "x-oss-meta-a": "1" } });
    const change = (headers: Record<string, string>) =>
      refusal({ ...request, headers: { ...request.headers, ...headers } });
    const authorization = request.headers.authorization ?? "";
    expect(change({})).toBe("accepted");
    expect(change({ "x-oss-meta-a": "2" })).toBe("SignatureDoesNotMatch");
    expect(change({ authorization: authorization.replace("cn-hangzhou", "cn-beijing") })).toBe("SignatureDoesNotMatch");
    expect(change({ authorization: authorization.replace("/20260102/", "/20260103/") })).toBe("InvalidArgument");
    expect(change({ authorization: authorization.replace("aliyun_v4_request", "other") })).toBe("InvalidArgument");
    expect(change({ authorization: authorization.replace("=id/", "=other/") })).toBe("InvalidAccessKeyId");
    expect(refusal(request, now + 16 * 60_000)).toBe("RequestTimeTooSkewed");
  });
});

describe("version 4 with a Date header", () => {
  const sent = new Date(now).toUTCString();
  /** As aliyun-oss-go-sdk signs: the date as the header has it, or in the compact form. */
  const signed = (date: string, inText: string, day = "20260102") => {
    const scope = `${day}/cn-hangzhou/oss/aliyun_v4_request`;
    const canonical = "GET\n/bucket/key\n\nx-oss-content-sha256:UNSIGNED-PAYLOAD\n\n\nUNSIGNED-PAYLOAD";
    const hash = createHash("sha256").update(canonical).digest("hex");
    const key = scope
      .split("/")
      .reduce<Buffer>(
        (secret, part) => createHmac("sha256", secret).update(part).digest(),
        Buffer.from("aliyun_v4secret"),
      );
    const signature = createHmac("sha256", key).update(`OSS4-HMAC-SHA256\n${inText}\n${scope}\n${hash}`).digest("hex");
    const authorization = `OSS4-HMAC-SHA256 Credential=id/${scope},Signature=${signature}`;
    return wire("GET", "/bucket/key", { date, "x-oss-content-sha256": "UNSIGNED-PAYLOAD", authorization });
  };

  it("takes the date in HTTP's form, signed as it stands or compact", () => {
    expect(refusal(signed(sent, sent))).toBe("accepted");
    expect(refusal(signed(sent, dateV4))).toBe("accepted");
    expect(refusal(signed(dateV4, dateV4))).toBe("accepted");
  });

  it("lets x-oss-date win, and refuses another day, another moment or none", () => {
    const request = signed(sent, sent);
    const other = { ...request, headers: { ...request.headers, "x-oss-date": dateV4 } };
    expect(refusal(other)).toBe("SignatureDoesNotMatch");
    expect(refusal(signed(sent, sent, "20260103"))).toBe("InvalidArgument");
    expect(refusal(request, now + 16 * 60_000)).toBe("RequestTimeTooSkewed");
    expect(refusal(signed("soon", "soon"))).toBe("AccessDenied");
    expect(refusal(signed(sent, new Date(now + 1000).toUTCString()))).toBe("SignatureDoesNotMatch");
  });
});

describe("signatures of other services", () => {
  it.each([
    ["/b/k", "AWS4-ECDSA-P256-SHA256 Credential=id/20260102/s3/aws4_request", "S3 (AWS signature version 4A)"],
    ["/b/k", "AWS id:x", "S3 (AWS signature version 2)"],
    ["/b/k", "OSS2 AccessKeyId:id,Signature:x", "OSS signature version 2"],
    ["/b/k?AWSAccessKeyId=id&Expires=1&Signature=x", "", "S3 (AWS signature version 2, in the URL)"],
    ["/b/k?x-oss-signature-version=OSS2&x-oss-signature=x", "", "OSS signature version 2, in the URL"],
  ])("%s %s is told as made for %s", (target, authorization, kind) => {
    const request = wire("GET", target, authorization === "" ? {} : { authorization });
    expect(refusal(request)).toBe("NotImplemented");
    expect(() => authorizeOss(request, credentials, now)).toThrow(kind);
  });
});

it("reads a request without a signature by its likeliest meaning", () => {
  expect(authorizeOss(wire("GET", "/bucket/key", {}), credentials, now)).toEqual({
    reading: { bucket: "bucket", key: "key" },
    anonymous: true,
  });
  const hosted = wire("GET", "/a/b", { host: "bucket.localhost:9000" });
  expect(authorizeOss(hosted, credentials, now)).toEqual({
    reading: { bucket: "bucket", key: "a/b" },
    anonymous: true,
  });
});
