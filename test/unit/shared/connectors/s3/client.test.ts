import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  NoSuchUpload,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { openS3Bucket } from "../../../../../shared/connectors/s3/client.js";
import { s3Source } from "../../../../../shared/connectors/s3/source.js";

const calls = mockClient(S3Client);
beforeEach(() => void calls.reset());

const source = s3Source.schema.parse({
  bucket: "lake",
  regionId: "eu-west-1",
  accessId: "id",
  accessKey: "secret-753",
});
const open = (attempts = 1, signal = new AbortController().signal) => openS3Bucket(source, signal, { attempts });
const upload = { key: "a", uploadId: "u" };

function refusal(name: string, httpStatusCode: number, message = "no"): S3ServiceException {
  return new S3ServiceException({ name, message, $fault: "client", $metadata: { httpStatusCode } });
}

async function all<T>(of: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of of) found.push(one);
  return found;
}

describe("a bucket of S3", () => {
  it("is listed page by page, from a key on", async () => {
    calls
      .on(ListObjectsV2Command, { Bucket: "lake", Prefix: "in/", StartAfter: "in/0" })
      .resolves({ Contents: [{ Key: "in/1", Size: 1, ETag: '"e"' }], IsTruncated: true, NextContinuationToken: "t" })
      .on(ListObjectsV2Command, { Bucket: "lake", Prefix: "in/", ContinuationToken: "t" })
      .resolves({ Contents: [{ Key: "in/2", Size: 2, ETag: '"f"' }], IsTruncated: false });
    expect(await all(open().list("in/", 10, "in/0"))).toEqual([
      { key: "in/1", size: 1, etag: '"e"' },
      { key: "in/2", size: 2, etag: '"f"' },
    ]);
  });

  it("tells the run that made an object, and nothing of one that is not there", async () => {
    calls
      .on(HeadObjectCommand, { Key: "a" })
      .resolves({ ContentLength: 3, ETag: '"e"', Metadata: { "sluice-run": "r1" } })
      .on(HeadObjectCommand, { Key: "b" })
      .rejects(refusal("NotFound", 404));
    expect(await open().head("a")).toEqual({ key: "a", size: 3, etag: '"e"', run: "r1" });
    expect(await open().head("b")).toBeNull();
    calls.on(CreateMultipartUploadCommand).resolves({ UploadId: "u" });
    expect(await open().startUpload("a", "r1")).toBe("u");
    expect(calls.commandCalls(CreateMultipartUploadCommand)[0]?.args[0].input.Metadata).toEqual({ "sluice-run": "r1" });
  });

  it.each([
    ["done", null],
    ["gone", new NoSuchUpload({ message: "no", $metadata: { httpStatusCode: 404 } })],
    ["taken", refusal("PreconditionFailed", 412)],
    ["taken", refusal("ConditionalRequestConflict", 409)],
  ])("completes an upload as %s", async (outcome, error) => {
    if (error) calls.on(CompleteMultipartUploadCommand).rejects(error);
    else calls.on(CompleteMultipartUploadCommand).resolves({});
    expect(await open().completeUpload(upload, [{ number: 2, etag: "e" }], { keepsOther: true })).toBe(outcome);
    expect(calls.call(0).args[0].input).toMatchObject({
      ...{ Bucket: "lake", Key: "a", UploadId: "u", IfNoneMatch: "*" },
      MultipartUpload: { Parts: [{ PartNumber: 2, ETag: "e" }] },
    });
  });

  it("replaces what has the name unless it is told not to, and takes an upload that is gone as aborted", async () => {
    calls
      .on(CompleteMultipartUploadCommand)
      .resolves({})
      .on(AbortMultipartUploadCommand)
      .rejects(refusal("NoSuchUpload", 404));
    await open().completeUpload(upload, []);
    expect(calls.call(0).args[0].input).not.toHaveProperty("IfNoneMatch");
    await open().abortUpload(upload);
  });

  it("removes objects one by one: what else a request for many must hold differs between stores", async () => {
    calls.on(DeleteObjectCommand).resolves({});
    const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
    await open().remove(keys);
    expect(calls.commandCalls(DeleteObjectCommand).map(({ args }) => args[0].input.Key)).toEqual(keys);
    expect(calls.calls()).toHaveLength(keys.length);
  });

  it("says nothing of the Node that its SDK would rather have", async () => {
    const warned = vi.spyOn(process, "emitWarning");
    calls.on(HeadObjectCommand).resolves({});
    await open().head("a");
    expect(warned).not.toHaveBeenCalled();
    expect(process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED).toBe("true");
  });

  it("lists unfinished uploads over pages", async () => {
    calls
      .on(ListMultipartUploadsCommand)
      .resolvesOnce({
        Uploads: [{ Key: "a", UploadId: "1" }],
        IsTruncated: true,
        NextKeyMarker: "a",
        NextUploadIdMarker: "1",
      })
      .resolvesOnce({ Uploads: [{ Key: "a", UploadId: "2" }] });
    expect(await open().uploads("a")).toEqual([
      { key: "a", uploadId: "1" },
      { key: "a", uploadId: "2" },
    ]);
    expect(calls.call(1).args[0].input).toMatchObject({ KeyMarker: "a", UploadIdMarker: "1" });
  });
});

describe("a call that fails", () => {
  it("is repeated while S3 is busy, and not otherwise", async () => {
    calls
      .on(PutObjectCommand)
      .rejectsOnce(refusal("SlowDown", 503))
      .rejectsOnce(refusal("InternalError", 500))
      .resolves({});
    await open(5).put("a", Buffer.from("x"));
    expect(calls.calls()).toHaveLength(3);
    calls.on(PutObjectCommand).rejects(refusal("AccessDenied", 403));
    await expect(open(5).put("a", Buffer.from("x"))).rejects.toMatchObject({ code: "ACCESS_DENIED" });
    expect(calls.calls()).toHaveLength(4);
  });

  it.each([
    [refusal("InvalidAccessKeyId", 403), "ACCESS_DENIED", "fix"],
    [refusal("ExpiredToken", 400), "ACCESS_DENIED", "fix"],
    [refusal("NoSuchBucket", 404), "SOURCE_OBJECT_MISSING", "fix"],
    [refusal("PermanentRedirect", 301), "SOURCE_REFUSED", "fix"],
    [refusal("AuthorizationHeaderMalformed", 400, "expecting 'eu-west-2'"), "SOURCE_REFUSED", "fix"],
    [refusal("ServiceUnavailable", 503), "SOURCE_BUSY", "retry"],
    [Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }), "SOURCE_UNREACHABLE", "retry"],
    [Object.assign(new Error("no answer"), { name: "TimeoutError" }), "SOURCE_UNREACHABLE", "retry"],
  ])("%s is told as %s", async (error, code, recovery) => {
    calls.on(HeadObjectCommand).rejects(error);
    await expect(
      open()
        .head("a")
        .then(() => calls.on(HeadObjectCommand).rejects(error)),
    ).rejects.toMatchObject({
      code,
      recovery,
      message: expect.stringContaining("bucket lake"),
    });
  });

  it("keeps no request, whose headers hold the token", async () => {
    const error = Object.assign(refusal("AccessDenied", 403), {
      $response: { headers: { "x-amz-security-token": "t-9" } },
    });
    calls.on(HeadObjectCommand).rejects(error);
    const found = await open()
      .head("a")
      .catch((thrown: Error) => thrown);
    const cause = (found as Error).cause as object;
    expect(Object.keys(cause)).not.toContain("$response");
  });

  it("ends at once when the work is stopped", async () => {
    const stop = new AbortController();
    calls.on(HeadObjectCommand).callsFake(() => new Promise(() => undefined));
    const asked = open(5, stop.signal).head("a");
    stop.abort();
    await expect(asked).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
