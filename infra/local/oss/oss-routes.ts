import type { RouteLanguage } from "./routes.js";

/** How OSS is asked. Source: OSS API reference. */
export const ossRoutes: RouteLanguage = {
  routes: {
    bucket: {
      "PUT acl": "PutBucketAcl",
      "GET acl": "GetBucketAcl",
      "GET bucketInfo": "GetBucketInfo",
      "GET stat": "GetBucketStat",
    },
    object: {
      "HEAD objectMeta": "GetObjectMeta",
      "GET objectMeta": "GetObjectMeta",
      "POST append": "AppendObject",
    },
  },
  selectors: (
    "acl append asyncFetch bucketInfo callback cname comp cors delete encryption inventory lifecycle live location logging objectMeta policy qos " +
    "referer replication requestPayment resourceGroup restore select stat status symlink tagging transferAcceleration uploadId uploads versionId " +
    "versioning versions vod website worm x-oss-process"
  ).split(" "),
  copySource: "x-oss-copy-source",
  unsupportedHeader(headers) {
    if (headers["x-oss-object-acl"]?.startsWith("public")) return "x-oss-object-acl";
    return ["x-oss-callback", "x-oss-symlink-target", "x-oss-tagging"].find((name) => name in headers);
  },
};
