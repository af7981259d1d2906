import { invalidArgument, OssError } from "./errors.js";
import { bucketKey, ossKeyBoundsOf } from "./keys.js";
import { storageClassOf } from "./object-headers.js";
import { integerParameter, type Oss, type OssOperation, objectTime, readDocument } from "./operation.js";
import { ossXmlReply } from "./reply.js";
import { type Acl, type BucketRow, decodeOssRow, encodeOssRow, findBucket, requireBucket } from "./rows.js";
import { childText, document, element, parseDocument, wrap } from "./xml.js";

const acls: readonly Acl[] = ["private", "public-read", "public-read-write"];

/** Creates a bucket. Its owner may repeat that: the access rule changes, another storage class is refused. */
export const putBucket: OssOperation = async (oss, call) => {
  const text = await readDocument(call);
  const wanted = text.trim() === "" ? "" : parseDocument(text, "CreateBucketConfiguration");
  const storageClass = childText(wanted, "StorageClass");
  const redundancy = childText(wanted, "DataRedundancyType");
  const acl = aclOf(call.headers["x-oss-acl"]);
  await oss.context.store.write((tx) => {
    const old =
      findBucket(tx, call.bucket) ??
      newBucket(oss, { storageClass: storageClassOf(storageClass, "Standard"), redundancy });
    if (storageClass !== undefined && storageClass !== old.storageClass) {
      throw new OssError("BucketAlreadyExists", "Cannot modify existing bucket's storage class.", {
        details: { BucketName: call.bucket },
      });
    }
    tx.put(bucketKey(call.bucket), encodeOssRow({ ...old, acl: acl ?? old.acl }));
  });
  return { status: 200, headers: { location: `/${call.bucket}` } };
};

/** Removes an empty bucket. @throws OssError NoSuchBucket, BucketNotEmpty (objects or unfinished uploads) */
export const deleteBucket: OssOperation = async (oss, call) => {
  await oss.context.store.write((tx) => {
    const row = requireBucket(tx, call.bucket);
    if (row.objects > 0 || row.uploads > 0) {
      throw new OssError("BucketNotEmpty", "The bucket you tried to delete is not empty.", {
        details: { BucketName: call.bucket },
      });
    }
    tx.del(bucketKey(call.bucket));
  });
  return { status: 204 };
};

/** Changes who may use a bucket without a signature; as in the real service it creates a bucket that does not exist. */
export const putBucketAcl: OssOperation = async (oss, call) => {
  const acl = aclOf(call.headers["x-oss-acl"]);
  if (acl === undefined) throw new OssError("MissingArgument", "The x-oss-acl header is missing.");
  await oss.context.store.write((tx) => {
    const old = findBucket(tx, call.bucket) ?? newBucket(oss, { storageClass: "Standard", redundancy: undefined });
    tx.put(bucketKey(call.bucket), encodeOssRow({ ...old, acl }));
  });
  return { status: 200, headers: { location: `/${call.bucket}` } };
};

/** Who may use a bucket without a signature. */
export const getBucketAcl: OssOperation = (oss, call) => {
  const { acl } = requireBucket(oss.context.store, call.bucket);
  return ossXmlReply(
    document("AccessControlPolicy", owner(oss), wrap("AccessControlList", element("Grant", { text: acl }))),
  );
};

/** Facts about a bucket. */
export const getBucketInfo: OssOperation = (oss, call) => {
  const row = requireBucket(oss.context.store, call.bucket);
  const location = locationOf(oss);
  return ossXmlReply(
    document(
      "BucketInfo",
      wrap(
        "Bucket",
        element("Name", { text: call.bucket }),
        element("CreationDate", { text: new Date(row.created).toISOString() }),
        element("Location", { text: location }),
        element("ExtranetEndpoint", { text: `${location}.aliyuncs.com` }),
        element("IntranetEndpoint", { text: `${location}-internal.aliyuncs.com` }),
        element("StorageClass", { text: row.storageClass }),
        element("DataRedundancyType", { text: row.redundancy }),
        owner(oss),
        wrap("AccessControlList", element("Grant", { text: row.acl })),
      ),
    ),
  );
};

/** Where a bucket lies, such as `oss-cn-hangzhou`. */
export const getBucketLocation: OssOperation = (oss, call) => {
  requireBucket(oss.context.store, call.bucket);
  return ossXmlReply(document("LocationConstraint", locationOf(oss)));
};

/** What a bucket holds. */
export const getBucketStat: OssOperation = (oss, call) => {
  const row = requireBucket(oss.context.store, call.bucket);
  return ossXmlReply(
    document(
      "BucketStat",
      element("Storage", { text: row.bytes }),
      element("ObjectCount", { text: row.objects }),
      element("MultipartUploadCount", { text: row.uploads }),
    ),
  );
};

/** Lists the account's buckets by name. */
export const listBuckets: OssOperation = async (oss, call) => {
  const prefix = call.query.get("prefix") ?? "";
  const marker = call.query.get("marker") ?? "";
  const limit = integerParameter(call, "max-keys", { fallback: 100, min: 1, max: 1000 });
  const found: { name: string; row: BucketRow }[] = [];
  for await (const [key, value] of oss.context.store.range(
    ossKeyBoundsOf("bucket", Buffer.from(marker > prefix ? marker : prefix)),
  )) {
    const name = key.toString("utf8", 2);
    if (!name.startsWith(prefix) || found.length > limit) break;
    if (name !== marker) found.push({ name, row: decodeOssRow<BucketRow>(value) });
  }
  const page = found.slice(0, limit);
  const isTruncated = found.length > limit;
  return ossXmlReply(
    document(
      "ListAllMyBucketsResult",
      element("Prefix", { text: prefix }),
      element("Marker", { text: marker }),
      element("MaxKeys", { text: limit }),
      element("IsTruncated", { text: isTruncated }),
      ...(isTruncated ? [element("NextMarker", { text: page.at(-1)?.name ?? "" })] : []),
      owner(oss),
      wrap("Buckets", ...page.map((one) => listedBucket(oss, one))),
    ),
  );
};

function newBucket(
  oss: Oss,
  { storageClass, redundancy }: { storageClass: string; redundancy: string | undefined },
): BucketRow {
  const created = objectTime(oss);
  return { created, acl: "private", storageClass, redundancy: redundancy ?? "LRS", objects: 0, bytes: 0, uploads: 0 };
}

function listedBucket(oss: Oss, { name, row }: { name: string; row: BucketRow }): string {
  const location = locationOf(oss);
  return wrap(
    "Bucket",
    element("Name", { text: name }),
    element("CreationDate", { text: new Date(row.created).toISOString() }),
    element("Location", { text: location }),
    element("Region", { text: location.slice("oss-".length) }),
    element("ExtranetEndpoint", { text: `${location}.aliyuncs.com` }),
    element("IntranetEndpoint", { text: `${location}-internal.aliyuncs.com` }),
    element("StorageClass", { text: row.storageClass }),
  );
}

function owner(oss: Oss): string {
  const { accountId } = oss.context.credentials;
  return wrap("Owner", element("ID", { text: accountId }), element("DisplayName", { text: accountId }));
}

function locationOf(oss: Oss): string {
  return `oss-${oss.context.region.replace(/^oss-/, "")}`;
}

function aclOf(text: string | undefined): Acl | undefined {
  const acl = acls.find((one) => one === text);
  if (text === undefined || acl !== undefined) return acl;
  throw invalidArgument("x-oss-acl", text, "The access rule must be private, public-read or public-read-write.");
}
