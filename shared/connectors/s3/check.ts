import type { CheckOptions, CheckStep } from "../contract.js";
import { checkBucket } from "../objects/check.js";
import { openS3Bucket } from "./client.js";
import { s3Failure } from "./failure.js";
import { type S3Source, s3EndpointOf } from "./source.js";

/** Tests a bucket step by step; see `checkBucket`. */
export function checkS3(source: S3Source, signal: AbortSignal, asked?: CheckOptions): Promise<readonly CheckStep[]> {
  const rights = { read: "s3:ListBucket and s3:GetObject", write: "s3:PutObject and s3:DeleteObject" };
  const open = (options: object) => openS3Bucket(source, signal, options);
  return checkBucket({ source, endpoint: s3EndpointOf(source), open, explain: s3Failure, rights }, signal, asked);
}
