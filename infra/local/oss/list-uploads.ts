import { boundsInBucket, boundsOfParts, keyInBucket } from "./keys.js";
import { encodingOf } from "./list-objects.js";
import { listObjectPage, positionAfter } from "./listing.js";
import { integerParameter, type Oss, type OssCall, type OssOperation } from "./operation.js";
import { MAX_PARTS, uploadIdOf } from "./parts.js";
import { ossXmlReply } from "./reply.js";
import { decodeOssRow, type OssUploadRow, type PartRow, requireBucket, requireUpload } from "./rows.js";
import { document, element, wrap } from "./xml.js";

/** Lists the uploads of a bucket that are neither completed nor aborted. */
export const listMultipartUploads: OssOperation = async (oss, call) => {
  requireBucket(oss.context.store, call.bucket);
  const prefix = call.query.get("prefix") ?? "";
  const delimiter = call.query.get("delimiter") ?? "";
  const limit = integerParameter(call, "max-uploads", { fallback: 1000, min: 1, max: 1000 });
  const encode = encodingOf(call);
  const from = startOf(call, { prefix, delimiter });
  const page = await listObjectPage((position) => scanUploads(oss, call.bucket, position), {
    prefix,
    delimiter,
    limit,
    from,
  });
  const next = page.isTruncated ? page.last : null;
  return ossXmlReply(
    document(
      "ListMultipartUploadsResult",
      element("Bucket", { text: call.bucket }),
      element("KeyMarker", { text: encode(call.query.get("key-marker") ?? "") }),
      element("UploadIdMarker", { text: call.query.get("upload-id-marker") ?? "" }),
      element("NextKeyMarker", { text: next ? encode(next.name) : "" }),
      element("NextUploadIdMarker", { text: next?.entry?.value.uploadId ?? "" }),
      element("Delimiter", { text: encode(delimiter) }),
      element("Prefix", { text: encode(prefix) }),
      element("MaxUploads", { text: limit }),
      element("IsTruncated", { text: page.isTruncated }),
      ...page.entries.map(({ value }) =>
        wrap(
          "Upload",
          element("Key", { text: encode(value.key) }),
          element("UploadId", { text: value.uploadId }),
          element("StorageClass", { text: value.storageClass }),
          element("Initiated", { text: new Date(value.initiated).toISOString() }),
        ),
      ),
      ...page.prefixes.map((common) => wrap("CommonPrefixes", element("Prefix", { text: encode(common) }))),
    ),
  );
};

/** Lists the parts of an upload in the order of their numbers. */
export const listParts: OssOperation = async (oss, call) => {
  const uploadId = uploadIdOf(call);
  const upload = requireUpload(oss.context.store, call.bucket, { key: call.key, uploadId });
  const limit = integerParameter(call, "max-parts", { fallback: 1000, min: 1, max: 1000 });
  const marker = integerParameter(call, "part-number-marker", { fallback: 0, min: 0, max: MAX_PARTS });
  const encode = encodingOf(call);
  const found = await partsAfter(oss, uploadId, { marker, limit: limit + 1 });
  const parts = found.slice(0, limit);
  return ossXmlReply(
    document(
      "ListPartsResult",
      element("Bucket", { text: call.bucket }),
      element("Key", { text: encode(call.key) }),
      element("UploadId", { text: uploadId }),
      element("StorageClass", { text: upload.storageClass }),
      element("PartNumberMarker", { text: marker }),
      element("NextPartNumberMarker", { text: parts.at(-1)?.number ?? marker }),
      element("MaxParts", { text: limit }),
      element("IsTruncated", { text: found.length > limit }),
      ...parts.map(({ number, part }) =>
        wrap(
          "Part",
          element("PartNumber", { text: number }),
          element("LastModified", { text: new Date(part.modified).toISOString() }),
          element("ETag", { text: `"${part.eTag}"` }),
          element("Size", { text: part.size }),
        ),
      ),
    ),
  );
};

/** Without a key marker the upload marker does not count; with both, uploads of the same key go on behind that id. */
function startOf(call: OssCall, query: { prefix: string; delimiter: string }): Buffer {
  const key = call.query.get("key-marker") ?? "";
  const uploadId = call.query.get("upload-id-marker") ?? "";
  if (key === "") return Buffer.alloc(0);
  if (uploadId !== "") return Buffer.from(`${key}\0${uploadId}\0`);
  // Rows of one key are its name, a zero byte and an id: the position behind them ends in the next byte value.
  const after = positionAfter(key, query);
  return after.at(-1) === 0 ? Buffer.concat([after.subarray(0, -1), Buffer.from([1])]) : after;
}

async function* scanUploads(oss: Oss, bucket: string, from: Buffer) {
  for await (const [key, bytes] of oss.context.store.range(boundsInBucket("upload", bucket, from))) {
    const value = decodeOssRow<OssUploadRow>(bytes);
    yield { name: value.key, sort: keyInBucket(bucket, key), value };
  }
}

async function partsAfter(oss: Oss, uploadId: string, { marker, limit }: { marker: number; limit: number }) {
  const parts: { number: number; part: PartRow }[] = [];
  for await (const [key, bytes] of oss.context.store.range({ ...boundsOfParts(uploadId, marker), limit })) {
    parts.push({ number: key.readUInt32BE(key.length - 4), part: decodeOssRow<PartRow>(bytes) });
  }
  return parts;
}
