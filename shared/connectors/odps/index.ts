import type { Connector } from "../contract.js";
import { odpsCatalog } from "./catalog.js";
import { checkMaxcompute } from "./check.js";
import type { OdpsReadParams } from "./read-params.js";
import { odpsReader } from "./reader.js";
import { type MaxcomputeSource, maxcomputeSource } from "./source.js";
import type { OdpsWriteParams } from "./write-params.js";
import { odpsWriter } from "./writer.js";

/**
 * MaxCompute (`odps`): tables and partitions, through the tunnel; results of queries where a job has a condition.
 * Not supported: views and external tables, Delta tables by key, intervals when writing, Arrow streams.
 * Source: PyODPS 0.13.2, Java SDK 0.53, MaxCompute documentation; DataX odpsreader and odpswriter documents.
 * Verified against: the local cloud's MaxCompute (conformance, end to end), which PyODPS judges. Not verified: the real service.
 */
export const odps: Connector<MaxcomputeSource, OdpsReadParams, OdpsWriteParams> = {
  name: "odps",
  title: "MaxCompute",
  source: maxcomputeSource,
  check: checkMaxcompute,
  catalog: odpsCatalog,
  reader: odpsReader,
  writer: odpsWriter,
};
