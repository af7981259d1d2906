import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ossKeyBoundsOf } from "../../../infra/local/oss/keys.js";
import { sweepOrphans } from "../../../infra/local/oss/sweep.js";
import { type LocalOss, startLocalOss } from "./oss-server.js";

let local: LocalOss;
beforeEach(async () => {
  local = await startLocalOss();
  await local.client().putBucket("landing");
});
afterEach(() => local.close());

async function countRows(kind: "chunk" | "content" | "part" | "loose"): Promise<number> {
  let rows = 0;
  for await (const _ of local.store.range(ossKeyBoundsOf(kind))) rows += 1;
  return rows;
}

const eventually = (check: () => Promise<void>) => expect.poll(() => check().then(() => true)).toBe(true);

describe("signed URLs", () => {
  const get = (url: string, init?: RequestInit) => fetch(url, init);
  const v4 = (options = {}) =>
    local.client({ authorizationV4: true, ...options }) as unknown as {
      signatureUrlV4(
        method: string,
        expires: number,
        request?: object,
        name?: string,
        additional?: string[],
      ): Promise<string>;
    };

  it("work for get, put and response headers, version 1", async () => {
    const client = local.client();
    const put = await get(client.signatureUrl("é/a b.txt", { method: "PUT", "Content-Type": "text/plain" } as never), {
      method: "PUT",
      body: "hello",
      headers: { "Content-Type": "text/plain" },
    });
    expect(put.status).toBe(200);
    const url = client.signatureUrl("é/a b.txt", {
      response: { "content-disposition": 'attachment; filename="x"' },
    } as never);
    const answer = await get(url);
    expect(await answer.text()).toBe("hello");
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="x"');
    const withToken = local.client({ stsToken: "local-token", refreshSTSTokenInterval: 1e9 }).signatureUrl("é/a b.txt");
    expect((await get(withToken)).status).toBe(200);
  });

  it("expire and are bound to method and key, version 1", async () => {
    const client = local.client();
    await client.put("a", Buffer.from("x"));
    const expired = await get(client.signatureUrl("a", { expires: -5 }));
    expect(expired.status).toBe(403);
    expect(await expired.text()).toContain("<Code>AccessDenied</Code><Message>Request has expired.");
    const url = client.signatureUrl("a");
    expect((await get(url, { method: "DELETE" })).status).toBe(403);
    const other = await get(url.replace("/landing/a?", "/landing/b?"));
    expect(await other.text()).toContain("<Code>SignatureDoesNotMatch</Code>");
  });

  it("work for get and put, version 4", async () => {
    const put = await v4().signatureUrlV4(
      "PUT",
      60,
      { headers: { "content-type": "text/plain", host: `localhost:${local.port}` } },
      "v4/ü +(1).txt",
      ["host"],
    );
    expect((await get(put, { method: "PUT", body: "hello", headers: { "content-type": "text/plain" } })).status).toBe(
      200,
    );
    const url = await v4({ stsToken: "local-token", refreshSTSTokenInterval: 1e9 }).signatureUrlV4(
      "GET",
      60,
      {},
      "v4/ü +(1).txt",
    );
    expect(await (await get(url)).text()).toBe("hello");
    const longer = await get(url.replace("x-oss-expires=60", "x-oss-expires=3600"));
    expect(await longer.text()).toContain("<Code>SignatureDoesNotMatch</Code>");
    const tooLong = await get(await v4().signatureUrlV4("GET", 604_801, {}, "v4/ü +(1).txt"));
    expect(await tooLong.text()).toContain("<Code>AuthorizationQueryParametersError</Code>");
  });
});

describe("requests without a signature", () => {
  it("are served by the bucket's access rule alone", async () => {
    const client = local.client();
    await client.put("open.txt", Buffer.from("hello"));
    const at = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${local.port}/landing/${path}`, init);
    const denied = await at("open.txt");
    expect(denied.status).toBe(403);
    expect(await denied.text()).toContain("<Code>AccessDenied</Code>");
    await client.putBucketACL("landing", "public-read");
    expect(await (await at("open.txt")).text()).toBe("hello");
    expect((await at("open.txt", { method: "PUT", body: "x" })).status).toBe(403);
    await client.putBucketACL("landing", "public-read-write");
    expect((await at("open.txt", { method: "PUT", body: "x" })).status).toBe(200);
    expect((await at("", { method: "DELETE" })).status).toBe(403);
    expect(((await client.getBucketACL("landing")) as { acl: string }).acl).toBe("public-read-write");
    expect((await fetch(`http://127.0.0.1:${local.port}/`)).status).toBe(403);
    expect((await at("open.txt", { method: "PATCH" })).status).toBe(405);
  });
});

describe("events", () => {
  it("tell what became visible and what went away, and nothing else", async () => {
    const client = local.client();
    await client.put("a", Buffer.from("12345"));
    await client.put("a", Buffer.from("123"));
    await client.copy("b", "a");
    await client.append("c", Buffer.from("1"));
    await client.append("c", Buffer.from("2"), { position: "1" });
    const { uploadId } = await client.initMultipartUpload("d");
    const part = (await client.uploadPart("d", uploadId, 1, Buffer.from("abc") as never, 0, 3)) as unknown as {
      etag: string;
    };
    await client.completeMultipartUpload("d", uploadId, [{ number: 1, etag: part.etag }]);
    await client.delete("a");
    await client.delete("a");
    await client.deleteMulti(["b", "never"]);
    await expect(
      client.put("d", Buffer.from("x"), { headers: { "x-oss-forbid-overwrite": "true" } }),
    ).rejects.toThrow();
    expect(local.events.map(({ eventName, key, size, deltaSize }) => [eventName, key, size, deltaSize])).toEqual([
      ["ObjectCreated:PutObject", "a", 5, 5],
      ["ObjectCreated:PutObject", "a", 3, -2],
      ["ObjectCreated:CopyObject", "b", 3, 3],
      ["ObjectCreated:AppendObject", "c", 1, 1],
      ["ObjectCreated:AppendObject", "c", 2, 1],
      ["ObjectCreated:CompleteMultipartUpload", "d", 3, 3],
      ["ObjectRemoved:DeleteObject", "a", 3, -3],
      ["ObjectRemoved:DeleteObjects", "b", 3, -3],
    ]);
    expect(local.events[0]).toMatchObject({
      bucket: "landing",
      eTag: createHash("md5").update("12345").digest("hex").toUpperCase(),
    });
    expect(local.events[0]?.requestId).toMatch(/^[0-9A-F]{24}$/);
    expect(local.events[0]?.sourceIp).toContain("127.0.0.1");
  });
});

describe("faults", () => {
  it("refuse, delay, drop the answer after the work, and repeat", async () => {
    const client = local.client();
    local.faults.set("PutObject", [
      { kind: "status", status: 503 },
      { kind: "dropResponse" },
      { kind: "delay", ms: 150 },
    ]);
    await expect(client.put("a", Buffer.from("x"))).rejects.toMatchObject({ status: 503, code: "ServiceUnavailable" });
    await expect(client.get("a")).rejects.toMatchObject({ code: "NoSuchKey" });
    await expect(client.put("a", Buffer.from("dropped"))).rejects.toMatchObject({ status: -1 });
    expect((await client.get("a")).content.toString()).toBe("dropped");
    const started = performance.now();
    await client.put("a", Buffer.from("late"));
    expect(performance.now() - started).toBeGreaterThan(140);
    local.faults.set("AppendObject", [{ kind: "twice" }]);
    await expect(client.append("log", Buffer.from("once"))).rejects.toMatchObject({ code: "PositionNotEqualToLength" });
    expect((await client.get("log")).content.toString()).toBe("once");
    local.faults.set("GetObject", [{ kind: "status", status: 429 }, { kind: "dropResponse" }]);
    await expect(client.get("log")).rejects.toMatchObject({ status: 429 });
    await expect(client.get("log")).rejects.toMatchObject({ status: -1 });
  });

  it("are reported with the calls they hit", async () => {
    local.faults.set("HeadObject", [{ kind: "status", status: 500 }]);
    await expect(local.client().head("a")).rejects.toMatchObject({ status: 500, code: "InternalError" });
    expect(local.calls.at(-1)).toEqual({ service: "oss", operation: "HeadObject", resource: "landing/a", status: 500 });
  });
});

describe("stored bytes", () => {
  it("survive a restart, uploads under way included", async () => {
    const data = randomBytes(5_000_000);
    const client = local.client();
    await client.put("kept", data);
    const { uploadId } = await client.initMultipartUpload("parts");
    const { etag } = (await client.uploadPart("parts", uploadId, 1, data as never, 0, data.length)) as unknown as {
      etag: string;
    };
    local = await local.restart();
    const again = local.client();
    expect(data.equals((await again.get("kept")).content as Buffer)).toBe(true);
    await again.completeMultipartUpload("parts", uploadId, [{ number: 1, etag }]);
    expect(data.equals((await again.get("parts")).content as Buffer)).toBe(true);
  });

  it("go when the last object that shares them goes", async () => {
    const client = local.client();
    const data = randomBytes(1_000_000);
    await client.put("one", data);
    await client.copy("two", "one");
    await client.put("one", Buffer.from("small"));
    expect(data.equals((await client.get("two")).content as Buffer)).toBe(true);
    await client.deleteMulti(["one", "two"]);
    const { uploadId } = await client.initMultipartUpload("parts");
    for (const _ of [1, 2]) await client.uploadPart("parts", uploadId, 1, data as never, 0, data.length);
    await client.abortMultipartUpload("parts", uploadId);
    await eventually(async () =>
      expect(await Promise.all((["chunk", "content", "part", "loose"] as const).map(countRows))).toEqual([0, 0, 0, 0]),
    );
  });

  it("stay for a reader whose object is replaced meanwhile", async () => {
    const client = local.client();
    const data = randomBytes(20_000_000);
    await client.put("slow", data);
    const { stream } = await client.getStream("slow");
    const reading = (stream as Readable).iterator();
    const hash = createHash("md5").update((await reading.next()).value as Buffer);
    await client.put("slow", Buffer.from("new"));
    for await (const piece of reading) hash.update(piece as Buffer);
    expect(hash.digest("hex")).toBe(createHash("md5").update(data).digest("hex"));
    await eventually(async () => expect(await countRows("chunk")).toBe(1));
  });

  it("go when an upload breaks off or is refused", async () => {
    const client = local.client();
    const broken = Readable.from(
      (async function* () {
        yield randomBytes(9_000_000);
        throw new Error("source failed");
      })(),
    );
    await expect(client.putStream("broken", broken)).rejects.toThrow();
    const wrong = createHash("md5").update("other").digest("base64");
    const refused = client.put("refused", randomBytes(9_000_000), { headers: { "Content-MD5": wrong } });
    await expect(refused).rejects.toMatchObject({ code: "InvalidDigest" });
    await eventually(async () => expect([await countRows("chunk"), await countRows("loose")]).toEqual([0, 0]));
    await expect(client.get("broken")).rejects.toMatchObject({ code: "NoSuchKey" });
  });

  it("that a crash left behind are swept at the start, and no others", async () => {
    const { chunkKey, looseKey } = await import("../../../infra/local/oss/keys.js");
    const client = local.client();
    const data = randomBytes(600_000);
    await client.put("kept", data);
    for (const content of ["00".repeat(16), "7f".repeat(16), "ff".repeat(16)]) {
      await local.store.write((tx) => {
        tx.put(looseKey(content), Buffer.alloc(0));
        for (const index of [0, 1, 2]) tx.put(chunkKey(content, index), randomBytes(10));
      });
    }
    expect(await countRows("chunk")).toBe(12);
    local = await local.restart();
    expect(data.equals((await local.client().get("kept")).content as Buffer)).toBe(true);
    expect(await countRows("chunk")).toBe(3);
    expect(await sweepOrphans(local.store)).toBe(0);
  });

  it("are not looked through at the start: only what is marked as loose is", async () => {
    const client = local.client();
    for (let index = 0; index < 50; index += 1) await client.put(`kept/${index}`, Buffer.from("x"));
    await client.put("large", randomBytes(9_000_000));
    expect(await countRows("loose")).toBe(0);
    let scans = 0;
    const range: typeof local.store.range = (bounds) => {
      scans += 1;
      return local.store.range(bounds);
    };
    expect(await sweepOrphans({ ...local.store, range })).toBe(0);
    expect(scans).toBe(1);
  });
});

describe("the wire", () => {
  const raw = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(local.port, "127.0.0.1", () => socket.end(text));
      let answer = "";
      socket.setEncoding("utf8");
      socket.on("data", (piece) => {
        answer += piece;
      });
      socket.on("end", () => resolve(answer));
      socket.on("error", reject);
    });

  it("answers malformed targets and unknown schemes with XML", async () => {
    const uri = await raw("GET /landing/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    expect(uri).toMatch(/^HTTP\/1.1 400 [\s\S]*<Code>InvalidURI<\/Code>/);
    const scheme = await raw(
      "GET /landing/a HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\nConnection: close\r\n\r\n",
    );
    expect(scheme).toMatch(/^HTTP\/1.1 400 [\s\S]*<Code>InvalidArgument<\/Code>/);
    expect(scheme).toMatch(/x-oss-request-id: [0-9A-F]{24}/);
  });

  it("takes no header value that it could not give back, and lives on", async () => {
    const client = local.client();
    await client.putBucketACL("landing", "public-read-write");
    const put = "PUT /landing/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nConnection: close\r\n";
    const control = await raw(`${put}x-oss-meta-a: b\u0001c\r\n\r\nx`);
    expect(control).toMatch(/^HTTP\/1.1 400 [\s\S]*<Code>InvalidArgument<\/Code>/);
    await client.put("a", Buffer.from("x"));
    const url = client.signatureUrl("a", { response: { "content-type": "a\r\nb: c" } } as never);
    expect((await fetch(url)).status).toBe(400);
    expect((await client.get("a")).content.toString()).toBe("x");
  });

  it("wants a length or chunks for a body", async () => {
    await local.client().putBucketACL("landing", "public-read-write");
    const answer = await raw("PUT /landing/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1.1 411 [\s\S]*<Code>MissingContentLength<\/Code>/);
  });

  it("names errors of a bodiless answer in a header", async () => {
    const answer = await raw("HEAD /landing/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const header = /x-oss-err: (\S+)/.exec(answer)?.[1] ?? "";
    expect(Buffer.from(header, "base64").toString()).toContain("<Code>AccessDenied</Code>");
  });
});

it("stamps objects with the cloud's clock and verifies signatures with the machine's", async () => {
  local.clock.nowMs = Date.UTC(2031, 0, 2, 3, 4, 5, 678);
  const client = local.client({ authorizationV4: true });
  await client.put("later", Buffer.from("x"));
  expect((await client.head("later")).res.headers).toMatchObject({ "last-modified": "Thu, 02 Jan 2031 03:04:05 GMT" });
});

describe("limits and rarer requests", () => {
  it("pages through uploads by key and id", async () => {
    const client = local.client() as unknown as {
      initMultipartUpload(name: string): Promise<{ uploadId: string }>;
      listUploads(query: object): Promise<{
        uploads: { name: string; uploadId: string }[];
        isTruncated: boolean;
        nextKeyMarker: string;
        nextUploadIdMarker: string;
      }>;
    };
    const started: string[] = [];
    for (const name of ["a", "b", "b", "b", "b/c"])
      started.push(`${name} ${(await client.initMultipartUpload(name)).uploadId}`);
    const found: string[] = [];
    for (let marker = {}; ; ) {
      const page = await client.listUploads({ "max-uploads": 2, ...marker });
      found.push(...page.uploads.map(({ name, uploadId }) => `${name} ${uploadId}`));
      if (!page.isTruncated) break;
      marker = { "key-marker": page.nextKeyMarker, "upload-id-marker": page.nextUploadIdMarker };
    }
    expect(found.sort()).toEqual(started.sort());
    const behind = await client.listUploads({ "key-marker": "b" });
    expect(behind.uploads.map(({ name }) => name)).toEqual(["b/c"]);
  });

  it("keeps a bucket's storage class, and creates a bucket that is given an access rule", async () => {
    const client = local.client();
    await client.putBucket("cold", { storageClass: "IA" } as never);
    await expect(client.putBucket("cold", { storageClass: "Standard" } as never)).rejects.toMatchObject({
      code: "BucketAlreadyExists",
      status: 409,
    });
    await client.useBucket("cold");
    await client.put("a", Buffer.from("x"));
    expect((await client.head("a")).res.headers).toMatchObject({ "x-oss-storage-class": "IA" });
    await client.putBucketACL("fresh", "public-read");
    expect(((await client.getBucketACL("fresh")) as { acl: string }).acl).toBe("public-read");
    await expect(client.putBucketACL("fresh", "open" as never)).rejects.toMatchObject({ code: "InvalidArgument" });
  });

  it("takes at most 1,000 keys to delete, and only well-formed documents", async () => {
    const client = local.client();
    const names = Array.from({ length: 1001 }, (_, index) => `k${index}`);
    await expect(client.deleteMulti(names)).rejects.toMatchObject({ code: "MalformedXML", status: 400 });
    expect((await client.deleteMulti(names.slice(1))).deleted).toHaveLength(1000);
    await client.putBucketACL("landing", "public-read-write");
    const answer = await fetch(`http://127.0.0.1:${local.port}/landing?delete`, { method: "POST", body: "<Delete>" });
    expect(await answer.text()).toContain("<Code>MalformedXML</Code>");
  });

  it("refuses a body of more than 5 GiB and a bucket's impossible name", async () => {
    await local.client().putBucketACL("landing", "public-read-write");
    const at = (path: string) => `http://127.0.0.1:${local.port}/${path}`;
    const socket = connect(local.port, "127.0.0.1");
    socket.write("PUT /landing/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5368709121\r\n\r\n");
    const [answer] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    expect(answer.toString()).toMatch(/^HTTP\/1.1 400 [\s\S]*<Code>EntityTooLarge<\/Code>/);
    expect(await (await fetch(at("No_Bucket/a"))).text()).toContain("<Code>InvalidBucketName</Code>");
  });

  it("completes an upload with all its parts on request, and out of order never", async () => {
    const client = local.client();
    const data = randomBytes(120_000);
    const upload = async () => {
      const { uploadId } = await client.initMultipartUpload("all");
      for (const number of [3, 1]) await client.uploadPart("all", uploadId, number, data as never, 0, data.length);
      return uploadId;
    };
    await client.putBucketACL("landing", "public-read-write");
    const at = (uploadId: string) => `http://127.0.0.1:${local.port}/landing/all?uploadId=${uploadId}`;
    const part = (number: number) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>"${createHash("md5").update(data).digest("hex")}"</ETag></Part>`;
    const document = `<CompleteMultipartUpload>${part(3)}${part(1)}</CompleteMultipartUpload>`;
    const first = await upload();
    const wrong = await fetch(at(first), { method: "POST", body: document });
    expect(await wrong.text()).toContain("<Code>InvalidPartOrder</Code>");
    const all = await fetch(at(first), { method: "POST", headers: { "x-oss-complete-all": "yes" } });
    expect(all.status).toBe(200);
    expect((await client.get("all")).content).toHaveLength(240_000);
  });
});
