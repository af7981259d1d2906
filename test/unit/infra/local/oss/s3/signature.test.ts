import { describe, expect, it } from "vitest";
import { checksumOf } from "../../../../../../infra/local/oss/s3/checksums.js";
import { payloadOf } from "../../../../../../infra/local/oss/s3/payload.js";
import { type VerifiedS3, verifyS3 } from "../../../../../../infra/local/oss/s3/signature.js";
import { parseOssQuery, type WireRequest } from "../../../../../../infra/local/oss/wire-request.js";

// The examples of the Amazon S3 API reference, "Authenticating Requests (AWS Signature Version 4)".
const credentials = {
  accountId: "1",
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  accessKeySecret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  securityToken: "token",
};
const now = Date.parse("2013-05-24T00:00:00Z");
const date = "20130524T000000Z";
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

function signed(names: string, signature: string): string {
  const credential = `${credentials.accessKeyId}/20130524/us-east-1/s3/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${names},Signature=${signature}`;
}

const get: WireRequest = {
  method: "GET",
  path: "/test.txt",
  query: [],
  headers: {
    host: "examplebucket.s3.amazonaws.com",
    range: "bytes=0-9",
    "x-amz-date": date,
    "x-amz-content-sha256": EMPTY,
    authorization: signed(
      "host;range;x-amz-content-sha256;x-amz-date",
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ),
  },
};

const presigned =
  "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z" +
  "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
const byUrl: WireRequest = {
  ...{ method: "GET", path: "/test.txt", query: parseOssQuery(presigned) },
  headers: { host: "examplebucket.s3.amazonaws.com" },
};

const signedNames =
  "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class";
const chunkedHeaders = {
  host: "s3.amazonaws.com",
  "x-amz-date": date,
  "x-amz-storage-class": "REDUCED_REDUNDANCY",
  "content-encoding": "aws-chunked",
  "x-amz-decoded-content-length": "66560",
  "content-length": "66824",
};
const chunked: WireRequest = {
  ...{ method: "PUT", path: "/examplebucket/chunkObject.txt", query: [] },
  headers: {
    ...chunkedHeaders,
    "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    authorization: signed(
      signedNames.replace(";host", ";content-length;host"),
      "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    ),
  },
};
const chunks = (...signatures: string[]) => {
  const sizes = [65_536, 1024, 0];
  const texts = sizes.map((size, i) => `${size.toString(16)};chunk-signature=${signatures[i]}\r\n${"a".repeat(size)}`);
  return `${texts.join("\r\n")}\r\n`;
};
const signedChunks = chunks(
  "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
  "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
  "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
);

function refusal(request: WireRequest, nowMs = now): string {
  try {
    verifyS3(request, credentials, nowMs);
    return "none";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** The body that a request stands for, its wire bytes coming `step` at a time. */
async function bodyOf(
  request: WireRequest,
  wire: string,
  { step = 1000, verified }: { step?: number; verified?: VerifiedS3 } = {},
): Promise<string> {
  async function* pieces() {
    for (let at = 0; at < wire.length; at += step) yield Buffer.from(wire.slice(at, at + step));
  }
  const found = verified ?? verifyS3(request, credentials, now);
  const read: Buffer[] = [];
  for await (const piece of payloadOf(request, pieces(), { verified: found, checksCover: true })) read.push(piece);
  return Buffer.concat(read).toString();
}

describe("a request signed for S3", () => {
  it.each([
    ["in its headers", get],
    ["in its URL", byUrl],
    ["for a body in chunks", chunked],
  ])("%s is verified, and refused once anything differs", (_what, request) => {
    expect(refusal(request)).toBe("none");
    expect(refusal({ ...request, path: `${request.path}x` })).toBe("SignatureDoesNotMatch");
    expect(refusal({ ...request, method: "DELETE" })).toBe("SignatureDoesNotMatch");
    expect(refusal({ ...request, headers: { ...request.headers, host: "other" } })).toBe("SignatureDoesNotMatch");
    expect(refusal({ ...request, query: [...request.query, { name: "a", value: "", bare: true }] })).toBe(
      "SignatureDoesNotMatch",
    );
    expect(refusal(request, now + 25 * 3600_000)).toMatch(/RequestTimeTooSkewed|AccessDenied/);
  });

  it("is told from one of an unknown key, of another day or with another token", () => {
    const other = { ...get.headers, authorization: get.headers.authorization?.replace("AKIA", "AKIB") ?? "" };
    expect(refusal({ ...get, headers: other })).toBe("InvalidAccessKeyId");
    const day = { ...get.headers, authorization: get.headers.authorization?.replace("/20130524/", "/20130525/") ?? "" };
    expect(refusal({ ...get, headers: day })).toBe("InvalidArgument");
    expect(refusal({ ...get, headers: { ...get.headers, "x-amz-security-token": "no" } })).toBe("InvalidSecurityToken");
  });
});

describe("a body", () => {
  it.each([7, 1000, 100_000])("in signed chunks is taken apart, coming %i bytes at a time", async (step) => {
    expect(await bodyOf(chunked, signedChunks, { step })).toBe("a".repeat(66_560));
  });

  it("is refused when a byte of a chunk differs, when it ends early, and when it goes on", async () => {
    await expect(bodyOf(chunked, signedChunks.replace("aaa", "aba"))).rejects.toMatchObject({
      code: "SignatureDoesNotMatch",
    });
    await expect(bodyOf(chunked, signedChunks.slice(0, 60_000))).rejects.toMatchObject({ code: "InvalidArgument" });
    await expect(bodyOf(chunked, `${signedChunks}\r\nmore`)).rejects.toMatchObject({ code: "InvalidArgument" });
  });

  it("in one piece is compared with the hash that was signed", async () => {
    const request = { ...get, method: "PUT" };
    const verified = verifyS3(get, credentials, now);
    expect(await bodyOf(request, "", { step: 1, verified })).toBe("");
    await expect(bodyOf(request, "x", { step: 1, verified })).rejects.toMatchObject({ code: "SignatureDoesNotMatch" });
  });

  it("with a trailing checksum is compared with it", async () => {
    const verified = verifyS3(get, credentials, now);
    const headers = {
      "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      "x-amz-trailer": "x-amz-checksum-crc32",
    };
    const request = { ...get, headers };
    // CRC-32 of "123456789" is cbf43926.
    const wire = "9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n";
    expect(await bodyOf(request, wire, { step: 5, verified })).toBe("123456789");
    await expect(bodyOf(request, wire.replace("y/Q5", "y/Q6"), { step: 5, verified })).rejects.toMatchObject({
      code: "InvalidDigest",
    });
    await expect(bodyOf(request, "9\r\n123456789\r\n0\r\n\r\n", { step: 5, verified })).rejects.toMatchObject({
      code: "InvalidDigest",
    });
    const unknown = { ...headers, "x-amz-trailer": "x-amz-checksum-crc7" };
    expect(() =>
      payloadOf({ ...get, headers: unknown }, (async function* () {})(), { verified, checksCover: true }),
    ).toThrow(/crc7/);
  });
});

// The check values of the algorithms' definitions, for the nine digits.
it.each([
  ["crc32", "cbf43926"],
  ["crc32c", "e3069283"],
  ["crc64nvme", "ae8b14860a799888"],
  ["sha1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"],
])("computes %s", (name, hex) => {
  const sum = checksumOf(name);
  sum?.update(Buffer.from("1234"));
  sum?.update(Buffer.from("56789"));
  expect(Buffer.from(sum?.digest() ?? "", "base64").toString("hex")).toBe(hex);
});
