import type { Batch, Column } from "../../model/batch.js";
import { UserError } from "../../model/errors.js";
import type { Json } from "../../model/json.js";
import { declaredZone } from "../../model/side-zone.js";
import type { Reader, Side, SplitPlan } from "../contract.js";
import { decoded, isSeekable, skipBytes } from "../file/decode.js";
import { type FirstNames, namesOfFirstRecord } from "../file/first-record.js";
import { allColumns, listedColumns, type ReadColumns } from "../file/outputs.js";
import { lastBatch, type PieceStart, readPiece } from "../file/read-file.js";
import { adviceOnColumns, type FileColumn, type ReadFormat, readFormat } from "../file/read-format.js";
import { startScan } from "../file/scan.js";
import type { FileStore, ObjectInfo } from "./bucket.js";
import { findObjects } from "./find-objects.js";
import type { Piece } from "./pieces.js";
import { type ReadParams, readSchema } from "./read-params.js";
import { readRange } from "./read-range.js";
import { type ObjectsSpec, splitObjects } from "./split.js";
import type { ZonedSource } from "./writer.js";

/** How a store is called; absent = as a run does. */
export interface OpenOptions {
  readonly attempts?: number;
  readonly timeoutMs?: number;
}

/** What a system brings so that files are read from it. */
export interface FileOrigin<S> {
  /** Nothing is sent before the first call. */
  open(source: S, signal: AbortSignal, options?: OpenOptions): FileStore;
}

type ReadSide = Side<unknown, ReadParams>;

/** Reads CSV, text and JSON lines files. Source: DataX ossreader document; script-mode reference, "File reading". */
export function fileReader<S extends ZonedSource>({ open }: FileOrigin<S>): Reader<S, ReadParams> {
  const storeOf = ({ source, signal }: Side<S, ReadParams>) => open(source, signal);
  return {
    ...facts,
    timeZone: async ({ source, timeZone }) => declaredZone(timeZone, source.timeZone),
    async columns(side) {
      const listed = columnsOf(side, readFormat(side.params), null);
      if (listed) return columnNames(listed);
      return columnNames(allColumns((await findNames(storeOf(side), side)).names));
    },
    async isOpen(side) {
      const isListed = columnsOf(side, readFormat(side.params), null) !== null;
      return !isListed && !(await findNames(storeOf(side), side)).hasRecord;
    },
    split: (side, advice) => split(storeOf(side), side, advice),
    read: (side, spec, from) => read(storeOf(side), side, { spec, from }),
  };
}

/** What does not depend on the system. */
const facts = {
  params: readSchema,
  width: ({ column }: ReadParams) => (column.some((entry) => entry === "*") ? null : column.length),
  advice: adviceOnColumns,
  template: (about?: { datasource: string; table: string | null }) => ({
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
};

async function findNames(store: FileStore, side: ReadSide): Promise<FirstNames> {
  const objects = await findObjects(store, side.params.object, side.params.successOnNoObject);
  return namesIn(store, objects, side);
}

async function split(store: FileStore, side: ReadSide, advice: number): Promise<SplitPlan> {
  const { params, signal } = side;
  const format = readFormat(params);
  const objects = await findObjects(store, params.object, params.successOnNoObject);
  const names = columnsOf(side, format, null) ? null : (await namesIn(store, objects, side)).names;
  return splitObjects(store, objects, { format, enabled: params.enableInnerSplit, signal, advice, names });
}

/** A position in a split: piece, offset in its decoded text, line number. */
interface Position {
  readonly piece: number;
  readonly offset: number;
  readonly line: number | null;
}

async function* read(
  store: FileStore,
  side: ReadSide,
  { spec, from }: { spec: Json; from: Json },
): AsyncIterable<Batch> {
  const { pieces, names } = spec as unknown as ObjectsSpec; // made by our own split
  const format = readFormat(side.params);
  const columns = columnsOf(side, format, names);
  if (!columns)
    throw new UserError("CONFIG_INVALID", "the split was made for another list of columns", { path: "column" });
  const scan = startScan(format, columns.outputs, columns);
  const resumed = from as unknown as Position | null; // made below
  let at: Json = from;
  for (const [i, piece] of pieces.entries()) {
    if (resumed && i < resumed.piece) continue;
    const start = resumed?.piece === i ? { ...resumed, object: piece.key } : startOf(piece);
    const bytes = bytesOf(store, piece, { format, start, signal: side.signal });
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
function bytesOf(store: FileStore, piece: Piece, { format, start, signal }: From): AsyncIterable<Buffer> {
  if (isSeekable(format)) return readRange(store, { ...piece, start: start.offset }, signal);
  const text = decoded(readRange(store, piece, signal), format, piece.key);
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
async function namesIn(store: FileStore, objects: readonly ObjectInfo[], side: ReadSide): Promise<FirstNames> {
  const format = readFormat(side.params);
  let supposed: FirstNames = { names: [], hasRecord: false };
  for (const object of objects) {
    if (object.size === 0) continue;
    const bytes = readRange(store, { ...object, start: 0, end: object.size }, side.signal);
    const found = await namesOfFirstRecord(decoded(bytes, format, object.key), format);
    if (found.hasRecord) return found;
    if (supposed.names.length === 0) supposed = found;
  }
  return supposed;
}
