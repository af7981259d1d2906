import { createHash, randomBytes } from "node:crypto";
import type { ContentTransaction } from "./contents.js";
import { joinCrc64 } from "./crc64.js";
import { OssError } from "./errors.js";
import { uploadKey } from "./keys.js";
import {
  checkDigest,
  checkLength,
  crcHeader,
  eTagOf,
  keptHeaders,
  storageClassOf,
  writtenHeaders,
} from "./object-headers.js";
import { MAX_PUT_BYTES } from "./objects.js";
import { type Oss, type OssCall, type OssOperation, objectTime, readDocument } from "./operation.js";
import { partNumberOf, storePart, takeParts, uploadIdOf } from "./parts.js";
import { changeCounts, publishObject } from "./publish.js";
import { ossXmlReply } from "./reply.js";
import { encodeOssRow, type ObjectRow, type OssUploadRow, type PartRow, requireBucket, requireUpload } from "./rows.js";
import { children, childText, document, element, malformed, parseDocument } from "./xml.js";

/** Begins an upload in parts. */
export const initiateMultipartUpload: OssOperation = async (oss, call) => {
  const uploadId = randomBytes(16).toString("hex").toUpperCase();
  const headers = keptHeaders(call.headers);
  await oss.contents.change((tx) => {
    const bucket = requireBucket(tx, call.bucket);
    const storageClass = storageClassOf(call.headers["x-oss-storage-class"], bucket.storageClass);
    const row: OssUploadRow = {
      key: call.key,
      uploadId,
      initiated: objectTime(oss),
      storageClass,
      headers,
      maxPart: 0,
    };
    changeCounts(tx, call.bucket, { uploads: 1 });
    tx.put(uploadKey(call.bucket, call.key, uploadId), encodeOssRow(row));
  });
  const named = [
    element("Bucket", { text: call.bucket }),
    element("Key", { text: call.key }),
    element("UploadId", { text: uploadId }),
  ];
  return ossXmlReply(document("InitiateMultipartUploadResult", ...named), writtenHeaders(headers));
};

/** Stores one part; the same number again replaces it. */
export const uploadPart: OssOperation = async (oss, call) => {
  const uploadId = uploadIdOf(call);
  const partNumber = partNumberOf(call);
  requireUpload(oss.context.store, call.bucket, { key: call.key, uploadId });
  checkLength(call.headers, MAX_PUT_BYTES);
  return oss.contents.receive(call.body, MAX_PUT_BYTES, async (received) => {
    checkDigest(call.headers, received);
    const { size, segments, crc64 } = received;
    const part: PartRow = { size, eTag: eTagOf(received.md5), modified: objectTime(oss), segments, crc64 };
    await oss.contents.change((tx) => storePart(tx, call, { uploadId, partNumber, part, claimed: segments }));
    const sums = { etag: `"${part.eTag}"`, "content-md5": received.md5.toString("base64"), ...crcHeader(part) };
    return { status: 200, headers: sums };
  });
};

/** Makes an object of uploaded parts: no byte moves. Parts that the list leaves out are removed. */
export const completeMultipartUpload: OssOperation = async (oss, call) => {
  const text = await readDocument(call);
  const wanted = call.headers["x-oss-complete-all"]?.toLowerCase() === "yes" ? null : parseParts(text);
  const row = await oss.contents.change((tx) => complete(oss, tx, { call, wanted }));
  const { eTag, headers } = row;
  const location = `http://${call.headers.host ?? "localhost"}/${call.bucket}/${encodeURIComponent(call.key)}`;
  const fields = [
    element("Location", { text: location }),
    element("Bucket", { text: call.bucket }),
    element("Key", { text: call.key }),
    element("ETag", { text: `"${eTag}"` }),
  ];
  return ossXmlReply(document("CompleteMultipartUploadResult", ...fields), {
    ...writtenHeaders(headers),
    ...crcHeader(row),
    etag: `"${eTag}"`,
  });
};

/** Gives an upload up and removes its parts. */
export const abortMultipartUpload: OssOperation = async (oss, call) => {
  const uploadId = uploadIdOf(call);
  await oss.contents.change((tx) => {
    const upload = requireUpload(tx, call.bucket, { key: call.key, uploadId });
    for (const part of takeParts(tx, uploadId, upload.maxPart).values()) tx.release(part.segments);
    endUpload(tx, call, uploadId);
  });
  return { status: 204 };
};

interface WantedPart {
  readonly number: number;
  readonly eTag: string;
}

function complete(
  oss: Oss,
  tx: ContentTransaction,
  { call, wanted }: { call: OssCall; wanted: readonly WantedPart[] | null },
): ObjectRow {
  const uploadId = uploadIdOf(call);
  const upload = requireUpload(tx, call.bucket, { key: call.key, uploadId });
  const parts = takeParts(tx, uploadId, upload.maxPart);
  const chosen = wanted === null ? [...parts.values()] : wanted.map((one) => choose(parts, one));
  checkSizes(chosen, call.minPartBytes);
  const row = assembled(oss, upload, chosen);
  endUpload(tx, call, uploadId);
  publishObject(oss, tx, { call, row, event: "CompleteMultipartUpload", claimed: [] });
  const used = new Set(chosen);
  for (const part of parts.values()) if (!used.has(part)) tx.release(part.segments);
  return row;
}

function choose(parts: ReadonlyMap<number, PartRow>, { number, eTag }: WantedPart): PartRow {
  const part = parts.get(number);
  if (part !== undefined && part.eTag === eTag.toUpperCase()) return part;
  throw new OssError(
    "InvalidPart",
    "One or more of the specified parts could not be found or the specified entity tag might not have matched the part's entity tag.",
    { details: { PartNumber: String(number), PartEtag: eTag } },
  );
}

function checkSizes(parts: readonly PartRow[], minPartBytes: number): void {
  if (parts.length === 0) throw malformed();
  for (const { size } of parts.slice(0, -1)) {
    if (size >= minPartBytes) continue;
    throw new OssError("EntityTooSmall", "Your proposed upload smaller than the minimum allowed size.", {
      details: { MinSizeAllowed: String(minPartBytes), ProposedSize: String(size) },
    });
  }
}

function assembled(oss: Oss, upload: OssUploadRow, parts: readonly PartRow[]): ObjectRow {
  const hash = createHash("md5");
  for (const { eTag } of parts) hash.update(Buffer.from(eTag, "hex"));
  return {
    size: parts.reduce((sum, { size }) => sum + size, 0),
    eTag: `${eTagOf(hash.digest())}-${parts.length}`,
    type: "Multipart",
    modified: objectTime(oss),
    storageClass: upload.storageClass,
    headers: upload.headers,
    segments: parts.flatMap(({ segments }) => segments),
    crc64: joinCrc64(parts),
  };
}

function endUpload(tx: ContentTransaction, call: OssCall, uploadId: string): void {
  tx.del(uploadKey(call.bucket, call.key, uploadId));
  changeCounts(tx, call.bucket, { uploads: -1 });
}

function parseParts(text: string): WantedPart[] {
  const parts = children(parseDocument(text, "CompleteMultipartUpload"), "Part").map((part) => ({
    number: Number(childText(part, "PartNumber") ?? Number.NaN),
    eTag: (childText(part, "ETag") ?? "").trim().replaceAll('"', ""),
  }));
  if (parts.length === 0 || parts.some(({ number }) => !Number.isInteger(number))) throw malformed();
  for (const [index, { number }] of parts.entries()) {
    const before = parts[index - 1];
    if (before === undefined || before.number < number) continue;
    throw new OssError(
      "InvalidPartOrder",
      "The list of parts was not in ascending order. Parts list must specified in order by part number.",
      {
        details: { PartNumber: String(number) },
      },
    );
  }
  return parts;
}
