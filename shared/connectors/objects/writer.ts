import { batchOf, type Column } from "../../model/batch.js";
import { UserError } from "../../model/errors.js";
import type { RecordJudge } from "../../model/record-judge.js";
import { declaredZone } from "../../model/side-zone.js";
import type { RunRef, Side, Writer } from "../contract.js";
import type { FileWriting } from "../file/format/format.js";
import { formatOf } from "../file/format/formats.js";
import { isGzip } from "../file/read-shape.js";
import { adviceOnPatterns } from "../params/date-format.js";
import { frameOf } from "./file-frame.js";
import type { ZonedSource } from "./file-origin.js";
import type { Staging } from "./staging.js";
import { type ObjectWriteParams, objectWriteSchema } from "./write-params.js";
import { objectWriteSession } from "./write-session.js";

/** What a system brings so that files are written to it. */
export interface FileTarget<S> {
  /** Nothing is sent before the first call. */
  staging(source: S, params: ObjectWriteParams, signal: AbortSignal): Staging;
}

/**
 * Writes CSV, text and JSON lines files. Nothing is visible before `finish`; then all new files appear, and with
 * `truncate` the old ones go away after that, so that no crash in between can lose both.
 * Source: DataX osswriter document; script-mode reference, "File writing".
 */
export function fileWriter<S extends ZonedSource>({ staging }: FileTarget<S>): Writer<S, ObjectWriteParams> {
  const stagingOf = ({ source, params, signal }: Side<S, ObjectWriteParams>) => staging(source, params, signal);
  /** Changes nothing. */
  const inspectPlace = async (side: Side<S, ObjectWriteParams>, columns: readonly Column[]): Promise<Staging> => {
    const { params } = side;
    await frameOf(writingOf(side, { columns }), params);
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
      await inspectPlace(side, run.columns);
      return [];
    },
    judge: async (side, run) => judgeFileRecords(writingOf(side, run), side.params),
    prepare: async (side, run) => {
      const state = await (await inspectPlace(side, run.columns)).begin(run);
      return { delivery: "publish", state, notes: [] };
    },
    async open(side, split) {
      const writing = writingOf(side, split);
      return objectWriteSession(
        split,
        writing,
        await stagingOf(side).stage(split, await frameOf(writing, side.params)),
      );
    },
    async finish(side, run, tokens) {
      const writing = writingOf(side, run);
      const [{ header }, emptyFile] = [await frameOf(writing, side.params), await writing.emptyFile()];
      await stagingOf(side).publish(run, { tokens, header, emptyFile });
    },
    discard: (side, run) => stagingOf(side).discard(run),
  };
}

/** What does not depend on the system. */
const facts = {
  params: objectWriteSchema,
  advice: ({ dateFormat }: ObjectWriteParams) => adviceOnPatterns([["dateFormat", dateFormat ?? undefined]]),
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

/** Judges records by the lines that they become; these are shown where they are plain text. */
function judgeFileRecords(writing: FileWriting, { compress, encoding }: ObjectWriteParams): RecordJudge {
  const isPlain = !isGzip(compress) && /^utf-?8$/i.test(encoding ?? "UTF-8");
  return {
    ...{ columns: [], unwrittenKeys: [] },
    async judge(record, columns) {
      const { bytes, dirty } = await writing.add(batchOf([record], { columns, checkpoint: null, dirty: [] }));
      if (dirty[0]) return { kind: "dirty", dirty: dirty[0] };
      return { kind: "taken", cells: record, ...(isPlain && { text: bytes.toString("utf8") }) };
    },
  };
}

function writingOf<S>(
  { params, timeZone }: Side<S, ObjectWriteParams>,
  run: Pick<RunRef, "columns" | "clock">,
): FileWriting {
  return formatOf(params.fileFormat).writing(params, { columns: run.columns, timeZone: run.clock ?? timeZone });
}
