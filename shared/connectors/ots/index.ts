import type { Connector } from "../contract.js";
import { otsCatalog } from "./catalog.js";
import { checkOts } from "./check.js";
import { type OtsReadParams, otsReader } from "./reader.js";
import { type OtsSource, otsSource } from "./source.js";
import { type OtsWriteParams, otsWriter } from "./writer.js";

/**
 * Tablestore (OTS), wide tables in normal mode: one row per record, the newest value of each column.
 * Splits on the first key column: at given points, else evenly by value and again where values are crowded.
 * An UpdateRow whose columns are all null only deletes: it makes no row where there was none.
 * Not supported: multiVersion mode, time-series tables, auto-increment keys.
 * Source: Tablestore documentation, "Limits", "Error codes", "GetRange", "BatchWriteRow"; DataX otsreader and otswriter
 * documents; source of the SDK tablestore 5.6.5.
 * Verified against: the local cloud's Tablestore (conformance, integration). Not verified: the service itself.
 */
export const ots: Connector<OtsSource, OtsReadParams, OtsWriteParams> = {
  name: "ots",
  title: "Tablestore",
  source: otsSource,
  check: checkOts,
  catalog: otsCatalog,
  reader: otsReader,
  writer: otsWriter,
};
