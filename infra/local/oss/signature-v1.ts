import { createHmac } from "node:crypto";
import { headerText, type WireReading, type WireRequest } from "./wire-request.js";

/** Query parameters that version 1 signs as part of the resource. Source: OSS API reference, "Include a signature in the header". */
const subResources = new Set(
  (
    "acl append asyncFetch bucketInfo callback callback-var cname comp continuation-token cors delete encryption endTime img inventory " +
    "inventoryId lifecycle live location logging objectMeta partNumber policy position qos qosInfo referer replication replicationLocation " +
    "replicationProgress requestPayment response-cache-control response-content-disposition response-content-encoding " +
    "response-content-language response-content-type response-expires restore security-token sequential startTime stat status style " +
    "styleName symlink tagging transferAcceleration uploadId uploads versionId versioning versions vod website worm wormExtend wormId " +
    "x-oss-ac-forward-allow x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-enable-md5 x-oss-enable-sha1 " +
    "x-oss-enable-sha256 x-oss-hash-ctx x-oss-md5-ctx x-oss-process x-oss-request-payer x-oss-traffic-limit"
  ).split(" "),
);

/**
 * The text that a version 1 signature covers, for one reading of the request.
 *
 * @param date the date header, or the expiry in Unix seconds of a signed URL
 */
export function stringToSignV1(request: WireRequest, reading: WireReading, date: string): string {
  const { headers } = request;
  const ossHeaders = Object.keys(headers)
    .filter((name) => name.startsWith("x-oss-"))
    .sort()
    .map((name) => `${name}:${headerText(headers[name] ?? "").trim()}`);
  return [
    request.method,
    headers["content-md5"] ?? "",
    headerText(headers["content-type"] ?? ""),
    date,
    ...ossHeaders,
    resourceOf(request, reading),
  ].join("\n");
}

/** HMAC-SHA1 in base64, as version 1 wants it. */
export function signV1(secret: string, stringToSign: string): string {
  return createHmac("sha1", secret).update(stringToSign, "utf8").digest("base64");
}

function resourceOf(request: WireRequest, { bucket, key }: WireReading): string {
  const path = bucket === null ? "/" : `/${bucket}/${key ?? ""}`;
  const signed = request.query
    .filter(({ name }) => subResources.has(name))
    .map(({ name, value }) => ({ name, text: value === "" ? name : `${name}=${value}` }))
    .sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
  return signed.length === 0 ? path : `${path}?${signed.map(({ text }) => text).join("&")}`;
}
