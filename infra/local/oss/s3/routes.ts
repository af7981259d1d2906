import { OssError } from "../errors.js";
import { type OssOperationName, operations } from "../routes.js";
import type { WireReading } from "../wire-request.js";

/** By level, then `METHOD sub-resource`. */
const routes: Readonly<Record<"service" | "bucket" | "object", Readonly<Record<string, OssOperationName>>>> = {
  service: { GET: "ListBuckets" },
  bucket: {
    PUT: "PutBucket",
    HEAD: "GetBucketInfo",
    GET: "ListObjects",
    DELETE: "DeleteBucket",
    "GET location": "GetBucketLocation",
    "GET uploads": "ListMultipartUploads",
    "POST delete": "DeleteMultipleObjects",
  },
  object: {
    PUT: "PutObject",
    GET: "GetObject",
    HEAD: "HeadObject",
    DELETE: "DeleteObject",
    "POST uploads": "InitiateMultipartUpload",
    "PUT uploadId": "UploadPart",
    "POST uploadId": "CompleteMultipartUpload",
    "DELETE uploadId": "AbortMultipartUpload",
    "GET uploadId": "ListParts",
  },
};

/** Parameters that choose an operation; one that no route knows is refused. Source: Amazon S3 API reference. */
const selectors = (
  "accelerate acl analytics attributes cors delete encryption intelligent-tiering inventory legal-hold lifecycle location logging metrics " +
  "notification object-lock ownershipControls policy policyStatus publicAccessBlock replication requestPayment restore retention select " +
  "tagging torrent uploadId uploads versionId versioning versions website"
).split(" ");

/** The operation that a request asks for. @throws OssError MethodNotAllowed, NotImplemented */
export function operationOfS3(
  method: string,
  reading: WireReading,
  asked: { query: ReadonlyMap<string, string>; headers: Readonly<Record<string, string>> },
) {
  const level = reading.bucket === null ? "service" : reading.key === null ? "bucket" : "object";
  const chosen = selectors.filter((name) => asked.query.has(name));
  const route = routes[level][[method, ...chosen].join(" ")];
  if (route === undefined && chosen.length === 0)
    throw new OssError("MethodNotAllowed", "The specified method is not allowed against this resource.");
  if (route === undefined)
    throw new OssError(
      "NotImplemented",
      `The local cloud does not implement ${chosen.join(", ")} with ${method} of a ${level}.`,
    );
  const name = refine(route, asked);
  return { name, run: operations[name] };
}

function refine(
  route: OssOperationName,
  { query, headers }: { query: ReadonlyMap<string, string>; headers: Readonly<Record<string, string>> },
): OssOperationName {
  const copies = "x-amz-copy-source" in headers;
  if (route === "ListObjects" && query.get("list-type") === "2") return "ListObjectsV2";
  if (route === "PutObject" && copies) return "CopyObject";
  if (route === "UploadPart" && copies) return "UploadPartCopy";
  return route;
}
