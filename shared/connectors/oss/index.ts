import type { Connector } from "../contract.js";
import { bucketStaging } from "../objects/bucket-staging.js";
import { fileCatalog } from "../objects/catalog.js";
import type { ObjectReadParams } from "../objects/read-params.js";
import { fileReader } from "../objects/reader.js";
import type { ObjectWriteParams } from "../objects/write-params.js";
import { fileWriter } from "../objects/writer.js";
import { checkOss } from "./check.js";
import { openOssBucket } from "./client.js";
import { type OssSource, ossSource } from "./source.js";

/**
 * OSS: objects as CSV, text or JSON lines; gzip. Large uncompressed UTF-8 objects are cut at record ends and read in parallel.
 * Writing stages multipart uploads and publishes them all at the end of a run.
 * Source: DataX ossreader and osswriter documents (script-mode reference, "OSS"); OSS API reference.
 * Verified against: the local cloud's OSS, with the unmodified SDK (conformance, integration). Not verified: the cloud's own OSS.
 */
export const oss: Connector<OssSource, ObjectReadParams, ObjectWriteParams> = {
  name: "oss",
  title: "Object Storage Service (OSS)",
  source: ossSource,
  check: checkOss,
  catalog: fileCatalog({ open: openOssBucket }),
  reader: fileReader({ open: openOssBucket }),
  writer: fileWriter({
    staging: (source, params, signal) => bucketStaging(openOssBucket(source, signal), params, signal),
  }),
};
