import { keySpace } from "../service.js";

const kind = { bucket: 1, object: 2, upload: 3, part: 4, content: 5, chunk: 6, loose: 7 } as const;

/** A range of keys of the common store: `gte` inclusive, `lt` exclusive. */
export interface OssKeyBounds {
  readonly gte: Buffer;
  readonly lt: Buffer;
}

/** Row of a bucket. */
export const bucketKey = (bucket: string): Buffer => keyOf("bucket", Buffer.from(bucket));

/** Row of an object. Objects of a bucket sort by the bytes of their key, as OSS lists them. */
export const objectKey = (bucket: string, key: string): Buffer => keyOf("object", Buffer.from(`${bucket}\0${key}`));

/** Row of a multipart upload; uploads of a bucket sort by key, then id. */
export const uploadKey = (bucket: string, key: string, uploadId: string): Buffer =>
  keyOf("upload", Buffer.from(`${bucket}\0${key}\0${uploadId}`));

/** Row of one part of an upload. */
export const partKey = (uploadId: string, partNumber: number): Buffer =>
  keyOf("part", Buffer.from(uploadId), uint32(partNumber));

/** Row that counts the references to a content. */
export const contentKey = (content: string): Buffer => keyOf("content", Buffer.from(content, "hex"));

/** One chunk of a content's bytes. */
export const chunkKey = (content: string, index: number): Buffer =>
  keyOf("chunk", Buffer.from(content, "hex"), uint32(index));

/** All chunks of a content. */
export const boundsOfChunks = (content: string): OssKeyBounds => ({
  gte: chunkKey(content, 0),
  lt: chunkKey(content, 0xffffffff),
});

/** Present while chunks of a content may be stored that nothing refers to, or nothing refers to any more. */
export const looseKey = (content: string): Buffer => keyOf("loose", Buffer.from(content, "hex"));

/** The content that a loose key speaks of. */
export function looseContent(key: Buffer): string {
  return key.toString("hex", 2);
}

/** All rows of one kind from a given point on. */
export function ossKeyBoundsOf(name: keyof typeof kind, from: Buffer = Buffer.alloc(0)): OssKeyBounds {
  return { gte: keyOf(name, from), lt: Buffer.from([keySpace.oss, kind[name] + 1]) };
}

/** The rows of a bucket's objects or uploads; `from` is relative to the bucket. */
export function boundsInBucket(
  name: "object" | "upload",
  bucket: string,
  from: Buffer = Buffer.alloc(0),
): OssKeyBounds {
  return { gte: keyOf(name, Buffer.from(`${bucket}\0`), from), lt: keyOf(name, Buffer.from(`${bucket}\u0001`)) };
}

/** The part of an object's or upload's row key that follows the bucket. */
export function keyInBucket(bucket: string, key: Buffer): Buffer {
  return key.subarray(2 + bucket.length + 1);
}

/** The rows of an upload's parts above a part number. */
export function boundsOfParts(uploadId: string, above: number): OssKeyBounds {
  return { gte: partKey(uploadId, above + 1), lt: partKey(uploadId, 0xffffffff) };
}

/** The smallest byte string that is greater than everything that begins with these bytes. */
export function afterPrefix(bytes: Buffer): Buffer {
  const end = Buffer.from(bytes);
  for (let index = end.length - 1; index >= 0; index -= 1) {
    const value = end[index] ?? 0;
    if (value < 0xff) {
      end[index] = value + 1;
      return end.subarray(0, index + 1);
    }
  }
  throw new RangeError("no byte string follows this prefix");
}

function keyOf(name: keyof typeof kind, ...rest: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([keySpace.oss, kind[name]]), ...rest]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
