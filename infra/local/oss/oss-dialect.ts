import { authorizeOss } from "./authorize.js";
import type { ObjectDialect } from "./dialect.js";
import { OssError } from "./errors.js";
import { checkBucketName, checkObjectName } from "./names.js";
import type { Oss } from "./operation.js";
import { ossRoutes } from "./oss-routes.js";
import { ossErrorReply } from "./reply.js";
import { anonymousOperations, chooseOperation, type OssOperationName } from "./routes.js";
import { requireBucket } from "./rows.js";
import type { WireReading } from "./wire-request.js";

/** Smallest part but the last, bytes. Source: OSS API reference, CompleteMultipartUpload. */
const MIN_PART_BYTES = 100 * 1024;

/** OSS's own language: path style and bucket hosts, signature versions 1 and 4, or none where a bucket allows it. */
export const ossDialect: ObjectDialect = {
  target(oss, wire, carried) {
    const { reading, anonymous } = authorizeOss(wire, oss.context.credentials, Date.now());
    const query = new Map(wire.query.map(({ name, value }) => [name, value]));
    const { name, run } = chooseOperation(ossRoutes, reading, { method: wire.method, query, headers: wire.headers });
    if (reading.bucket !== null) checkBucketName(reading.bucket);
    if (reading.key !== null) checkObjectName(reading.key);
    if (anonymous) requirePublic(oss, reading, name);
    const { bucket, key } = reading;
    const place = { bucket: bucket ?? "", key: key ?? "", headers: wire.headers, minPartBytes: MIN_PART_BYTES };
    return { run, call: { ...carried, ...place, name, query } };
  },
  reply: (reply) => reply,
  refusal: (error, { requestId, host, isBodiless }) =>
    ossErrorReply(error, requestId, { hostId: host, bodiless: isBodiless }),
  headers: (requestId) => ({ server: "AliyunOSS", "x-oss-request-id": requestId }),
};

function requirePublic(oss: Oss, { bucket }: WireReading, name: OssOperationName): void {
  const acl = bucket === null ? "private" : requireBucket(oss.context.store, bucket).acl;
  if (anonymousOperations[acl].includes(name)) return;
  throw new OssError("AccessDenied", "You have no right to access this object because of bucket acl.");
}
