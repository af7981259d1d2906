import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import type OSS from "ali-oss";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { credentials, type LocalOss, startLocalOss } from "./oss-server.js";

/** The ways in which ali-oss can be pointed at a loopback server. */
const variants = [
  ["localhost, path style, V1", { host: "localhost", sldEnable: true, authorizationV4: false }],
  ["localhost, path style, V4", { host: "localhost", sldEnable: true, authorizationV4: true }],
  ["127.0.0.1, path style, V1", { host: "127.0.0.1", sldEnable: true, authorizationV4: false }],
  ["127.0.0.1, path style, V4", { host: "127.0.0.1", sldEnable: true, authorizationV4: true }],
  ["127.0.0.1, bucket host, V1", { host: "127.0.0.1", sldEnable: false, authorizationV4: false }],
  ["127.0.0.1, bucket host, V4", { host: "127.0.0.1", sldEnable: false, authorizationV4: true }],
  [
    "127.0.0.1, cname, V4 with a token",
    {
      host: "127.0.0.1",
      cname: true,
      authorizationV4: true,
      stsToken: credentials.securityToken,
      refreshSTSTokenInterval: 1e9,
    },
  ],
  [
    "localhost, V1 with a token",
    {
      host: "localhost",
      sldEnable: true,
      authorizationV4: false,
      stsToken: credentials.securityToken,
      refreshSTSTokenInterval: 1e9,
    },
  ],
] as const;

/** The SDK's types leave out what newer versions have; the calls are the documented ones. */
type Wide = Omit<OSS, "abortMultipartUpload" | "deleteBucket" | "listV2"> & {
  getObjectMeta(name: string): Promise<{ res: { headers: Record<string, string> } }>;
  putObjectTagging(name: string, tags: object): Promise<unknown>;
  abortMultipartUpload(name: string, uploadId: string): Promise<{ res: { status: number } }>;
  deleteBucket(name: string): Promise<{ res: { status: number } }>;
  listV2(
    query: object,
    options?: object,
  ): Promise<{
    objects: { name: string; owner: unknown; type: string }[];
    prefixes: string[] | null;
    isTruncated: boolean;
    keyCount: number;
    nextContinuationToken: string | null;
  }>;
  getBucketStat(name: string): Promise<{ stat: Record<string, string> }>;
  putBucketACL(name: string, acl: string): Promise<unknown>;
  signatureUrlV4(
    method: string,
    expires: number,
    request?: object,
    name?: string,
    additional?: string[],
  ): Promise<string>;
  listUploads(query: object): Promise<{
    uploads: { name: string; uploadId: string }[];
    isTruncated: boolean;
    nextKeyMarker: string;
    nextUploadIdMarker: string;
  }>;
  listParts(
    name: string,
    id: string,
    query?: object,
  ): Promise<{ parts: unknown; isTruncated: string; nextPartNumberMarker: string }>;
  uploadPartCopy(
    name: string,
    id: string,
    part: number,
    range: string,
    source: object,
    options?: object,
  ): Promise<{ etag: string }>;
};

let local: LocalOss;
beforeAll(async () => {
  local = await startLocalOss();
});
afterAll(() => local.close());

describe.each(variants)("ali-oss with %s", (label, { host, ...options }) => {
  const bucket = `bucket-${createHash("md5").update(label).digest("hex").slice(0, 8)}`;
  const open = (extra: Record<string, unknown> = {}) =>
    local.client({ endpoint: `http://${host}:${local.port}`, bucket, ...options, ...extra }) as unknown as Wide;
  let client: Wide;
  beforeAll(async () => {
    client = open();
    await client.putBucket(bucket);
  });
  const refused = (work: Promise<unknown>) =>
    work.then(
      () => expect.fail("the call was accepted"),
      (error: { code: string; status: number }) => ({ code: error.code, status: error.status }),
    );

  it("creates a bucket again, tells what it is and lists it", async () => {
    await client.putBucket(bucket);
    const info = (await client.getBucketInfo(bucket)) as { bucket: Record<string, unknown> };
    expect(info.bucket).toMatchObject({ Name: bucket, Location: "oss-cn-hangzhou", StorageClass: "Standard" });
    const { location } = (await client.getBucketLocation(bucket)) as { location: string };
    expect(location).toBe("oss-cn-hangzhou");
    const { buckets } = (await client.listBuckets({ prefix: bucket })) as unknown as { buckets: { name: string }[] };
    expect(buckets.map(({ name }) => name)).toEqual([bucket]);
  });

  it("dates buckets in whole seconds, the only form that some clients can read", async () => {
    const info = (await client.getBucketInfo(bucket)) as { bucket: { CreationDate: string } };
    const { buckets } = (await client.listBuckets({ prefix: bucket })) as unknown as {
      buckets: { creationDate: string }[];
    };
    expect(info.bucket.CreationDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
    expect(buckets[0]?.creationDate).toBe(info.bucket.CreationDate);
  });

  it("tells again which encryption was asked for, and refuses one that does not exist", async () => {
    const name = "x-oss-server-side-encryption";
    const headers = { [name]: "AES256" };
    const encryptionOf = (answer: { res: unknown }) =>
      (answer.res as { headers: Record<string, string> }).headers[name];
    expect(encryptionOf(await client.put("sealed", Buffer.from("x"), { headers }))).toBe("AES256");
    expect(encryptionOf(await client.head("sealed"))).toBe("AES256");
    expect(encryptionOf(await client.append("sealed-log", Buffer.from("x"), { headers } as never))).toBe("AES256");
    const upload = await client.initMultipartUpload("sealed-parts", { headers } as never);
    expect(encryptionOf(upload)).toBe("AES256");
    const { etag } = await client.uploadPart("sealed-parts", upload.uploadId, 1, Buffer.from("x"), 0, 1);
    const done = await client.completeMultipartUpload("sealed-parts", upload.uploadId, [{ number: 1, etag }]);
    expect(encryptionOf(done)).toBe("AES256");
    expect(encryptionOf(await client.put("open", Buffer.from("x")))).toBeUndefined();
    const wrong = client.put("sealed", Buffer.from("y"), { headers: { [name]: "ROT13" } });
    expect(await refused(wrong)).toEqual({ code: "InvalidEncryptionAlgorithmError", status: 400 });
  });

  it("stores a buffer and gives it back with its headers and metadata", async () => {
    const data = randomBytes(700_001);
    const put = await client.put("a/b c+d&é中.bin", data, {
      meta: { owner: "me" } as never,
      headers: { "Cache-Control": "no-store" },
    });
    expect((put.res as { status: number }).status).toBe(200);
    const got = await client.get("a/b c+d&é中.bin");
    expect(Buffer.compare(got.content as Buffer, data)).toBe(0);
    const head = await client.head("a/b c+d&é中.bin");
    expect(head.meta).toEqual({ owner: "me" });
    expect(head.res.headers).toMatchObject({
      "content-length": "700001",
      etag: `"${createHash("md5").update(data).digest("hex").toUpperCase()}"`,
      "cache-control": "no-store",
      "x-oss-object-type": "Normal",
    });
    expect(head.res.headers).toHaveProperty("x-oss-request-id");
    const meta = await client.getObjectMeta("a/b c+d&é中.bin");
    expect(meta.res.headers["content-length"]).toBe("700001");
    expect(meta.res.headers["x-oss-meta-owner"]).toBeUndefined();
  });

  it("stores a stream without and with a length", async () => {
    const data = randomBytes(3_000_000);
    await client.putStream("stream/chunked", Readable.from([data.subarray(0, 1_234_567), data.subarray(1_234_567)]));
    await client.putStream("stream/length", Readable.from([data]), { contentLength: data.length } as never);
    await client.putStream("stream/both", Readable.from([data]), {
      headers: { "Content-Length": data.length },
    } as never);
    await client.putStream("stream/empty", Readable.from([]));
    for (const name of ["stream/chunked", "stream/length", "stream/both"]) {
      const { stream } = await client.getStream(name);
      const pieces: Buffer[] = [];
      for await (const piece of stream as Readable) pieces.push(piece as Buffer);
      expect(Buffer.concat(pieces).equals(data)).toBe(true);
    }
    expect((await client.get("stream/empty")).content).toHaveLength(0);
  });

  it("gives ranges, also across chunks and segments", async () => {
    const data = randomBytes(600_000);
    await client.put("ranges", data);
    const get = async (Range: string, extra = {}) => client.get("ranges", { headers: { Range, ...extra } });
    const middle = await get("bytes=262140-524290");
    expect(middle.res.status).toBe(206);
    expect(middle.res.headers).toMatchObject({ "content-range": "bytes 262140-524290/600000" });
    expect(data.subarray(262_140, 524_291).equals(middle.content as Buffer)).toBe(true);
    expect((await get("bytes=-10")).content).toEqual(data.subarray(-10));
    expect((await get("bytes=599990-")).content).toEqual(data.subarray(599_990));
    expect((await get("bytes=599990-700000")).res.status).toBe(200);
    expect((await get("bytes=700000-")).res.status).toBe(200);
    const standard = { "x-oss-range-behavior": "standard" };
    expect((await get("bytes=599990-700000", standard)).content).toEqual(data.subarray(599_990));
    expect(await refused(get("bytes=700000-", standard))).toEqual({ code: "InvalidRange", status: 416 });
  });

  it("honours conditions on get, head and copy", async () => {
    await client.put("conditional", Buffer.from("x"));
    const eTag = '"9DD4E461268C8034F5C8564E155C67A6"';
    const later = new Date(Date.now() + 60_000).toUTCString();
    const earlier = new Date(Date.now() - 60_000).toUTCString();
    const status = async (headers: Record<string, string>) => (await client.get("conditional", { headers })).res.status;
    expect(await status({ "If-Match": eTag })).toBe(200);
    expect(await status({ "If-None-Match": eTag })).toBe(304);
    expect(await status({ "If-Modified-Since": later })).toBe(304);
    expect(await status({ "If-Modified-Since": earlier })).toBe(200);
    expect(await status({ "If-Unmodified-Since": later })).toBe(200);
    expect(await refused(status({ "If-Match": '"00"' }))).toEqual({ code: "PreconditionFailed", status: 412 });
    expect(await refused(status({ "If-Unmodified-Since": earlier }))).toEqual({
      code: "PreconditionFailed",
      status: 412,
    });
    expect((await client.head("conditional", { headers: { "If-None-Match": eTag } })).status).toBe(304);
    const copy = client.copy("copy-of-conditional", "conditional", { headers: { "If-Match": '"00"' } } as never);
    expect(await refused(copy)).toEqual({ code: "PreconditionFailed", status: 412 });
  });

  it("names what is missing", async () => {
    expect(await refused(client.get("nothing"))).toEqual({ code: "NoSuchKey", status: 404 });
    expect(await refused(client.head("nothing"))).toEqual({ code: "NoSuchKey", status: 404 });
    expect(await refused(client.getObjectMeta("nothing"))).toEqual({ code: "NoSuchKey", status: 404 });
    expect(await refused(client.copy("x", "nothing"))).toEqual({ code: "NoSuchKey", status: 404 });
    const elsewhere = open({ bucket: "no-such-bucket" });
    expect(await refused(elsewhere.get("x"))).toEqual({ code: "NoSuchBucket", status: 404 });
    expect(await refused(elsewhere.put("x", Buffer.from("x")))).toEqual({ code: "NoSuchBucket", status: 404 });
    expect(await refused(elsewhere.delete("x"))).toEqual({ code: "NoSuchBucket", status: 404 });
    expect(await refused(elsewhere.listV2({}))).toEqual({ code: "NoSuchBucket", status: 404 });
    expect(await refused(elsewhere.initMultipartUpload("x"))).toEqual({ code: "NoSuchBucket", status: 404 });
    expect(await refused(client.getBucketInfo("no-such-bucket"))).toEqual({ code: "NoSuchBucket", status: 404 });
    expect(await refused(client.deleteBucket("no-such-bucket"))).toEqual({ code: "NoSuchBucket", status: 404 });
  });

  it("deletes one object, a missing object and many objects", async () => {
    await client.put("gone", Buffer.from("x"));
    expect((await client.delete("gone")).res.status).toBe(204);
    expect((await client.delete("gone")).res.status).toBe(204);
    expect(await refused(client.get("gone"))).toEqual({ code: "NoSuchKey", status: 404 });
    const names = ["many/<1>&'\"", "many/2 ", "many/中"];
    for (const name of names) await client.put(name, Buffer.from("x"));
    const { deleted } = (await client.deleteMulti([...names, "many/never"])) as unknown as {
      deleted: { Key: string }[];
    };
    expect(deleted.map(({ Key }) => Key)).toEqual([...names, "many/never"]);
    expect((await client.listV2({ prefix: "many/" })).keyCount).toBe(0);
    await client.put("many/1", Buffer.from("x"));
    expect((await client.deleteMulti(["many/1"], { quiet: true })).deleted).toEqual([]);
  });

  it("refuses to overwrite on request, and lets one of many writers win", async () => {
    const once = () => client.put("lock", randomBytes(2000), { headers: { "x-oss-forbid-overwrite": "true" } });
    const results = await Promise.allSettled(Array.from({ length: 8 }, once));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await refused(once())).toEqual({ code: "FileAlreadyExists", status: 409 });
    const copy = client.copy("lock", "ranges", { headers: { "x-oss-forbid-overwrite": "true" } } as never);
    expect(await refused(copy)).toEqual({ code: "FileAlreadyExists", status: 409 });
  });

  it("copies with and without new metadata", async () => {
    await client.put("from/中 +.txt", Buffer.from("payload"), { meta: { a: "1" } as never });
    await client.copy("to/plain", "from/中 +.txt");
    expect((await client.get("to/plain")).content.toString()).toBe("payload");
    expect((await client.head("to/plain")).meta).toEqual({ a: "1" });
    await client.copy("to/named", `/${bucket}/from/中 +.txt`, { meta: { b: "2" } } as never);
    expect((await client.head("to/named")).meta).toEqual({ b: "2" });
    await client.putMeta("to/named", { c: "3" } as never, {});
    expect((await client.head("to/named")).meta).toEqual({ c: "3" });
    await client.delete("from/中 +.txt");
    expect((await client.get("to/named")).content.toString()).toBe("payload");
  });

  it("lists in pages with prefixes, versions 1 and 2", async () => {
    const names = ["list/a", "list/b/1", "list/b/2", "list/c/1", "list/d", "list/é"];
    for (const name of names) await client.put(name, Buffer.from(name));
    const all = await client.list({ prefix: "list/", "max-keys": 1000 }, {});
    expect(all.objects.map(({ name }) => name)).toEqual(names);
    const first = await client.list({ prefix: "list/", delimiter: "/", "max-keys": 3 }, {});
    expect(first.objects.map(({ name }) => name)).toEqual(["list/a"]);
    expect(first.prefixes).toEqual(["list/b/", "list/c/"]);
    expect(first).toMatchObject({ isTruncated: true, nextMarker: "list/c/" });
    const second = await client.list({ prefix: "list/", delimiter: "/", "max-keys": 3, marker: first.nextMarker }, {});
    expect(second.objects.map(({ name }) => name)).toEqual(["list/d", "list/é"]);
    expect(second).toMatchObject({ isTruncated: false, prefixes: null });

    const found: string[] = [];
    for (let token: string | null = null, pages = 0; token !== null || pages === 0; pages += 1) {
      const page: Awaited<ReturnType<Wide["listV2"]>> = await client.listV2({
        prefix: "list/",
        "max-keys": 2,
        ...(token ? { "continuation-token": token } : {}),
      });
      expect(page.keyCount).toBe(page.objects.length);
      found.push(...page.objects.map(({ name }) => name));
      token = page.nextContinuationToken;
    }
    expect(found).toEqual(names);
    const after = await client.listV2({ prefix: "list/", "start-after": "list/b/2", "fetch-owner": "true" });
    expect(after.objects.map(({ name }) => name)).toEqual(["list/c/1", "list/d", "list/é"]);
    expect(after.objects[0]?.owner).toEqual({ id: credentials.accountId, displayName: credentials.accountId });
    const encoded = await client.listV2({ prefix: "list/é", "encoding-type": "url" });
    expect(encoded.objects[0]?.name).toBe("list%2F%C3%A9");
    expect((await client.listV2({ prefix: "none/", delimiter: "" })).objects).toEqual([]);
    expect(await refused(client.listV2({ "max-keys": 1001 }))).toEqual({ code: "InvalidArgument", status: 400 });
    expect(await refused(client.listV2({ "continuation-token": "?" }))).toEqual({
      code: "InvalidArgument",
      status: 400,
    });
  });

  it("uploads in parts, lists them and completes", async () => {
    const data = [randomBytes(150_000), randomBytes(300_000), randomBytes(10)];
    const { uploadId } = await client.initMultipartUpload("parts", { mime: "text/csv", meta: { m: "1" } } as never);
    const parts = [];
    for (const [index, part] of data.entries()) {
      const { etag } = (await client.uploadPart(
        "parts",
        uploadId,
        index + 1,
        part as never,
        0,
        part.length,
      )) as unknown as { etag: string };
      parts.push({ number: index + 1, etag });
    }
    await client.uploadPart("parts", uploadId, 9, randomBytes(5) as never, 0, 5);
    const listed = await client.listParts("parts", uploadId, { "max-parts": 2 });
    expect(listed).toMatchObject({ isTruncated: "true", nextPartNumberMarker: "2" });
    expect(await client.listParts("parts", uploadId, { "part-number-marker": 3 })).toMatchObject({
      parts: { PartNumber: "9", Size: "5" },
      isTruncated: "false",
    });
    expect((await client.listUploads({ prefix: "parts" })).uploads).toMatchObject([{ name: "parts", uploadId }]);
    expect(await refused(client.get("parts"))).toEqual({ code: "NoSuchKey", status: 404 });
    const done = (await client.completeMultipartUpload("parts", uploadId, parts)) as unknown as { etag: string };
    expect(done.etag).toMatch(/^"[0-9A-F]{32}-3"$/);
    const got = await client.get("parts");
    expect(Buffer.concat(data).equals(got.content as Buffer)).toBe(true);
    expect(got.res.headers).toMatchObject({
      "x-oss-object-type": "Multipart",
      "content-type": "text/csv",
      "x-oss-meta-m": "1",
    });
    expect((await client.listUploads({})).uploads).toEqual([]);
    expect(await refused(client.completeMultipartUpload("parts", uploadId, parts))).toEqual({
      code: "NoSuchUpload",
      status: 404,
    });
  });

  it("refuses parts that do not fit", async () => {
    const { uploadId } = await client.initMultipartUpload("bad-parts");
    const put = async (number: number, size: number) =>
      (await client.uploadPart("bad-parts", uploadId, number, randomBytes(size) as never, 0, size)) as unknown as {
        etag: string;
      };
    const small = await put(1, 100);
    const last = await put(2, 100);
    const complete = (parts: { number: number; etag: string }[]) =>
      client.completeMultipartUpload("bad-parts", uploadId, parts);
    expect(await refused(put(0, 1))).toEqual({ code: "InvalidArgument", status: 400 });
    expect(await refused(put(10_001, 1))).toEqual({ code: "InvalidArgument", status: 400 });
    expect(await refused(complete([{ number: 1, etag: last.etag.replace(/\w/, "0") }]))).toEqual({
      code: "InvalidPart",
      status: 400,
    });
    expect(await refused(complete([{ number: 5, etag: last.etag }]))).toEqual({ code: "InvalidPart", status: 400 });
    expect(await refused(complete([]))).toEqual({ code: "MalformedXML", status: 400 });
    const both = [
      { number: 1, etag: small.etag },
      { number: 2, etag: last.etag },
    ];
    expect(await refused(complete(both))).toEqual({ code: "EntityTooSmall", status: 400 });
    expect((await client.abortMultipartUpload("bad-parts", uploadId)).res.status).toBe(204);
    expect(await refused(client.abortMultipartUpload("bad-parts", uploadId))).toEqual({
      code: "NoSuchUpload",
      status: 404,
    });
    expect(await refused(put(1, 10))).toEqual({ code: "NoSuchUpload", status: 404 });
  });

  it("copies a range of an object as a part", async () => {
    const data = randomBytes(500_000);
    await client.put("part-source", data);
    const { uploadId } = await client.initMultipartUpload("part-copy");
    const source = { sourceKey: "part-source", sourceBucketName: bucket };
    const one = await client.uploadPartCopy("part-copy", uploadId, 1, "100000-399999", source);
    const two = await client.uploadPartCopy("part-copy", uploadId, 2, "0-9", source);
    await client.delete("part-source");
    await client.completeMultipartUpload("part-copy", uploadId, [
      { number: 1, etag: one.etag },
      { number: 2, etag: two.etag },
    ]);
    const wanted = Buffer.concat([data.subarray(100_000, 400_000), data.subarray(0, 10)]);
    expect(wanted.equals((await client.get("part-copy")).content as Buffer)).toBe(true);
  });

  it("runs the SDK's own parallel upload", async () => {
    const data = randomBytes(1_200_000);
    await client.multipartUpload("parallel", data as never, { partSize: 200_000, parallel: 3 });
    expect(data.equals((await client.get("parallel")).content as Buffer)).toBe(true);
  });

  it("appends at the end only", async () => {
    const first = await client.append("log", Buffer.from("one\n"));
    expect(first.nextAppendPosition).toBe("4");
    const second = await client.append("log", Buffer.from("two\n"), { position: "4" });
    expect(second.nextAppendPosition).toBe("8");
    expect((await client.get("log")).content.toString()).toBe("one\ntwo\n");
    expect((await client.head("log")).res.headers).toMatchObject({
      "x-oss-object-type": "Appendable",
      "x-oss-next-append-position": "8",
    });
    expect(await refused(client.append("log", Buffer.from("x"), { position: "4" }))).toEqual({
      code: "PositionNotEqualToLength",
      status: 409,
    });
    await client.put("not-a-log", Buffer.from("x"));
    expect(await refused(client.append("not-a-log", Buffer.from("x"), { position: "1" }))).toEqual({
      code: "ObjectNotAppendable",
      status: 409,
    });
  });

  it("refuses a wrong digest, key id, secret, token and clock", async () => {
    const digest = createHash("md5").update("other").digest("base64");
    const wrong = client.put("digest", Buffer.from("x"), { headers: { "Content-MD5": digest } });
    expect(await refused(wrong)).toEqual({ code: "InvalidDigest", status: 400 });
    expect(await refused(client.get("digest"))).toEqual({ code: "NoSuchKey", status: 404 });
    expect(await refused(open({ accessKeyId: "other" }).get("x"))).toEqual({ code: "InvalidAccessKeyId", status: 403 });
    expect(await refused(open({ accessKeySecret: "other" }).get("x"))).toEqual({
      code: "SignatureDoesNotMatch",
      status: 403,
    });
    expect(await refused(open({ accessKeySecret: "other" }).head("x"))).toMatchObject({ status: 403 });
    const token = open({ stsToken: "other", refreshSTSTokenInterval: 1e9 });
    expect(await refused(token.get("x"))).toEqual({ code: "InvalidSecurityToken", status: 403 });
    expect(await refused(open({ amendTimeSkewed: -16 * 60_000 }).get("x"))).toEqual({
      code: "RequestTimeTooSkewed",
      status: 403,
    });
  });

  it("refuses what it does not implement instead of doing something else", async () => {
    await client.put("tagged", Buffer.from("x"));
    expect(await refused(client.putObjectTagging("tagged", { a: "1" }))).toEqual({
      code: "NotImplemented",
      status: 501,
    });
    const open = client.put("tagged", Buffer.from("y"), { headers: { "x-oss-object-acl": "public-read" } });
    expect(await refused(open)).toEqual({ code: "NotImplemented", status: 501 });
    expect((await client.get("tagged")).content.toString()).toBe("x");
    expect(await refused(client.put("a\\".repeat(600), Buffer.from("x")))).toEqual({
      code: "InvalidObjectName",
      status: 400,
    });
  });

  it("deletes a bucket only when it is empty", async () => {
    const name = `${bucket}-gone`;
    const other = open({ bucket: name });
    await client.putBucket(name);
    await other.put("x", Buffer.from("12345"));
    const { uploadId } = await other.initMultipartUpload("y");
    expect((await other.getBucketStat(name)).stat).toMatchObject({
      Storage: "5",
      ObjectCount: "1",
      MultipartUploadCount: "1",
    });
    expect(await refused(other.deleteBucket(name))).toEqual({ code: "BucketNotEmpty", status: 409 });
    await other.delete("x");
    expect(await refused(other.deleteBucket(name))).toEqual({ code: "BucketNotEmpty", status: 409 });
    await other.abortMultipartUpload("y", uploadId);
    expect((await other.deleteBucket(name)).res.status).toBe(204);
    expect(await refused(other.put("x", Buffer.from("x")))).toEqual({ code: "NoSuchBucket", status: 404 });
  });
});
