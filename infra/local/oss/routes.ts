import { appendObject } from "./append.js";
import {
  deleteBucket,
  getBucketAcl,
  getBucketInfo,
  getBucketLocation,
  getBucketStat,
  listBuckets,
  putBucket,
  putBucketAcl,
} from "./buckets.js";
import { copyObject, uploadPartCopy } from "./copy.js";
import { OssError } from "./errors.js";
import { listObjects, listObjectsV2 } from "./list-objects.js";
import { listMultipartUploads, listParts } from "./list-uploads.js";
import { abortMultipartUpload, completeMultipartUpload, initiateMultipartUpload, uploadPart } from "./multipart.js";
import { deleteMultipleObjects, deleteObject, getObject, getObjectMeta, headObject, putObject } from "./objects.js";
import type { OssOperation } from "./operation.js";
import type { Acl } from "./rows.js";
import type { WireReading } from "./wire-request.js";

/** Every operation by the API's own name. */
export const operations = {
  AbortMultipartUpload: abortMultipartUpload,
  AppendObject: appendObject,
  CompleteMultipartUpload: completeMultipartUpload,
  CopyObject: copyObject,
  DeleteBucket: deleteBucket,
  DeleteMultipleObjects: deleteMultipleObjects,
  DeleteObject: deleteObject,
  GetBucketAcl: getBucketAcl,
  GetBucketInfo: getBucketInfo,
  GetBucketLocation: getBucketLocation,
  GetBucketStat: getBucketStat,
  GetObject: getObject,
  GetObjectMeta: getObjectMeta,
  HeadObject: headObject,
  InitiateMultipartUpload: initiateMultipartUpload,
  ListBuckets: listBuckets,
  ListMultipartUploads: listMultipartUploads,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  ListParts: listParts,
  PutBucket: putBucket,
  PutBucketAcl: putBucketAcl,
  PutObject: putObject,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
} as const satisfies Record<string, OssOperation>;

/** An operation's name in the API. */
export type OssOperationName = keyof typeof operations;

/** Operations by level, then `METHOD sub-resource`. */
export type Routes = Readonly<
  Partial<Record<"service" | "bucket" | "object", Readonly<Record<string, OssOperationName>>>>
>;

/** What is asked for in the same way in every language. */
const sharedRoutes: Routes = {
  service: { GET: "ListBuckets" },
  bucket: {
    PUT: "PutBucket",
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

/** How operations are asked for in a language. */
export interface RouteLanguage {
  /** Beside those that all languages share. */
  readonly routes: Routes;
  /** Parameters that choose an operation. One that no route knows is refused: a request for tags must not overwrite the object. */
  readonly selectors: readonly string[];
  /** The header that makes a copy of a write. */
  readonly copySource: string;
  /** A header that asks for something else than the operation's plain effect, and that must therefore not be passed over. */
  unsupportedHeader?(headers: RequestWords["headers"]): string | undefined;
}

/** What of a request says which operation it wants. */
interface RequestWords {
  readonly method: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Operations of a bucket that anybody may read. */
const publicReads: readonly OssOperationName[] = [
  "GetObject",
  "GetObjectMeta",
  "HeadObject",
  "ListObjects",
  "ListObjectsV2",
];
/** Operations of a bucket that anybody may read and write. */
const publicWrites: readonly OssOperationName[] = [
  ...publicReads,
  "AbortMultipartUpload",
  "AppendObject",
  "CompleteMultipartUpload",
  "CopyObject",
  "DeleteMultipleObjects",
  "DeleteObject",
  "InitiateMultipartUpload",
  "ListMultipartUploads",
  "ListParts",
  "PutObject",
  "UploadPart",
  "UploadPartCopy",
];

/** What may be done without a signature, by the bucket's access rule. */
export const anonymousOperations: Readonly<Record<Acl, readonly OssOperationName[]>> = {
  private: [],
  "public-read": publicReads,
  "public-read-write": publicWrites,
};

/**
 * The operation that a request asks for.
 *
 * @throws OssError MethodNotAllowed; NotImplemented for what the real service has beyond this one
 */
export function chooseOperation(
  language: RouteLanguage,
  { bucket, key }: WireReading,
  request: RequestWords,
): { name: OssOperationName; run: OssOperation } {
  const level = bucket === null ? "service" : key === null ? "bucket" : "object";
  const { method, query, headers } = request;
  const chosen = language.selectors.filter((name) => query.has(name));
  const words = [method, ...chosen].join(" ");
  const route = language.routes[level]?.[words] ?? sharedRoutes[level]?.[words];
  if (route === undefined && chosen.length === 0) {
    throw new OssError("MethodNotAllowed", "The specified method is not allowed against this resource.", {
      details: { Method: method, ResourceType: level },
    });
  }
  const unknown = route === undefined ? chosen.join(", ") : language.unsupportedHeader?.(headers);
  if (route === undefined || unknown !== undefined) {
    throw new OssError("NotImplemented", `The local cloud does not implement ${unknown} with ${method} of a ${level}.`);
  }
  const name = refine(route, query, { copies: language.copySource in headers });
  return { name, run: operations[name] };
}

function refine(
  route: OssOperationName,
  query: ReadonlyMap<string, string>,
  { copies }: { copies: boolean },
): OssOperationName {
  if (route === "ListObjects" && query.get("list-type") === "2") return "ListObjectsV2";
  if (route === "PutObject" && copies) return "CopyObject";
  if (route === "UploadPart" && copies) return "UploadPartCopy";
  return route;
}
