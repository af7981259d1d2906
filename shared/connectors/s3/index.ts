import type { Connector } from "../contract.js";
import { bucketStaging } from "../objects/bucket-staging.js";
import { fileCatalog } from "../objects/catalog.js";
import type { ObjectReadParams } from "../objects/read-params.js";
import { fileReader } from "../objects/reader.js";
import type { ObjectWriteParams } from "../objects/write-params.js";
import { fileWriter } from "../objects/writer.js";
import { checkS3 } from "./check.js";
import { openS3Bucket } from "./client.js";
import { type S3Source, s3Source } from "./source.js";

/**
 * S3 and stores that speak as it does: objects as CSV, text or JSON lines; gzip. Reads, stages and publishes as the connector of OSS.
 * Source: Amazon S3 API reference; DataWorks' S3 Reader and Writer (script-mode reference, "S3").
 * Verified against: the local cloud's S3, with the unmodified SDK (conformance, e2e); versitygw 1.8, by the same tests with
 * SLUICE_TEST_S3_URL. Not verified: Amazon's own S3, MinIO, Ceph.
 */
export const s3: Connector<S3Source, ObjectReadParams, ObjectWriteParams> = {
  name: "s3",
  title: "S3 and compatible object stores",
  source: s3Source,
  check: checkS3,
  catalog: fileCatalog({ open: openS3Bucket }),
  reader: fileReader({ open: openS3Bucket }),
  writer: fileWriter({
    staging: (source, params, signal) => bucketStaging(openS3Bucket(source, signal), params, signal),
  }),
};
