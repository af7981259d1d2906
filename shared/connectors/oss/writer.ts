import { gzipSync } from "node:zlib";
import type { Column } from "../../model/batch.js";
import { UserError } from "../../model/errors.js";
import { isJsonObject, type Json } from "../../model/json.js";
import { declaredZone } from "../../model/side-zone.js";
import type { Prepared, RunRef, Side, SplitRef, Writer, WriteSession } from "../contract.js";
import { adviceOnPatterns } from "../file/date-format.js";
import { encoderFor } from "../file/encode.js";
import { type WriteFormat, writeFormat } from "../file/write-format.js";
import { type Bucket, openBucket, type Upload } from "./client.js";
import { objectName, runPrefix } from "./names.js";
import { objectStage } from "./object-stage.js";
import { abortUploads, completeAll, completeSingle, removeOthers } from "./publish.js";
import { singleStage } from "./single-stage.js";
import type { OssSource } from "./source.js";
import type { Stage } from "./stage.js";
import { type Staged, stagedOf } from "./staged.js";
import { type WriteParams, writeKeys, writeSchema } from "./write-params.js";
import { packed, writeSession } from "./write-session.js";

type WriteSide = Side<OssSource, WriteParams>;

const MEGABYTE = 1024 * 1024;

/**
 * Writes CSV, text and JSON lines objects. Nothing is visible before `finish`; then all new objects appear, and with
 * `truncate` the old ones go away after that, so that no crash in between can lose both.
 * Source: DataX osswriter document; script-mode reference, "File writing".
 */
export const ossWriter: Writer<OssSource, WriteParams> = {
  params: writeSchema,
  keys: writeKeys,
  advice: ({ dateFormat }) => adviceOnPatterns([["dateFormat", dateFormat]]),
  template: (about) => ({
    datasource: about?.datasource ?? "my_bucket",
    object: about?.table ?? "export/orders",
    fileFormat: "csv",
    fieldDelimiter: ",",
    encoding: "UTF-8",
    writeMode: "truncate",
    header: ["id", "name"],
    suffix: ".csv",
  }),
  delivery: () => "publish",
  timeZone: async ({ source, timeZone }) => declaredZone(timeZone, source.timeZone),
  columns: async () => null,
  check: async (side, run) => {
    await look(side, run.columns);
    return [];
  },
  prepare,
  open,
  finish,
  discard,
};

async function prepare(side: WriteSide, run: RunRef): Promise<Prepared> {
  const { params } = side;
  const bucket = await look(side, run.columns);
  const state = params.writeSingleObject ? { uploadId: await bucket.startUpload(params.object, run.runId) } : {};
  return { delivery: "publish", state, notes: [] };
}

/** Changes nothing. */
async function look({ params, source, signal, timeZone }: WriteSide, columns: readonly Column[]): Promise<Bucket> {
  writeFormat(params, columns, timeZone);
  const bucket = openBucket(source, signal);
  // Appending needs no right to list.
  const taken = params.writeMode === "append" ? null : await firstTaken(bucket, params);
  if (taken !== null && params.writeMode === "nonConflict") {
    throw new UserError(
      "ALREADY_EXISTS",
      `bucket ${bucket.name} already has ${taken}; writeMode nonConflict refuses that`,
    );
  }
  return bucket;
}

/** The first object in the way, which also tells whether the bucket can be reached at all. */
async function firstTaken(bucket: Bucket, { object, writeSingleObject }: WriteParams): Promise<string | null> {
  for await (const { key } of bucket.list(object)) if (!writeSingleObject || key === object) return key;
  return null;
}

async function open(side: WriteSide, split: SplitRef): Promise<WriteSession> {
  const { params, source, signal, timeZone } = side;
  const format = writeFormat(params, split.columns, split.clock ?? timeZone);
  const encoder = encoderFor(format, split.columns);
  const bucket = openBucket(source, signal);
  const staged = stagedOf(split.progress.staged);
  const header = await packed(encoder.header(), format.gzip);
  return writeSession(split, {
    stage: stageFor(params, { bucket, split, staged, header }),
    encoder,
    gzip: format.gzip,
    tokenOf: (done) => tokenOf(params, split, done),
  });
}

interface StageContext {
  readonly bucket: Bucket;
  readonly split: SplitRef;
  readonly staged: Staged;
  readonly header: Buffer;
}

function stageFor(params: WriteParams, { bucket, split, staged, header }: StageContext): Stage {
  if (params.writeSingleObject) return singleStage({ ...split, bucket, staged, upload: sharedUpload(params, split) });
  const nameOf = (part: number) => objectName(params, split.runId, { split: split.split, part });
  return objectStage({ bucket, header, staged, nameOf, maxBytes: params.maxFileSize * MEGABYTE });
}

function tokenOf(params: WriteParams, { runId, split }: SplitRef, staged: Staged): Staged {
  const isEmpty = staged.objects.length === 0 && params.generateEmptyFile && !params.writeSingleObject;
  return isEmpty ? { ...staged, empty: objectName(params, runId, { split, part: 0 }) } : staged;
}

function sharedUpload(params: WriteParams, { prepared }: RunRef): Upload {
  const state = prepared?.state;
  const uploadId = isJsonObject(state) ? String(state.uploadId) : "";
  return { key: params.object, uploadId };
}

async function finish(side: WriteSide, run: RunRef, tokens: readonly Json[]): Promise<void> {
  const { params, source, signal } = side;
  const format = writeFormat(params, run.columns, run.clock ?? side.timeZone);
  const header = await packed(encoderFor(format, run.columns).header(), format.gzip);
  const bucket = openBucket(source, signal);
  const splits = tokens.filter((token) => token !== null).map(stagedOf);
  if (params.writeSingleObject) await finishSingle(bucket, { params, run, splits, header });
  else await finishObjects(bucket, { params, run, splits, header: emptyBody(header, format) });
}

/** An object without records; an empty gzip file is not an empty one. */
function emptyBody(header: Buffer, format: WriteFormat): Buffer {
  return header.length === 0 && format.gzip ? gzipSync(header) : header;
}

interface FinishContext {
  readonly params: WriteParams;
  readonly run: RunRef;
  readonly splits: readonly Staged[];
  readonly header: Buffer;
}

async function finishObjects(bucket: Bucket, { params, run, splits, header }: FinishContext): Promise<void> {
  const objects = splits.flatMap((split) => split.objects);
  const empties = splits.flatMap(({ empty }) => (empty === undefined ? [] : [empty]));
  await completeAll(bucket, objects);
  for (const key of empties) await bucket.put(key, header);
  const own = new Set([...objects.map(({ key }) => key), ...empties]);
  if (params.writeMode === "truncate") await removeOthers(bucket, params.object, own);
  await abortUploads(bucket, runPrefix(params, run.runId));
}

async function finishSingle(bucket: Bucket, { params, run, splits, header }: FinishContext): Promise<void> {
  const upload = sharedUpload(params, run);
  if (await completeSingle(bucket, { run: run.runId, upload, header, splits })) return;
  await bucket.abortUpload(upload);
  if (params.writeMode === "truncate") await bucket.remove([params.object]);
}

async function discard(side: WriteSide, run: RunRef): Promise<void> {
  const { params, source, signal } = side;
  const bucket = openBucket(source, signal);
  const upload = sharedUpload(params, run);
  // A run that failed before `prepare` has no upload.
  if (params.writeSingleObject && upload.uploadId !== "") await bucket.abortUpload(upload);
  if (!params.writeSingleObject) await abortUploads(bucket, runPrefix(params, run.runId));
}
