import type { Store, Transaction } from "../store/store.js";
import { OssError } from "./errors.js";
import { bucketKey, objectKey, uploadKey } from "./keys.js";

/** A piece of a content: objects are lists of segments, so that completing an upload or copying moves no bytes. */
export interface OssSegment {
  /** Content id, 32 hex digits. */
  readonly content: string;
  readonly offset: number;
  readonly length: number;
}

/** Who may read or write a bucket without a signature. */
export type Acl = "private" | "public-read" | "public-read-write";

/** A bucket with the counts of what it holds. */
export interface BucketRow {
  /** Epoch ms. */
  readonly created: number;
  readonly acl: Acl;
  readonly storageClass: string;
  readonly redundancy: string;
  readonly objects: number;
  readonly bytes: number;
  readonly uploads: number;
}

/** How an object came into being; only appendable ones can grow. */
export type ObjectType = "Normal" | "Multipart" | "Appendable";

/** An object without its bytes. */
export interface ObjectRow {
  readonly size: number;
  /** Without quotes. */
  readonly eTag: string;
  readonly type: ObjectType;
  /** Epoch ms, whole seconds. */
  readonly modified: number;
  readonly storageClass: string;
  /** Headers to give back: content-type, cache-control, x-oss-meta-…; one character per byte. */
  readonly headers: Readonly<Record<string, string>>;
  readonly segments: readonly OssSegment[];
  /** CRC-64 of the bytes in decimal digits; undefined for what was stored before sums were kept. */
  readonly crc64?: string | undefined;
}

/** A multipart upload that is neither completed nor aborted. */
export interface OssUploadRow {
  readonly key: string;
  readonly uploadId: string;
  /** Epoch ms. */
  readonly initiated: number;
  readonly storageClass: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Highest part number that was ever uploaded. */
  readonly maxPart: number;
}

/** One uploaded part. */
export interface PartRow {
  readonly size: number;
  /** Hex MD5 of the part, upper case, without quotes. */
  readonly eTag: string;
  /** Epoch ms. */
  readonly modified: number;
  readonly segments: readonly OssSegment[];
  /** As in {@link ObjectRow}. */
  readonly crc64?: string | undefined;
}

/** Where rows are read: the store, or a transaction of it. */
type Readable = Pick<Store | Transaction, "get">;

/** Bytes of a row. */
export function encodeOssRow(row: BucketRow | ObjectRow | OssUploadRow | PartRow): Buffer {
  return Buffer.from(JSON.stringify(row));
}

/** Reads a row that this module wrote. */
export function decodeOssRow<T extends BucketRow | ObjectRow | OssUploadRow | PartRow>(bytes: Buffer): T {
  // Only encodeRow writes these keys, so the type follows from the key's kind.
  return JSON.parse(bytes.toString()) as T;
}

/** The bucket, or undefined. */
export function findBucket(from: Readable, bucket: string): BucketRow | undefined {
  const bytes = from.get(bucketKey(bucket));
  return bytes && decodeOssRow<BucketRow>(bytes);
}

/** The bucket. @throws OssError NoSuchBucket */
export function requireBucket(from: Readable, bucket: string): BucketRow {
  const row = findBucket(from, bucket);
  if (row !== undefined) return row;
  throw new OssError("NoSuchBucket", "The specified bucket does not exist.", { details: { BucketName: bucket } });
}

/** The object, or undefined. */
export function findObject(from: Readable, bucket: string, key: string): ObjectRow | undefined {
  const bytes = from.get(objectKey(bucket, key));
  return bytes && decodeOssRow<ObjectRow>(bytes);
}

/** The object. @throws OssError NoSuchBucket, NoSuchKey */
export function requireObject(from: Readable, bucket: string, key: string): ObjectRow {
  requireBucket(from, bucket);
  const row = findObject(from, bucket, key);
  if (row !== undefined) return row;
  throw new OssError("NoSuchKey", "The specified key does not exist.", { details: { Key: key } });
}

/** The upload. @throws OssError NoSuchBucket, NoSuchUpload */
export function requireUpload(
  from: Readable,
  bucket: string,
  { key, uploadId }: { key: string; uploadId: string },
): OssUploadRow {
  requireBucket(from, bucket);
  const bytes = from.get(uploadKey(bucket, key, uploadId));
  if (bytes !== undefined) return decodeOssRow<OssUploadRow>(bytes);
  throw new OssError(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    { details: { UploadId: uploadId } },
  );
}
