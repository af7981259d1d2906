import OSS from "ali-oss";
import type { LocalCredentials } from "../local/service.js";

/** A client of the local OSS; no bucket chosen. */
export function localOss(endpoint: string, { accessKeyId, accessKeySecret }: LocalCredentials): OSS {
  // Path style: the local OSS has no host name per bucket. `sldEnable` is missing from the SDK's declarations.
  const options = { endpoint, accessKeyId, accessKeySecret, sldEnable: true };
  return new OSS(options as OSS.Options);
}
