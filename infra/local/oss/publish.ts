import type { Transaction } from "../store/store.js";
import type { ContentTransaction } from "./contents.js";
import { OssError } from "./errors.js";
import { bucketKey, objectKey } from "./keys.js";
import type { Oss, OssCall } from "./operation.js";
import { encodeOssRow, findObject, type ObjectRow, type OssSegment, requireBucket } from "./rows.js";

interface Publication {
  readonly row: ObjectRow;
  /** Without its `ObjectCreated:` prefix. */
  readonly event: "PutObject" | "CopyObject" | "AppendObject" | "CompleteMultipartUpload";
  /** Segments that get one more reference by it. */
  readonly claimed: readonly OssSegment[];
}

/**
 * Makes an object visible and queues its event, in one decision; the object it replaces is released.
 *
 * @throws OssError NoSuchBucket; FileAlreadyExists when the request forbids overwriting
 */
export function publishObject(
  oss: Oss,
  tx: ContentTransaction,
  { call, row, event, claimed }: Publication & { readonly call: OssCall },
): void {
  const old = findObject(tx, call.bucket, call.key);
  if (old !== undefined && event !== "AppendObject") refuseOverwrite(call);
  changeCounts(tx, call.bucket, { objects: old ? 0 : 1, bytes: row.size - (old?.size ?? 0) });
  tx.claim(claimed);
  // An append keeps what it extends.
  if (old !== undefined && event !== "AppendObject") tx.release(old.segments);
  tx.put(objectKey(call.bucket, call.key), encodeOssRow(row));
  oss.emit(tx, {
    eventName: `ObjectCreated:${event}`,
    bucket: call.bucket,
    key: call.key,
    size: row.size,
    deltaSize: row.size - (old?.size ?? 0),
    eTag: row.eTag,
    requestId: call.requestId,
    sourceIp: call.sourceIp,
  });
}

/**
 * Removes an object and queues its event, in one decision. An object that does not exist is no error and no event.
 *
 * @throws OssError NoSuchBucket
 */
export function removeObject(
  oss: Oss,
  tx: ContentTransaction,
  { call, removal }: { call: OssCall; removal: { key: string; event: string } },
): void {
  const { key, event } = removal;
  requireBucket(tx, call.bucket);
  const old = findObject(tx, call.bucket, key);
  if (old === undefined) return;
  changeCounts(tx, call.bucket, { objects: -1, bytes: -old.size });
  tx.release(old.segments);
  tx.del(objectKey(call.bucket, key));
  oss.emit(tx, {
    eventName: `ObjectRemoved:${event}`,
    bucket: call.bucket,
    key,
    size: old.size,
    deltaSize: -old.size,
    eTag: old.eTag,
    requestId: call.requestId,
    sourceIp: call.sourceIp,
  });
}

/** Adds to the counts of a bucket. @throws OssError NoSuchBucket */
export function changeCounts(
  tx: Transaction,
  bucket: string,
  by: { objects?: number; bytes?: number; uploads?: number },
): void {
  const row = requireBucket(tx, bucket);
  tx.put(
    bucketKey(bucket),
    encodeOssRow({
      ...row,
      objects: row.objects + (by.objects ?? 0),
      bytes: row.bytes + (by.bytes ?? 0),
      uploads: row.uploads + (by.uploads ?? 0),
    }),
  );
}

/** @throws OssError FileAlreadyExists when the request forbids overwriting */
function refuseOverwrite(call: OssCall): void {
  if (call.headers["x-oss-forbid-overwrite"]?.toLowerCase() !== "true") return;
  throw new OssError("FileAlreadyExists", "The object you specified already exists and can not be overwritten.", {
    details: { Key: call.key },
  });
}
