import { createHash } from "node:crypto";
import { checkConditions } from "./conditions.js";
import { slice } from "./contents.js";
import { createCrc64 } from "./crc64.js";
import { invalidArgument, OssError } from "./errors.js";
import { checkBucketName, checkObjectName } from "./names.js";
import { eTagOf, keptHeaders, storageClassOf } from "./object-headers.js";
import { MAX_PUT_BYTES } from "./objects.js";
import { type Oss, type OssCall, type OssOperation, objectTime } from "./operation.js";
import { partNumberOf, storePart, uploadIdOf } from "./parts.js";
import { publishObject } from "./publish.js";
import { type ByteRange, parseRange } from "./ranges.js";
import { ossXmlReply } from "./reply.js";
import { type ObjectRow, type PartRow, requireBucket, requireObject, requireUpload } from "./rows.js";
import { document, element } from "./xml.js";

/** Makes an object of another one; the bytes are shared. Onto itself it replaces the metadata. */
export const copyObject: OssOperation = async (oss, call) => {
  const replaces = replacesMetadata(call);
  const { bucket, key } = sourceOf(call);
  const row = await oss.contents.change((tx) => {
    const target = requireBucket(tx, call.bucket);
    const source = requireObject(tx, bucket, key);
    checkConditions(call.headers, source, "x-oss-copy-source-");
    if (source.size > MAX_PUT_BYTES) throw tooLarge(source.size);
    const copy: ObjectRow = {
      size: source.size,
      eTag: source.eTag,
      type: source.type === "Appendable" ? "Normal" : source.type,
      modified: objectTime(oss),
      storageClass: storageClassOf(call.headers["x-oss-storage-class"], target.storageClass),
      headers: replaces ? keptHeaders(call.headers) : source.headers,
      segments: source.segments,
      crc64: source.crc64,
    };
    publishObject(oss, tx, { call, row: copy, event: "CopyObject", claimed: copy.segments });
    return copy;
  });
  return copied("CopyObjectResult", row);
};

/** Makes a part of an object or of a range of it; the bytes are shared. */
export const uploadPartCopy: OssOperation = async (oss, call) => {
  const uploadId = uploadIdOf(call);
  const partNumber = partNumberOf(call);
  requireUpload(oss.context.store, call.bucket, { key: call.key, uploadId });
  const { bucket, key } = sourceOf(call);
  const source = requireObject(oss.context.store, bucket, key);
  checkConditions(call.headers, source, "x-oss-copy-source-");
  const { from, to } = copyRange(call, source.size);
  const sums = await rangeSums(oss, source, { from, to });
  const part = await oss.contents.change((tx) => {
    const current = requireObject(tx, bucket, key);
    // Hashing took a while. The same ETag means the same bytes, though perhaps stored anew.
    if (current.eTag !== source.eTag)
      throw new OssError("PreconditionFailed", "The source object changed while it was copied.");
    const row: PartRow = {
      size: to - from,
      ...sums,
      modified: objectTime(oss),
      segments: slice(current.segments, from, to),
    };
    storePart(tx, call, { uploadId, partNumber, part: row, claimed: row.segments });
    return row;
  });
  return copied("CopyPartResult", part);
};

/** Without a checksum: a client that puts with a copy's header compares it with that of the body it sent, which is empty. */
function copied(root: string, { eTag, modified }: Pick<ObjectRow, "eTag" | "modified">) {
  const time = element("LastModified", { text: new Date(modified).toISOString() });
  return ossXmlReply(document(root, time, element("ETag", { text: `"${eTag}"` })), { etag: `"${eTag}"` });
}

function sourceOf(call: OssCall): { bucket: string; key: string } {
  const text = call.headers["x-oss-copy-source"] ?? "";
  const found = /^\/?([^/]+)\/(.+)$/.exec(text);
  if (!found?.[1] || !found[2])
    throw invalidArgument("x-oss-copy-source", text, "The copy source must be /bucket/key.");
  if (found[2].includes("?versionId="))
    throw new OssError("NotImplemented", "Versions of objects are not implemented.");
  const key = decodeSource(found[2], text);
  checkBucketName(found[1]);
  checkObjectName(key);
  return { bucket: found[1], key };
}

function decodeSource(key: string, text: string): string {
  try {
    // Form encoding, as the Go client writes it: a blank is `+` or %20, a plus sign is %2B.
    return decodeURIComponent(Buffer.from(key, "latin1").toString("utf8").replaceAll("+", " "));
  } catch {
    throw invalidArgument("x-oss-copy-source", text, "The key of the copy source must be percent-encoded.");
  }
}

function replacesMetadata(call: OssCall): boolean {
  const directive = call.headers["x-oss-metadata-directive"] ?? "COPY";
  const upper = directive.toUpperCase();
  if (upper === "COPY" || upper === "REPLACE") return upper === "REPLACE";
  throw invalidArgument("x-oss-metadata-directive", directive, "The metadata directive must be COPY or REPLACE.");
}

function copyRange(call: OssCall, size: number): ByteRange {
  const header = call.headers["x-oss-copy-source-range"];
  if (header === undefined) return { from: 0, to: size };
  return parseRange(header, size, { standard: true }) ?? { from: 0, to: size };
}

async function rangeSums(oss: Oss, source: ObjectRow, { from, to }: ByteRange) {
  const hash = createHash("md5");
  const crc = createCrc64();
  for await (const chunk of oss.contents.read(source.segments, from, to)) {
    hash.update(chunk);
    crc.update(chunk);
  }
  return { eTag: eTagOf(hash.digest()), crc64: crc.digest() };
}

function tooLarge(size: number): OssError {
  return new OssError(
    "InvalidArgument",
    "The specified copy source is larger than the maximum allowable size for a copy source.",
    {
      details: { ArgumentValue: String(size) },
    },
  );
}
