import { z } from "zod";
import type { Batch, Column } from "../../model/batch.js";
import { UserError } from "../../model/errors.js";
import type { Json } from "../../model/json.js";
import { declaredZone } from "../../model/side-zone.js";
import type { Reader, Side, SplitPlan } from "../contract.js";
import { decoded, isSeekable, skipBytes } from "../file/decode.js";
import { type FirstNames, namesOfFirstRecord } from "../file/first-record.js";
import { allColumns, listedColumns, type ReadColumns } from "../file/outputs.js";
import { lastBatch, type PieceStart, readPiece } from "../file/read-file.js";
import {
  adviceOnColumns,
  type FileColumn,
  fileReadKeys,
  fileReadShape,
  type ReadFormat,
  readFormat,
} from "../file/read-format.js";
import { flag, textList } from "../file/scalars.js";
import { startScan } from "../file/scan.js";
import { partsOrIssues } from "../sql/step-fields.js";
import { type Bucket, type ObjectInfo, openBucket } from "./client.js";
import { findObjects } from "./objects.js";
import type { Piece } from "./pieces.js";
import { readRange } from "./read-range.js";
import type { OssSource } from "./source.js";
import { type OssSpec, splitObjects } from "./split.js";

const schema = z
  .object({
    ...fileReadShape,
    object: textList,
    successOnNoObject: flag.default(false),
    enableInnerSplit: flag.default(true),
  })
  .superRefine((params, context) => {
    partsOrIssues(context, { format: () => readFormat(params) });
  });

/** Parameters of the OSS reader. */
export type ReadParams = z.infer<typeof schema>;

type ReadSide = Side<OssSource, ReadParams>;

/** Reads CSV, text and JSON lines objects. Source: DataX ossreader document; script-mode reference, "File reading". */
export const ossReader: Reader<OssSource, ReadParams> = {
  params: schema,
  keys: ["datasource", "object", ...fileReadKeys, "successOnNoObject", "enableInnerSplit", "balanceThreshold"],
  width: ({ column }) => (column.some((entry) => entry === "*") ? null : column.length),
  advice: adviceOnColumns,
  template: (about) => ({
    datasource: about?.datasource ?? "my_bucket",
    object: [about?.table ?? "landing/orders_*.csv"],
    fileFormat: "csv",
    fieldDelimiter: ",",
    encoding: "UTF-8",
    skipHeader: true,
    column: [
      { index: 0, type: "long" },
      { index: 1, type: "string" },
      { index: 2, type: "date", format: "yyyy-MM-dd HH:mm:ss" },
    ],
  }),
  timeZone: async ({ source, timeZone }) => declaredZone(timeZone, source.timeZone),
  columns: readColumns,
  isOpen,
  split,
  read,
};

async function readColumns(side: ReadSide): Promise<readonly Column[]> {
  const format = readFormat(side.params);
  const listed = columnsOf(side, format, null);
  if (listed) return columnNames(listed);
  return columnNames(allColumns((await findNames(side)).names));
}

async function isOpen(side: ReadSide): Promise<boolean> {
  const isListed = columnsOf(side, readFormat(side.params), null) !== null;
  return !isListed && !(await findNames(side)).hasRecord;
}

async function findNames(side: ReadSide): Promise<FirstNames> {
  const bucket = openBucket(side.source, side.signal);
  const objects = await findObjects(bucket, side.params.object, side.params.successOnNoObject);
  return namesIn(bucket, objects, side);
}

async function split(side: ReadSide, advice: number): Promise<SplitPlan> {
  const { params, source, signal } = side;
  const format = readFormat(params);
  const bucket = openBucket(source, signal);
  const objects = await findObjects(bucket, params.object, params.successOnNoObject);
  const names = columnsOf(side, format, null) ? null : (await namesIn(bucket, objects, side)).names;
  return splitObjects(bucket, objects, { format, enabled: params.enableInnerSplit, signal, advice, names });
}

/** A position in a split: piece, offset in its decoded text, line number. */
interface Position {
  readonly piece: number;
  readonly offset: number;
  readonly line: number | null;
}

async function* read(side: ReadSide, spec: Json, from: Json): AsyncIterable<Batch> {
  const { pieces, names } = spec as unknown as OssSpec; // made by our own split
  const format = readFormat(side.params);
  const columns = columnsOf(side, format, names);
  if (!columns)
    throw new UserError("CONFIG_INVALID", "the split was made for another list of columns", { path: "column" });
  const bucket = openBucket(side.source, side.signal);
  const scan = startScan(format, columns.outputs, columns);
  const resumed = from as unknown as Position | null; // made below
  let at: Json = from;
  for (const [i, piece] of pieces.entries()) {
    if (resumed && i < resumed.piece) continue;
    const start = resumed?.piece === i ? { ...resumed, object: piece.key } : startOf(piece);
    const bytes = bytesOf(bucket, piece, { format, start, signal: side.signal });
    const checkpoint = (offset: number, line: number | null): Json => ({ piece: i, offset, line });
    yield* readPiece(scan, start, { bytes, checkpoint });
    at = checkpoint(scan.offset, scan.line);
  }
  const last = lastBatch(scan, at);
  if (last) yield last;
}

function startOf({ key, start, line }: Piece): PieceStart {
  return { object: key, offset: start, line };
}

interface From {
  readonly format: ReadFormat;
  readonly start: PieceStart;
  readonly signal: AbortSignal;
}

/** The decoded text of a piece from a position on. Inside a compressed object nobody can jump: what comes before is read and dropped. */
function bytesOf(bucket: Bucket, piece: Piece, { format, start, signal }: From): AsyncIterable<Buffer> {
  if (isSeekable(format)) return readRange(bucket, { ...piece, start: start.offset }, signal);
  const text = decoded(readRange(bucket, piece, signal), format, piece.key);
  return start.offset > 0 ? skipBytes(text, start.offset) : text;
}

/** The job's columns; null when it reads all cells and `names` does not say how many there are. */
function columnsOf(
  { params, timeZone }: ReadSide,
  format: ReadFormat,
  names: readonly string[] | null,
): ReadColumns | null {
  const [first] = params.column;
  if (first !== "*") return listedColumns(params.column as readonly FileColumn[], format, timeZone);
  return names ? allColumns(names) : null;
}

function columnNames({ outputs }: ReadColumns): Column[] {
  return outputs.map(({ column }) => column);
}

/** Of the first object that has a record; of the first with a header where none has. */
async function namesIn(bucket: Bucket, objects: readonly ObjectInfo[], side: ReadSide): Promise<FirstNames> {
  const format = readFormat(side.params);
  let supposed: FirstNames = { names: [], hasRecord: false };
  for (const object of objects) {
    if (object.size === 0) continue;
    const bytes = readRange(bucket, { ...object, start: 0, end: object.size }, side.signal);
    const found = await namesOfFirstRecord(decoded(bytes, format, object.key), format);
    if (found.hasRecord) return found;
    if (supposed.names.length === 0) supposed = found;
  }
  return supposed;
}
