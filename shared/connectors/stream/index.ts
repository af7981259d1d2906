import type { Connector } from "../contract.js";
import { type StreamReadParams, streamReader } from "./reader.js";
import { type StreamSource, streamSource } from "./source.js";
import { type StreamWriteParams, streamWriter } from "./writer.js";

/**
 * Stream: a reader that invents records and a writer that prints them or throws them away, for tests and demonstrations.
 * Each split makes `sliceRecordCount` records, so a run makes as many as it has shards times that.
 * Source: DataX streamreader and streamwriter documents (script-mode reference, "Stream").
 * Verified by: unit tests, conformance.
 *
 * This folder is the one to copy for a new system. One with a server also has a `client.ts` (connect, and the
 * driver's errors mapped in one place) and a `check`, as in `connectors/ots`.
 */
export const stream: Connector<StreamSource, StreamReadParams, StreamWriteParams> = {
  name: "stream",
  title: "Stream (generated records, printed records)",
  source: streamSource,
  reader: streamReader,
  writer: streamWriter,
};
