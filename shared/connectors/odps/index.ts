import type { Connector } from "../contract.js";
import { checkMaxcompute } from "./check.js";
import { type MaxcomputeSource, maxcomputeSource } from "./source.js";

/**
 * MaxCompute (`odps`): data source and connectivity test by one signed call.
 * Source: behaviour of the public PyODPS client; DataWorks data source properties.
 * Verified against: a small server of the tests that checks the signature. Not verified: the real service.
 */
export const odps: Connector<MaxcomputeSource> = {
  name: "odps",
  title: "MaxCompute",
  source: maxcomputeSource,
  check: checkMaxcompute,
};
