import type { Carried, ObjectDialect } from "../dialect.js";
import { checkBucketName, checkObjectName } from "../names.js";
import type { Oss, OssCall } from "../operation.js";
import { chooseOperation } from "../routes.js";
import { findBucket } from "../rows.js";
import { readingsOf, type WireReading, type WireRequest } from "../wire-request.js";
import { refusalOfS3 } from "./errors.js";
import { headersOfS3 } from "./headers.js";
import { payloadOf } from "./payload.js";
import { replyOfS3 } from "./replies.js";
import { s3Routes } from "./routes.js";
import { verifyS3 } from "./signature.js";

/** S3: a part other than the last has at least so many bytes. Source: Amazon S3 user guide, "Multipart upload limits". */
const MIN_PART_BYTES = 5 * 1024 * 1024;

/** The most entries of a page; more are not refused but cut. */
const MAX_ENTRIES = 1000;

/**
 * The language of S3, on the same objects: signature version 4 in header or URL, bodies as a whole or in chunks with trailers, path
 * style and bucket hosts. Source: Amazon S3 API reference.
 */
export const s3Dialect: ObjectDialect = {
  target(oss, wire, carried) {
    const verified = verifyS3(wire, oss.context.credentials, Date.now());
    const reading = readingOf(oss, wire);
    const query = new Map(wire.query.map(({ name, value }) => [name, value]));
    const { name, run } = chooseOperation(s3Routes, reading, { method: wire.method, query, headers: wire.headers });
    if (reading.bucket !== null) checkBucketName(reading.bucket);
    if (reading.key !== null) checkObjectName(reading.key);
    // That of a whole object is said beside the list of its parts.
    const checksCover = name !== "CompleteMultipartUpload";
    const body = payloadOf(wire, carried.body, { verified, checksCover });
    return { run, call: callOf(wire, reading, { ...carried, body, name, query }) };
  },
  reply: replyOfS3,
  refusal: (error, { requestId, isBodiless }) => refusalOfS3(error, requestId, { isBodiless }),
  headers: (requestId) => ({ server: "AmazonS3", "x-amz-request-id": requestId }),
};

/** The signature covers path and host as they are, so it does not tell what they mean: a host names a bucket that is there. */
function readingOf(oss: Oss, { headers, path }: WireRequest): WireReading {
  const readings = readingsOf(headers.host, path);
  const [byHost] = readings;
  const isBucket = byHost.bucket !== null && findBucket(oss.context.store, byHost.bucket) !== undefined;
  return readings.length === 1 || isBucket ? byHost : (readings[1] ?? byHost);
}

type Asked = Carried & { readonly name: string; readonly query: ReadonlyMap<string, string> };

function callOf(wire: WireRequest, { bucket, key }: WireReading, { query, ...rest }: Asked): OssCall {
  return {
    ...rest,
    bucket: bucket ?? "",
    key: key ?? "",
    query: limited(query),
    headers: { ...headersOfS3(wire.headers), ...forbidding(wire, rest.name) },
    minPartBytes: MIN_PART_BYTES,
  };
}

/** `If-None-Match: *` of a write: no object of that name may be there. */
function forbidding({ headers }: WireRequest, name: string): Record<string, string> {
  const writes = name === "PutObject" || name === "CompleteMultipartUpload";
  return writes && headers["if-none-match"] === "*" ? { "x-oss-forbid-overwrite": "true" } : {};
}

function limited(query: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const asked = query.get("max-keys") ?? "";
  if (/^\d+$/.test(asked) && Number(asked) <= MAX_ENTRIES) return query;
  return new Map([...query, ["max-keys", String(MAX_ENTRIES)]]);
}
