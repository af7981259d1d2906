import type { CheckOptions, CheckStep } from "../contract.js";
import { checkBucket } from "../objects/check.js";
import { openOssBucket, ossEndpointOf } from "./client.js";
import { ossFailure } from "./failure.js";
import type { OssSource } from "./source.js";

/** Tests a bucket step by step; see `checkBucket`. */
export function checkOss(source: OssSource, signal: AbortSignal, asked?: CheckOptions): Promise<readonly CheckStep[]> {
  const rights = { read: "oss:ListObjects and oss:GetObject", write: "oss:PutObject and oss:DeleteObject" };
  const open = (options: object) => openOssBucket(source, signal, options);
  return checkBucket({ source, endpoint: ossEndpointOf(source), open, explain: ossFailure, rights }, signal, asked);
}
