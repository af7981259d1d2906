import { createHash, createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCrc64 } from "../../../infra/local/oss/crc64.js";
import { credentials, type LocalOss, startLocalOss } from "./oss-server.js";

/** What the official clients for Go and Python put on the wire, with signatures made by hand. */
let oss: LocalOss;
beforeAll(async () => {
  oss = await startLocalOss();
  await oss.client().putBucket("landing");
});
afterAll(() => oss.close());

interface Asked {
  readonly method?: string;
  readonly target: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** Version 4 as aliyun-oss-go-sdk sends it: a `Date` header in HTTP's form and no `x-oss-date`. */
function askWithDate({ method = "GET", target, headers = {}, body = "" }: Asked): Promise<Response> {
  const now = new Date();
  const day = now.toISOString().slice(0, 10).replaceAll("-", "");
  const date = now.toUTCString();
  const sent: Record<string, string> = { ...headers, "x-oss-content-sha256": "UNSIGNED-PAYLOAD" };
  const [path = "", query = ""] = target.split("?");
  const lines = Object.entries(sent)
    .filter(([name]) => name.startsWith("x-oss-") || name === "content-type")
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}:${value}\n`);
  const canonical = [method, path, query, lines.join(""), "", "UNSIGNED-PAYLOAD"].join("\n");
  const scope = `${day}/cn-hangzhou/oss/aliyun_v4_request`;
  const hash = createHash("sha256").update(canonical).digest("hex");
  const key = scope
    .split("/")
    .reduce<Buffer>(
      (secret, part) => createHmac("sha256", secret).update(part).digest(),
      Buffer.from(`aliyun_v4${credentials.accessKeySecret}`),
    );
  const signature = createHmac("sha256", key).update(`OSS4-HMAC-SHA256\n${date}\n${scope}\n${hash}`).digest("hex");
  const authorization = `OSS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope},Signature=${signature}`;
  const bodyless = method === "GET" || method === "HEAD";
  return fetch(`http://127.0.0.1:${oss.port}${target}`, {
    method,
    headers: { ...sent, date, authorization },
    // As bytes: for a string `fetch` adds a content type that nobody signed.
    ...(bodyless ? {} : { body: new Uint8Array(Buffer.from(body)) }),
  });
}

function crcOf(...pieces: readonly (string | Buffer)[]): string {
  const crc = createCrc64();
  for (const piece of pieces) crc.update(Buffer.from(piece));
  return crc.digest();
}

const put = (key: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  askWithDate({
    method: "PUT",
    target: `/landing/${key}`,
    body,
    headers: { "content-type": "text/plain", ...headers },
  });
const crcHeader = "x-oss-hash-crc64ecma";

describe("version 4 with a Date header in place of x-oss-date", () => {
  it("serves every kind of call", async () => {
    const part = Buffer.alloc(100 * 1024, "ab");
    const statuses = [
      await askWithDate({ target: "/" }),
      await askWithDate({ target: "/landing/?acl" }),
      await askWithDate({ target: "/landing/?bucketInfo" }),
      await put("dated", "hello"),
      await askWithDate({ target: "/landing/dated" }),
      await askWithDate({ method: "HEAD", target: "/landing/dated" }),
      await askWithDate({ target: "/landing/?list-type=2&prefix=dat" }),
      await askWithDate({ method: "POST", target: "/landing/dated-log?append&position=0", body: part }),
      await askWithDate({ method: "POST", target: "/landing/dated-parts?uploads" }),
      await askWithDate({ method: "DELETE", target: "/landing/dated" }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 200, 204]);
  });
});

describe("x-oss-copy-source in form encoding", () => {
  it("reads + as a blank and %2B as a plus sign, for objects and parts", async () => {
    await put("a%20b", "blank");
    await put("a%2Bb", "plus");
    const copied = async (source: string) => {
      const answer = await put("target", "", { "x-oss-copy-source": source });
      expect([source, answer.status]).toEqual([source, 200]);
      // A client compares a checksum of the answer with that of the body it sent, which is empty.
      expect(answer.headers.get(crcHeader)).toBeNull();
      return (await askWithDate({ target: "/landing/target" })).text();
    };
    expect(await copied("/landing/a%20b")).toBe("blank");
    expect(await copied("/landing/a+b")).toBe("blank");
    expect(await copied("/landing/a%2Bb")).toBe("plus");
    const begun = await askWithDate({ method: "POST", target: "/landing/of-parts?uploads" });
    const uploadId = /<UploadId>(\w+)/.exec(await begun.text())?.[1] ?? "";
    const target = `/landing/of-parts?partNumber=1&uploadId=${uploadId}`;
    const part = await askWithDate({ method: "PUT", target, headers: { "x-oss-copy-source": "/landing/a+b" } });
    expect(part.status).toBe(200);
  });
});

describe("x-oss-hash-crc64ecma", () => {
  const body = Buffer.alloc(300_000, "0123456789");

  it("is the sum of the whole object on put, get, ranges, head and meta", async () => {
    const sum = crcOf(body);
    const answers = [
      await put("summed", body),
      await askWithDate({ target: "/landing/summed" }),
      await askWithDate({ target: "/landing/summed", headers: { range: "bytes=3-8" } }),
      await askWithDate({ method: "HEAD", target: "/landing/summed" }),
      await askWithDate({ method: "HEAD", target: "/landing/summed?objectMeta" }),
    ];
    expect(answers.map(({ headers }) => headers.get(crcHeader))).toEqual(answers.map(() => sum));
    await put("copied", "", { "x-oss-copy-source": "/landing/summed" });
    const copy = await askWithDate({ method: "HEAD", target: "/landing/copied" });
    expect(copy.headers.get(crcHeader)).toBe(sum);
  });

  it("goes on with every append", async () => {
    const append = (position: number, piece: string) =>
      askWithDate({ method: "POST", target: `/landing/grown?append&position=${position}`, body: piece });
    expect((await append(0, "abc")).headers.get(crcHeader)).toBe(crcOf("abc"));
    expect((await append(3, "def")).headers.get(crcHeader)).toBe(crcOf("abcdef"));
    expect((await askWithDate({ target: "/landing/grown" })).headers.get(crcHeader)).toBe(crcOf("abcdef"));
  });

  it("is joined from the sums of parts, uploaded or copied", async () => {
    await put("piece", "hello");
    const begun = await askWithDate({ method: "POST", target: "/landing/joined?uploads" });
    const uploadId = /<UploadId>(\w+)/.exec(await begun.text())?.[1] ?? "";
    const part = (number: number) => `/landing/joined?partNumber=${number}&uploadId=${uploadId}`;
    const first = await askWithDate({ method: "PUT", target: part(1), body });
    expect(first.headers.get(crcHeader)).toBe(crcOf(body));
    const source = { "x-oss-copy-source": "/landing/piece", "x-oss-copy-source-range": "bytes=1-3" };
    const second = await askWithDate({ method: "PUT", target: part(2), headers: source });
    const parts = [first, second].map(
      ({ headers }, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${headers.get("etag")}</ETag></Part>`,
    );
    const document = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
    const target = `/landing/joined?uploadId=${uploadId}`;
    const whole = await askWithDate({ method: "POST", target, body: document });
    expect(whole.headers.get(crcHeader)).toBe(crcOf(body, "ell"));
    expect((await askWithDate({ target: "/landing/joined" })).headers.get(crcHeader)).toBe(crcOf(body, "ell"));
  });
});
