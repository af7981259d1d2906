import { checkConditions } from "./conditions.js";
import { checkObjectName } from "./names.js";
import {
  checkDigest,
  checkLength,
  crcHeader,
  eTagOf,
  headerValue,
  keptHeaders,
  objectHeaders,
  storageClassOf,
  writtenHeaders,
} from "./object-headers.js";
import { type OssOperation, objectTime, readDocument } from "./operation.js";
import { publishObject, removeObject } from "./publish.js";
import { parseRange } from "./ranges.js";
import { ossXmlReply } from "./reply.js";
import { requireBucket, requireObject } from "./rows.js";
import { children, childText, document, element, malformed, parseDocument, wrap } from "./xml.js";

/** Largest object of one request, bytes. Source: OSS product documentation, "Limits". */
export const MAX_PUT_BYTES = 5 * 1024 ** 3;
/** Most keys of one DeleteMultipleObjects. */
const MAX_DELETE_KEYS = 1000;

/** Stores an object from the body, whole or not at all. */
export const putObject: OssOperation = async (oss, call) => {
  const bucket = requireBucket(oss.context.store, call.bucket);
  checkLength(call.headers, MAX_PUT_BYTES);
  const headers = keptHeaders(call.headers);
  const storageClass = storageClassOf(call.headers["x-oss-storage-class"], bucket.storageClass);
  return oss.contents.receive(call.body, MAX_PUT_BYTES, async (received) => {
    checkDigest(call.headers, received);
    const { size, segments, crc64 } = received;
    const eTag = eTagOf(received.md5);
    const kept = { storageClass, headers, segments, crc64 };
    const row = { size, eTag, type: "Normal", modified: objectTime(oss), ...kept } as const;
    await oss.contents.change((tx) => publishObject(oss, tx, { call, row, event: "PutObject", claimed: segments }));
    const sums = { etag: `"${eTag}"`, "content-md5": received.md5.toString("base64"), ...crcHeader(row) };
    return { status: 200, headers: { ...writtenHeaders(headers), ...sums } };
  });
};

const overrides = {
  "response-cache-control": "cache-control",
  "response-content-disposition": "content-disposition",
  "response-content-encoding": "content-encoding",
  "response-content-language": "content-language",
  "response-content-type": "content-type",
  "response-expires": "expires",
} as const;

/** Gives an object or a range of it, if the conditions hold. */
export const getObject: OssOperation = (oss, call) => {
  const row = requireObject(oss.context.store, call.bucket, call.key);
  checkConditions(call.headers, row);
  const range = parseRange(call.headers.range, row.size, {
    standard: call.headers["x-oss-range-behavior"] === "standard",
  });
  const { from, to } = range ?? { from: 0, to: row.size };
  const headers: Record<string, string> = { ...objectHeaders(row), "content-length": String(to - from) };
  for (const [parameter, header] of Object.entries(overrides)) {
    const value = call.query.get(parameter);
    if (value) headers[header] = headerValue(parameter, Buffer.from(value, "utf8").toString("latin1"));
  }
  if (range) headers["content-range"] = `bytes ${from}-${to - 1}/${row.size}`;
  return { status: range ? 206 : 200, headers, body: oss.contents.read(row.segments, from, to) };
};

/** The headers of a get, without the object. */
export const headObject: OssOperation = (oss, call) => {
  const row = requireObject(oss.context.store, call.bucket, call.key);
  checkConditions(call.headers, row);
  return { status: 200, headers: { ...objectHeaders(row), "content-length": String(row.size) } };
};

/** Size, ETag and time alone. */
export const getObjectMeta: OssOperation = (oss, call) => {
  const row = requireObject(oss.context.store, call.bucket, call.key);
  const headers = {
    etag: `"${row.eTag}"`,
    "last-modified": new Date(row.modified).toUTCString(),
    "content-length": String(row.size),
    ...crcHeader(row),
  };
  return { status: 200, headers };
};

/** Removes an object; a missing one is no error. */
export const deleteObject: OssOperation = async (oss, call) => {
  await oss.contents.change((tx) => removeObject(oss, tx, { call, removal: { key: call.key, event: "DeleteObject" } }));
  return { status: 204 };
};

/** Removes up to 1,000 objects in one decision. */
export const deleteMultipleObjects: OssOperation = async (oss, call) => {
  requireBucket(oss.context.store, call.bucket);
  const text = await readDocument(call);
  const root = parseDocument(text, "Delete");
  const keys = children(root, "Object").map((one) => childText(one, "Key") ?? "");
  if (keys.length === 0 || keys.length > MAX_DELETE_KEYS) throw malformed();
  for (const key of keys) checkObjectName(key);
  await oss.contents.change((tx) => {
    for (const key of keys) removeObject(oss, tx, { call, removal: { key, event: "DeleteObjects" } });
  });
  if (childText(root, "Quiet")?.trim().toLowerCase() === "true") return { status: 200 };
  const encodes = call.query.get("encoding-type") === "url";
  const deleted = keys.map((key) => wrap("Deleted", element("Key", { text: encodes ? encodeURIComponent(key) : key })));
  return ossXmlReply(
    document("DeleteResult", ...(encodes ? [element("EncodingType", { text: "url" })] : []), ...deleted),
  );
};
