import type { Connector } from "../contract.js";
import { ossCatalog } from "./catalog.js";
import { checkOss } from "./check.js";
import { ossReader, type ReadParams } from "./reader.js";
import { type OssSource, ossSource } from "./source.js";
import type { WriteParams } from "./write-params.js";
import { ossWriter } from "./writer.js";

/**
 * OSS: objects as CSV, text or JSON lines; gzip. Large uncompressed UTF-8 objects are cut at record ends and read in parallel.
 * Writing stages multipart uploads and publishes them all at the end of a run.
 * Source: DataX ossreader and osswriter documents (script-mode reference, "OSS"); OSS API reference.
 * Verified against: the local cloud's OSS, with the unmodified SDK (conformance, integration). Not verified: the cloud's own OSS.
 */
export const oss: Connector<OssSource, ReadParams, WriteParams> = {
  name: "oss",
  title: "Object Storage Service (OSS)",
  source: ossSource,
  check: checkOss,
  catalog: ossCatalog,
  reader: ossReader,
  writer: ossWriter,
};
