import { OssError } from "./errors.js";

/** Longest key, bytes of UTF-8. */
const MAX_KEY_BYTES = 1023;

/** @throws OssError InvalidBucketName: 3 to 63 lower-case letters, digits and hyphens, neither first nor last a hyphen */
export function checkBucketName(bucket: string): void {
  if (/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket)) return;
  throw new OssError("InvalidBucketName", "The specified bucket is not valid.", { details: { BucketName: bucket } });
}

/** @throws OssError InvalidObjectName: 1 to 1023 bytes of UTF-8 that begin neither with a slash nor with a backslash */
export function checkObjectName(key: string): void {
  if (key !== "" && !/^[/\\]/.test(key) && Buffer.byteLength(key) <= MAX_KEY_BYTES) return;
  throw new OssError("InvalidObjectName", "The specified object is not valid.", { details: { ObjectName: key } });
}
