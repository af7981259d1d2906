import { z } from "zod";
import { type Batch, batchOf, type Cell, type Column, type DirtyRecord, payloadBytes } from "../../model/batch.js";
import type { Json } from "../../model/json.js";
import { declaredZone } from "../../model/side-zone.js";
import type { Reader, Side, SplitPlan } from "../contract.js";
import { dataSource, idle } from "../params/fields.js";
import { param } from "../params/note.js";
import { connectOts, otsWorkStopped } from "./client.js";
import { fromSdkKey, type Key, keyPartSchema, showKey } from "./key.js";
import { modeFields } from "./mode.js";
import { getPage, type OtsPage, type OtsTable } from "./page.js";
import { cutRange, rangeSchema, resolveRange } from "./range.js";
import {
  columnNames,
  outputColumns,
  readColumnFields,
  readColumnSchema,
  rowConverter,
  typesFound,
  untypedNames,
} from "./read-columns.js";
import type { OtsSource } from "./source.js";
import { findSplitPoints } from "./split.js";
import { describeOtsTable, type OtsTableShape } from "./table.js";
import { otsTableName } from "./table-name.js";
import { otsReaderTemplate } from "./template.js";

const paramsSchema = z.object({
  datasource: dataSource(),
  table: otsTableName,
  column: param(z.array(readColumnSchema).min(1), {
    help: "The columns to read, in order, by name; or constants.",
    type: "objects",
    inside: readColumnFields,
  }),
  range: param(rangeSchema.default({ begin: [], end: [], split: [] }), {
    help: "The rows to read, by primary key; without it all.",
  }),
  ...modeFields,
  timeRange: idle("it goes with a mode that is not supported"),
  maxVersion: idle("it goes with a mode that is not supported"),
  measurementName: idle("it goes with time-series tables, which are not supported"),
});

/** Parameters as parsed; parsing them again changes nothing. */
export type OtsReadParams = z.infer<typeof paramsSchema>;

/** All that a shard needs, so that it need not ask for the table again: table operations are limited to 10 a second. */
const specSchema = z.object({
  begin: z.array(keyPartSchema),
  end: z.array(keyPartSchema),
  isBackward: z.boolean(),
  keys: z.array(z.object({ name: z.string(), type: z.enum(["INT", "STRING", "BINARY"]) })),
  columns: z.array(z.object({ name: z.string(), type: z.enum(["long", "double", "string", "date", "bool", "bytes"]) })),
});

/** Where to go on: the key of the first row that is not yet written; `null` after the last. */
const checkpointSchema = z.object({ next: z.array(keyPartSchema).nullable() });

type OtsReadSide = Side<OtsSource, OtsReadParams>;

const BATCH_BYTES = 512 * 1024;
/** Rows whose values tell the types of columns that nobody declared. */
const SAMPLE_ROWS = 100;

/** Reads a table in normal mode: ranges of its primary key, in either direction. */
export const otsReader: Reader<OtsSource, OtsReadParams> = {
  params: paramsSchema,
  width: ({ column }) => column.length,
  template: otsReaderTemplate,
  timeZone: async ({ source, timeZone }) => declaredZone(timeZone, source.timeZone),
  columns: (side) => withTable(side, async (table, shape) => columnsOf(side, table, shape)),
  split: (side, advice) => withTable(side, (table, shape) => split(side, { table, shape, advice })),
  read,
};

async function withTable<T>(side: OtsReadSide, use: (table: OtsTable, shape: OtsTableShape) => Promise<T>): Promise<T> {
  const client = connectOts(side.source, side.signal);
  try {
    const shape = await describeOtsTable(client, side.params.table, side.signal);
    return await use({ client, name: side.params.table, keys: shape.keys, signal: side.signal }, shape);
  } finally {
    client.close();
  }
}

async function columnsOf({ params }: OtsReadSide, table: OtsTable, shape: OtsTableShape): Promise<readonly Column[]> {
  const untyped = untypedNames(params.column, shape);
  if (untyped.length === 0) return outputColumns(params.column, shape, new Map());
  const { range } = resolveRange(params.range, shape.keys);
  const page = await getPage(table, range, { columnsToGet: namesToGet(untyped, table), limit: SAMPLE_ROWS });
  return outputColumns(params.column, shape, typesFound(untyped, page.rows));
}

async function split(
  side: OtsReadSide,
  { table, shape, advice }: { table: OtsTable; shape: OtsTableShape; advice: number },
): Promise<SplitPlan> {
  const columns = await columnsOf(side, table, shape);
  const { range, points } = resolveRange(side.params.range, shape.keys);
  const cuts = points.length > 0 ? points : await findSplitPoints(table, range, advice);
  const splits = cutRange(range, cuts, shape.keys).map((piece) => ({
    spec: { ...piece, keys: shape.keys.map(({ name, type }) => ({ name, type })), columns: columns.map(plainColumn) },
    describe: `${table.name}: from ${showKey(piece.begin, shape.keys)} to ${showKey(piece.end, shape.keys)}`,
  }));
  return { splits, warnings: warningsOf(untypedNames(side.params.column, shape)) };
}

function warningsOf(untyped: readonly string[]): string[] {
  if (untyped.length === 0) return [];
  return [
    `types of ${untyped.join(", ")} are taken from the first ${SAMPLE_ROWS} rows; name a type in column to be sure`,
  ];
}

async function* read(side: OtsReadSide, spec: Json, from: Json): AsyncIterable<Batch> {
  const { keys, columns, ...range } = specSchema.parse(spec);
  const { params, signal } = side;
  const client = connectOts(side.source, signal);
  const table: OtsTable = { client, name: params.table, keys, signal };
  const options = { timeZone: side.timeZone ?? undefined };
  const convert = rowConverter(params.column, columns, { shape: { keys }, options: definedOnly(options) });
  const columnsToGet = namesToGet(columnNames(params.column), table);
  let start: Key | null = from === null ? range.begin : checkpointSchema.parse(from).next;
  try {
    while (start) {
      const page = await getPage(table, { ...range, begin: start }, { columnsToGet });
      start = page.next;
      for (const part of batchesOf(page, convert)) {
        // A page is many batches.
        if (signal.aborted) throw otsWorkStopped(signal, `Tablestore instance ${side.source.instanceName}`);
        yield batchOf(part.records, { columns, checkpoint: { next: part.next }, dirty: part.dirty }, part.bytes);
      }
    }
  } finally {
    client.close();
  }
}

/** With a key column among them, rows are sent that have none of the other columns. */
function namesToGet(names: readonly string[], table: OtsTable): string[] {
  return [...new Set([...names, ...table.keys.slice(0, 1).map(({ name }) => name)])];
}

interface Part {
  readonly records: Cell[][];
  readonly dirty: DirtyRecord[];
  bytes: number;
  /** Key of the row after this part. */
  next: Key | null;
}

/** Cuts a page, which may hold 4 MB, into batches; each resumes at the row after its own last. */
function* batchesOf({ rows, next }: OtsPage, convert: ReturnType<typeof rowConverter>): Generator<Part> {
  let part = emptyPart(next);
  for (const [index, row] of rows.entries()) {
    const made = convert(row);
    if ("dirty" in made) part.dirty.push(made.dirty);
    else {
      part.records.push(made.record);
      part.bytes += payloadBytes([made.record]);
    }
    const following = rows[index + 1];
    if (part.bytes < BATCH_BYTES || !following) continue;
    yield { ...part, next: fromSdkKey(following.primaryKey ?? []) };
    part = emptyPart(next);
  }
  if (part.records.length + part.dirty.length > 0) yield part;
}

function emptyPart(next: Key | null): Part {
  return { records: [], dirty: [], bytes: 0, next };
}

function plainColumn({ name, type }: Column) {
  return { name, type };
}

function definedOnly({ timeZone }: { timeZone: string | undefined }) {
  return timeZone === undefined ? {} : { timeZone };
}
