import type { OssError } from "../errors.js";
import type { OssReply } from "../reply.js";
import { document, element } from "../xml.js";

/** Codes of OSS that S3 words in another way. Source: Amazon S3 API reference, "Error responses". */
const renamed: Readonly<Record<string, { readonly code: string; readonly status: number }>> = {
  BucketAlreadyExists: { code: "BucketAlreadyOwnedByYou", status: 409 },
  FileAlreadyExists: { code: "PreconditionFailed", status: 412 },
  InvalidDigest: { code: "BadDigest", status: 400 },
  InvalidObjectName: { code: "KeyTooLongError", status: 400 },
  InvalidSecurityToken: { code: "InvalidToken", status: 400 },
  MissingArgument: { code: "InvalidRequest", status: 400 },
  TooManyRequests: { code: "SlowDown", status: 503 },
};

/** A refusal as S3 words it. Without a body (HEAD, 304) the status is all that a client learns. */
export function refusalOfS3(error: OssError, requestId: string, { isBodiless }: { isBodiless: boolean }): OssReply {
  const { code, status } = renamed[error.code] ?? error;
  if (isBodiless || status === 304) return { status, headers: error.headers };
  const fields = { Code: code, Message: error.message, ...error.details, RequestId: requestId };
  const xml = document("Error", ...Object.entries(fields).map(([name, text]) => element(name, { text })));
  return { status, headers: { "content-type": "application/xml", ...error.headers }, body: xml };
}
