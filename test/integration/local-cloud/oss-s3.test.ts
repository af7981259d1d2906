import { randomBytes } from "node:crypto";
import { request as httpRequest } from "node:http";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { credentials, type LocalOss, startLocalOss } from "./oss-server.js";

let server: LocalOss;
let client: S3Client;
const Bucket = "lake";
const MB = 1024 * 1024;

function connect(config: S3ClientConfig = {}): S3Client {
  return new S3Client({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: "cn-hangzhou",
    forcePathStyle: true,
    credentials: { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.accessKeySecret },
    maxAttempts: 1,
    ...config,
  });
}

beforeAll(async () => {
  server = await startLocalOss();
  client = connect();
  await client.send(new CreateBucketCommand({ Bucket }));
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

const put = (Key: string, Body: string | Buffer, more = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
async function text(Key: string, more = {}): Promise<string> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return (await Body?.transformToString()) ?? "";
}

describe("objects, by the unmodified SDK of S3", () => {
  it("are written and read, with the odd names and the metadata that they have, and are the same for OSS", async () => {
    for (const key of ["a/b c+d&e=f", "好/😀!'()*~.csv", "%41"]) {
      const { ETag } = await put(key, `of ${key}`, { Metadata: { kind: "odd" }, ContentType: "text/plain" });
      const head = await client.send(new HeadObjectCommand({ Bucket, Key: key }));
      expect(head).toMatchObject({ ETag, Metadata: { kind: "odd" }, ContentType: "text/plain" });
      expect(head.ETag).toMatch(/^"[0-9a-f]{32}"$/);
      expect(await text(key)).toBe(`of ${key}`);
      const oss = server.client({ bucket: Bucket, sldEnable: true } as never);
      expect(String((await oss.get(key)).content)).toBe(`of ${key}`);
      expect(((await oss.head(key)).meta as Record<string, string>).kind).toBe("odd");
    }
  });

  it("are read in ranges and under conditions", async () => {
    const { ETag } = await put("range", "0123456789");
    expect(await text("range", { Range: "bytes=2-4" })).toBe("234");
    expect(await text("range", { Range: "bytes=-3", IfMatch: ETag })).toBe("789");
    await expect(text("range", { Range: "bytes=10-" })).rejects.toMatchObject({ name: "InvalidRange" });
    await expect(text("range", { IfMatch: '"other"' })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await expect(put("range", "x", { IfNoneMatch: "*" })).rejects.toMatchObject({
      name: "PreconditionFailed",
      $metadata: { httpStatusCode: 412 },
    });
    await put("range-new", "x", { IfNoneMatch: "*" });
  });

  it("that are missing are told so, and buckets too", async () => {
    await expect(text("no")).rejects.toMatchObject({ name: "NoSuchKey" });
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: "no" }))).rejects.toMatchObject({ name: "NotFound" });
    await expect(client.send(new HeadBucketCommand({ Bucket: "nobody" }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 404 },
    });
    expect((await client.send(new HeadBucketCommand({ Bucket }))).$metadata.httpStatusCode).toBe(200);
    await client.send(new DeleteObjectCommand({ Bucket, Key: "no" }));
    const tagging = new PutObjectTaggingCommand({ Bucket, Key: "range", Tagging: { TagSet: [] } });
    await expect(client.send(tagging)).rejects.toMatchObject({ name: "NotImplemented" });
  });

  it("are listed page by page and by folder, copied and removed", async () => {
    for (const name of ["1", "2", "x/3", "x/4", "y/5"]) await put(`list/${name}`, name);
    const list = (more: object) => client.send(new ListObjectsV2Command({ Bucket, Prefix: "list/", ...more }));
    const first = await list({ MaxKeys: 2 });
    expect(first).toMatchObject({ IsTruncated: true, KeyCount: 2 });
    const rest = await list({ ContinuationToken: first.NextContinuationToken });
    expect([...(first.Contents ?? []), ...(rest.Contents ?? [])].map(({ Key, Size }) => [Key, Size])).toEqual(
      ["1", "2", "x/3", "x/4", "y/5"].map((name) => [`list/${name}`, name.length]),
    );
    expect((await list({ Delimiter: "/" })).CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual([
      "list/x/",
      "list/y/",
    ]);
    expect((await list({ StartAfter: "list/x/4" })).Contents?.map(({ Key }) => Key)).toEqual(["list/y/5"]);
    await client.send(new CopyObjectCommand({ Bucket, Key: "list/z", CopySource: `${Bucket}/list/1` }));
    expect(await text("list/z")).toBe("1");
    const Objects = ["1", "2", "no"].map((name) => ({ Key: `list/${name}` }));
    expect((await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))).Deleted).toHaveLength(3);
    await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "list/z" }], Quiet: true } }));
    expect((await list({})).Contents).toHaveLength(3);
  });

  it("come as streams with trailing checksums, of every kind", async () => {
    const body = randomBytes(200_000);
    for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256", undefined] as const) {
      const stream = Readable.from([body.subarray(0, 70_000), body.subarray(70_000)], { objectMode: false });
      await put("stream", stream as never, {
        ContentLength: body.length,
        ...(ChecksumAlgorithm && { ChecksumAlgorithm }),
      });
      const { Body, ContentEncoding } = await client.send(new GetObjectCommand({ Bucket, Key: "stream" }));
      expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
      expect(ContentEncoding).toBeUndefined();
    }
    await expect(put("stream", "x", { ChecksumCRC32: "AAAAAA==" })).rejects.toMatchObject({ name: "BadDigest" });
    await expect(put("stream", "x", { ContentMD5: "AAAAAAAAAAAAAAAAAAAAAA==" })).rejects.toMatchObject({
      name: "BadDigest",
    });
  });
});

describe("uploads in parts", () => {
  it("become objects by lib-storage, without a length known before", async () => {
    const pieces = Array.from({ length: 12 }, () => randomBytes(MB));
    const upload = new Upload({ client, params: { Bucket, Key: "large", Body: Readable.from(pieces) } });
    await upload.done();
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: "large" }));
    expect(head).toMatchObject({ ContentLength: 12 * MB, ETag: expect.stringMatching(/^"[0-9a-f]{32}-3"$/) });
    expect((await text("large", { Range: `bytes=${MB}-${MB + 9}` })).length).toBeGreaterThan(0);
  });

  it("want 5 MiB of each part but the last, are listed, copied into, completed once and aborted", async () => {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
    const of = { Bucket, Key: "parts", UploadId };
    const part = (PartNumber: number, Body: Buffer) => client.send(new UploadPartCommand({ ...of, PartNumber, Body }));
    const small = await part(1, Buffer.alloc(MB));
    const source = new UploadPartCopyCommand({
      ...{ ...of, PartNumber: 2, CopySource: `${Bucket}/large`, CopySourceRange: "bytes=0-9" },
    });
    const copied = await client.send(source);
    const complete = (first: typeof small, how = {}) => {
      const Parts = [
        { PartNumber: 1, ETag: first.ETag },
        { PartNumber: 2, ETag: copied.CopyPartResult?.ETag },
      ];
      return client.send(new CompleteMultipartUploadCommand({ ...of, MultipartUpload: { Parts }, ...how }));
    };
    await expect(complete(small)).rejects.toMatchObject({ name: "EntityTooSmall" });
    const enough = await part(1, Buffer.alloc(5 * MB));
    expect((await client.send(new ListPartsCommand(of))).Parts?.map(({ Size }) => Size)).toEqual([5 * MB, 10]);
    const uploads = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: "par" }));
    expect(uploads.Uploads).toMatchObject([{ Key: "parts", UploadId }]);
    await put("parts", "in the way");
    await expect(complete(enough, { IfNoneMatch: "*" })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await complete(enough);
    await expect(complete(enough)).rejects.toMatchObject({ name: "NoSuchUpload" });
    const other = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
    await client.send(new AbortMultipartUploadCommand({ ...of, UploadId: other.UploadId }));
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).toEqual([]);
  });
});

describe("requests", () => {
  it("with a wrong key or secret are refused, with a token only if it is the right one", async () => {
    const as = (given: Partial<S3ClientConfig["credentials"] & object>) =>
      connect({
        credentials: { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.accessKeySecret, ...given },
      }).send(new ListObjectsV2Command({ Bucket }));
    await expect(as({ accessKeyId: "no" })).rejects.toMatchObject({ name: "InvalidAccessKeyId" });
    await expect(as({ secretAccessKey: "no" })).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
    await expect(as({ sessionToken: "no" })).rejects.toMatchObject({ name: "InvalidToken" });
    expect((await as({ sessionToken: credentials.securityToken })).$metadata.httpStatusCode).toBe(200);
  });

  it("find the bucket in the host's name too", async () => {
    await put("hosted", "by name");
    // The system need not know the name: the connection goes to this machine, whatever the host.
    const lookup = (_host: string, _options: object, done: (error: null, found: object[]) => void) =>
      done(null, [{ address: "127.0.0.1", family: 4 }]);
    const { NodeHttpHandler } = await import("@smithy/node-http-handler");
    const { Agent } = await import("node:http");
    const requestHandler = new NodeHttpHandler({ httpAgent: new Agent({ lookup: lookup as never }) });
    const hosted = connect({ endpoint: `http://s3.example:${server.port}`, forcePathStyle: false, requestHandler });
    const { Body } = await hosted.send(new GetObjectCommand({ Bucket, Key: "hosted" }));
    expect(await Body?.transformToString()).toBe("by name");
    hosted.destroy();
  });

  it("for buckets list, place, make and remove them", async () => {
    await client.send(new CreateBucketCommand({ Bucket: "second" }));
    expect((await client.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toEqual([
      Bucket,
      "second",
    ]);
    const location = await client.send(new GetBucketLocationCommand({ Bucket: "second" }));
    expect(String(location.LocationConstraint)).toContain("cn-hangzhou");
    await expect(client.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({ name: "BucketNotEmpty" });
    await client.send(new DeleteBucketCommand({ Bucket: "second" }));
  });

  it("meet the faults that are asked for, under the names that S3 gives them", async () => {
    server.faults.set("GetObject", [{ kind: "status", status: 429 }]);
    await expect(text("hosted")).rejects.toMatchObject({ name: "SlowDown", $metadata: { httpStatusCode: 503 } });
    const status = await new Promise((resolve) => {
      httpRequest({ port: server.port, path: `/${Bucket}/hosted` }, (answer) => resolve(answer.statusCode)).end();
    });
    expect(status).toBe(403);
  });
});
