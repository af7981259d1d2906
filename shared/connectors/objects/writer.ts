import { gzipSync } from "node:zlib";
import type { Column } from "../../model/batch.js";
import { UserError } from "../../model/errors.js";
import { declaredZone } from "../../model/side-zone.js";
import type { RunRef, Side, SplitRef, Writer } from "../contract.js";
import { adviceOnPatterns } from "../file/date-format.js";
import { encoderFor } from "../file/encode.js";
import { writeFormat } from "../file/write-format.js";
import type { Staging } from "./staging.js";
import { type WriteParams, writeSchema } from "./write-params.js";
import { packed, writeSession } from "./write-session.js";

/** What of a data source this room minds. */
export interface ZonedSource {
  readonly timeZone?: string | undefined;
}

/** What a system brings so that files are written to it. */
export interface FileTarget<S> {
  /** Nothing is sent before the first call. */
  staging(source: S, params: WriteParams, signal: AbortSignal): Staging;
}

/**
 * Writes CSV, text and JSON lines files. Nothing is visible before `finish`; then all new files appear, and with
 * `truncate` the old ones go away after that, so that no crash in between can lose both.
 * Source: DataX osswriter document; script-mode reference, "File writing".
 */
export function fileWriter<S extends ZonedSource>({ staging }: FileTarget<S>): Writer<S, WriteParams> {
  const stagingOf = ({ source, params, signal }: Side<S, WriteParams>) => staging(source, params, signal);
  /** Changes nothing. */
  const look = async (side: Side<S, WriteParams>, columns: readonly Column[]): Promise<Staging> => {
    const { params, timeZone } = side;
    writeFormat(params, columns, timeZone);
    const place = stagingOf(side);
    // Appending needs no right to list.
    const taken = params.writeMode === "append" ? null : await place.firstTaken();
    if (taken === null || params.writeMode !== "nonConflict") return place;
    throw new UserError("ALREADY_EXISTS", `there is ${taken} already; writeMode nonConflict refuses that`);
  };
  return {
    ...facts,
    timeZone: async ({ source, timeZone }) => declaredZone(timeZone, source.timeZone),
    check: async (side, run) => {
      await look(side, run.columns);
      return [];
    },
    prepare: async (side, run) => {
      const state = await (await look(side, run.columns)).begin(run);
      return { delivery: "publish", state, notes: [] };
    },
    async open(side, split) {
      const { encoder, format, header } = await encoding(side, split);
      const stage = await stagingOf(side).stage(split, header);
      return writeSession(split, { stage, encoder, gzip: format.gzip });
    },
    async finish(side, run, tokens) {
      const { format, header } = await encoding(side, run);
      // An empty gzip file is not an empty one.
      const emptyFile = header.length === 0 && format.gzip ? gzipSync(header) : header;
      await stagingOf(side).publish(run, { tokens, header, emptyFile });
    },
    discard: (side, run) => stagingOf(side).discard(run),
  };
}

/** What does not depend on the system. */
const facts = {
  params: writeSchema,
  advice: ({ dateFormat }: WriteParams) => adviceOnPatterns([["dateFormat", dateFormat ?? undefined]]),
  template: (about?: { datasource: string; table: string | null }) => ({
    datasource: about?.datasource ?? "my_bucket",
    object: about?.table ?? "export/orders",
    fileFormat: "csv",
    fieldDelimiter: ",",
    encoding: "UTF-8",
    writeMode: "truncate",
    header: ["id", "name"],
    suffix: ".csv",
  }),
  delivery: () => "publish" as const,
  columns: async () => null,
};

async function encoding<S>({ params, timeZone }: Side<S, WriteParams>, run: RunRef | SplitRef) {
  const format = writeFormat(params, run.columns, run.clock ?? timeZone);
  const encoder = encoderFor(format, run.columns);
  return { format, encoder, header: await packed(encoder.header(), format) };
}
