import { invalidArgument } from "./errors.js";
import { boundsInBucket, keyInBucket } from "./keys.js";
import { type Listed, type ListingScan, listObjectPage, type ObjectPage, positionAfter } from "./listing.js";
import { integerParameter, type Oss, type OssCall, type OssOperation } from "./operation.js";
import { type OssReply, ossXmlReply } from "./reply.js";
import { decodeOssRow, type ObjectRow, requireBucket } from "./rows.js";
import { document, element, wrap } from "./xml.js";

/** Lists objects, version 1: pages by marker. */
export const listObjects: OssOperation = async (oss, call) => {
  const marker = call.query.get("marker") ?? "";
  const { page, shared, encode } = await pageOf(oss, call, marker);
  return resultOf(
    ...shared,
    element("Marker", { text: encode(marker) }),
    ...(page.isTruncated && page.last ? [element("NextMarker", { text: encode(page.last.name) })] : []),
    // The SDK reads the owner of every entry of this version.
    ...page.entries.map((entry) => contents(oss, entry, { encode, withOwner: true })),
    ...commonPrefixes(page, encode),
  );
};

/** Lists objects, version 2: pages by continuation token. */
export const listObjectsV2: OssOperation = async (oss, call) => {
  const token = call.query.get("continuation-token") ?? "";
  const startAfter = call.query.get("start-after") ?? "";
  const { page, shared, encode } = await pageOf(oss, call, token === "" ? startAfter : decodeToken(token));
  const withOwner = call.query.get("fetch-owner") === "true";
  return resultOf(
    ...shared,
    ...(startAfter === "" ? [] : [element("StartAfter", { text: encode(startAfter) })]),
    ...(token === "" ? [] : [element("ContinuationToken", { text: token })]),
    ...(page.isTruncated && page.last ? [element("NextContinuationToken", { text: encodeToken(page.last.name) })] : []),
    element("KeyCount", { text: page.entries.length + page.prefixes.length }),
    ...page.entries.map((entry) => contents(oss, entry, { encode, withOwner })),
    ...commonPrefixes(page, encode),
  );
};

type Encode = (text: string) => string;

async function pageOf(oss: Oss, call: OssCall, marker: string) {
  requireBucket(oss.context.store, call.bucket);
  const prefix = call.query.get("prefix") ?? "";
  const delimiter = call.query.get("delimiter") ?? "";
  const limit = integerParameter(call, "max-keys", { fallback: 100, min: 1, max: 1000 });
  const encode = encodingOf(call);
  const page = await listObjectPage(scanObjects(oss, call.bucket), {
    prefix,
    delimiter,
    limit,
    from: positionAfter(marker, { prefix, delimiter }),
  });
  const shared = [
    element("Name", { text: call.bucket }),
    element("Prefix", { text: encode(prefix) }),
    element("MaxKeys", { text: limit }),
    element("Delimiter", { text: encode(delimiter) }),
    ...(call.query.get("encoding-type") ? [element("EncodingType", { text: "url" })] : []),
    element("IsTruncated", { text: page.isTruncated }),
  ];
  return { page, shared, encode };
}

function scanObjects(oss: Oss, bucket: string): ListingScan<ObjectRow> {
  return async function* (from) {
    for await (const [key, value] of oss.context.store.range(boundsInBucket("object", bucket, from))) {
      const sort = keyInBucket(bucket, key);
      yield { name: sort.toString("utf8"), sort, value: decodeOssRow<ObjectRow>(value) };
    }
  };
}

/** How keys are written: as they are, or percent-encoded on request. @throws OssError InvalidArgument */
export function encodingOf(call: OssCall): Encode {
  const type = call.query.get("encoding-type") ?? "";
  if (type === "") return (text) => text;
  if (type === "url") return encodeURIComponent;
  throw invalidArgument("encoding-type", type, "Invalid encoding type.");
}

function contents(oss: Oss, entry: Listed<ObjectRow>, how: { encode: Encode; withOwner: boolean }): string {
  const { value: row } = entry;
  const owner = oss.context.credentials.accountId;
  return wrap(
    "Contents",
    element("Key", { text: how.encode(entry.name) }),
    element("LastModified", { text: new Date(row.modified).toISOString() }),
    element("ETag", { text: `"${row.eTag}"` }),
    element("Type", { text: row.type }),
    element("Size", { text: row.size }),
    element("StorageClass", { text: row.storageClass }),
    ...(how.withOwner ? [wrap("Owner", element("ID", { text: owner }), element("DisplayName", { text: owner }))] : []),
  );
}

function commonPrefixes(page: ObjectPage<unknown>, encode: Encode): string[] {
  return page.prefixes.map((prefix) => wrap("CommonPrefixes", element("Prefix", { text: encode(prefix) })));
}

function resultOf(...inner: readonly string[]): OssReply {
  return ossXmlReply(document("ListBucketResult", ...inner));
}

function encodeToken(name: string): string {
  return Buffer.from(name).toString("base64");
}

function decodeToken(token: string): string {
  const name = Buffer.from(token, "base64").toString("utf8");
  if (encodeToken(name) === token) return name;
  throw invalidArgument("continuation-token", token, "The continuation token is not valid.");
}
