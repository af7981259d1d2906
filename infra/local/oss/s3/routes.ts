import type { RouteLanguage } from "../routes.js";

/** How S3 is asked. Source: Amazon S3 API reference. */
export const s3Routes: RouteLanguage = {
  routes: { bucket: { HEAD: "GetBucketInfo" } },
  selectors: (
    "accelerate acl analytics attributes cors delete encryption intelligent-tiering inventory legal-hold lifecycle location logging metrics " +
    "notification object-lock ownershipControls policy policyStatus publicAccessBlock replication requestPayment restore retention select " +
    "tagging torrent uploadId uploads versionId versioning versions website"
  ).split(" "),
  copySource: "x-amz-copy-source",
};
