import { createHash } from "node:crypto";
import type { Transaction } from "../store/store.js";
import { joinCrc64 } from "./crc64.js";
import { invalidArgument, OssError } from "./errors.js";
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
import { integerParameter, type OssCall, type OssOperation, objectTime } from "./operation.js";
import { publishObject } from "./publish.js";
import { findObject, type ObjectRow, requireBucket } from "./rows.js";

/** Adds the body to the end of an appendable object, which it creates when absent. */
export const appendObject: OssOperation = async (oss, call) => {
  const bucket = requireBucket(oss.context.store, call.bucket);
  checkLength(call.headers, MAX_PUT_BYTES);
  if (!call.query.has("position")) throw invalidArgument("position", "", "The position parameter is missing.");
  const position = integerParameter(call, "position", { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER });
  const headers = keptHeaders(call.headers);
  const storageClass = storageClassOf(call.headers["x-oss-storage-class"], bucket.storageClass);
  return oss.contents.receive(call.body, MAX_PUT_BYTES, async (received) => {
    checkDigest(call.headers, received);
    const row = await oss.contents.change((tx) => {
      const old = findAppendable(tx, call, position);
      const size = position + received.size;
      if (size > MAX_PUT_BYTES) throw new OssError("EntityTooLarge", "An appendable object holds at most 5 GB.");
      const segments = [...(old?.segments ?? []), ...received.segments];
      const eTag = old ? appendedTag(old.eTag, received.md5) : eTagOf(received.md5);
      const kept = old ?? { type: "Appendable" as const, storageClass, headers };
      const crc64 = joinCrc64(old ? [old, received] : [received]);
      const next = { ...kept, size, eTag, segments, crc64, modified: objectTime(oss) };
      publishObject(oss, tx, { call, row: next, event: "AppendObject", claimed: received.segments });
      return next;
    });
    const written = writtenHeaders(row.headers);
    return {
      status: 200,
      headers: {
        ...written,
        ...crcHeader(row),
        etag: `"${row.eTag}"`,
        "x-oss-next-append-position": String(row.size),
      },
    };
  });
};

/** @throws OssError ObjectNotAppendable, PositionNotEqualToLength */
function findAppendable(tx: Transaction, call: OssCall, position: number): ObjectRow | undefined {
  const old = findObject(tx, call.bucket, call.key);
  if (old !== undefined && old.type !== "Appendable") {
    throw new OssError("ObjectNotAppendable", "The object is not appendable.", { details: { Key: call.key } });
  }
  const length = old?.size ?? 0;
  if (position === length) return old;
  throw new OssError("PositionNotEqualToLength", "Position is not equal to file length", {
    details: { ObjectLength: String(length) },
    headers: { "x-oss-next-append-position": String(length) },
  });
}

/** OSS does not document the ETag of a grown object; clients only compare it. */
function appendedTag(eTag: string, md5: Buffer): string {
  return eTagOf(createHash("md5").update(Buffer.from(eTag, "hex")).update(md5).digest());
}
