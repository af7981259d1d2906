import type { CheckOptions, CheckStep } from "../contract.js";
import { checkBucket } from "../objects/check.js";
import { openBucket } from "./client.js";
import { toSluiceError } from "./failure.js";
import { endpointOf, type S3Source } from "./source.js";

/** Tests a bucket step by step; see `checkBucket`. */
export function checkS3(source: S3Source, signal: AbortSignal, asked?: CheckOptions): Promise<readonly CheckStep[]> {
  const rights = { read: "s3:ListBucket and s3:GetObject", write: "s3:PutObject and s3:DeleteObject" };
  const open = (options: object) => openBucket(source, signal, options);
  return checkBucket({ source, endpoint: endpointOf(source), open, explain: toSluiceError, rights }, signal, asked);
}
