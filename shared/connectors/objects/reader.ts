import type { Batch } from "../../model/batch.js";
import type { Json, JsonObject } from "../../model/json.js";
import { declaredZone } from "../../model/side-zone.js";
import type { Reader, Side, SplitPlan } from "../contract.js";
import type { FileReading, FirstColumns } from "../file/format/format.js";
import { formatOf } from "../file/format/formats.js";
import { adviceOnColumns } from "../file/read-shape.js";
import type { FileStore, ObjectInfo } from "./bucket.js";
import { fileOf } from "./file-of.js";
import type { FileOrigin, ZonedSource } from "./file-origin.js";
import { findObjects } from "./find-objects.js";
import { type ObjectReadParams, objectReadSchema } from "./read-params.js";
import { type ObjectsSpec, splitObjects } from "./split.js";

type ReadSide = Side<unknown, ObjectReadParams>;

/** Reads CSV, text and JSON lines files. Source: DataX ossreader document; script-mode reference, "File reading". */
export function fileReader<S extends ZonedSource>({ open }: FileOrigin<S>): Reader<S, ObjectReadParams> {
  const storeOf = ({ source, signal }: Side<S, ObjectReadParams>) => open(source, signal);
  return {
    ...facts,
    timeZone: async ({ source, timeZone }) => declaredZone(timeZone, source.timeZone),
    async columns(side) {
      const reading = readingOf(side);
      return reading.columns(null) ?? reading.columns((await lookAround(storeOf(side), side)).columns) ?? [];
    },
    isOpen: async (side) =>
      readingOf(side).columns(null) === null && !(await lookAround(storeOf(side), side)).hasRecord,
    split: (side, advice) => split(storeOf(side), side, advice),
    read: (side, spec, from) => read(storeOf(side), side, { spec, from }),
  };
}

/** What does not depend on the system. */
const facts = {
  params: objectReadSchema,
  width: ({ column }: ObjectReadParams) => (column.some((entry) => entry === "*") ? null : column.length),
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

function readingOf({ params, timeZone }: ReadSide): FileReading {
  return formatOf(params.fileFormat).reading(params, timeZone);
}

async function lookAround(store: FileStore, side: ReadSide): Promise<FirstColumns> {
  const objects = await findObjects(store, side.params.object, { mayBeEmpty: side.params.successOnNoObject });
  return columnsIn(store, objects, side);
}

async function split(store: FileStore, side: ReadSide, advice: number): Promise<SplitPlan> {
  const { params, signal } = side;
  const reading = readingOf(side);
  const objects = await findObjects(store, params.object, { mayBeEmpty: params.successOnNoObject });
  const found = reading.columns(null) ? null : (await columnsIn(store, objects, side)).columns;
  return splitObjects(store, objects, { reading, enabled: params.enableInnerSplit, signal, advice, found });
}

/** A position in a split: the piece, and where in it, as the format tells it. */
type Position = JsonObject & { readonly piece: number };

async function* read(
  store: FileStore,
  side: ReadSide,
  { spec, from }: { spec: Json; from: Json },
): AsyncIterable<Batch> {
  const { pieces, found } = spec as unknown as ObjectsSpec; // made by our own split
  const records = readingOf(side).start(found);
  const resumed = from as Position | null; // made below
  for (const [i, piece] of pieces.entries()) {
    if (resumed && i < resumed.piece) continue;
    const file = fileOf(store, { ...piece, size: piece.end }, side.signal);
    const checkpoint = (at: JsonObject): Position => ({ ...at, piece: i });
    yield* records.read(file, piece, { from: resumed?.piece === i ? resumed : null, checkpoint });
  }
  const last = records.rest();
  if (last) yield last;
}

/** Of the first object that has a record; of the first that tells any columns where none has. */
async function columnsIn(store: FileStore, objects: readonly ObjectInfo[], side: ReadSide): Promise<FirstColumns> {
  const reading = readingOf(side);
  let supposed: FirstColumns = { columns: [], hasRecord: false };
  for (const object of objects) {
    if (object.size === 0) continue;
    const found = await reading.lookAt(fileOf(store, object, side.signal));
    if (found.hasRecord) return found;
    if (supposed.columns.length === 0) supposed = found;
  }
  return supposed;
}
