import { type Batch, batchOf, type DirtyRecord, packedBatch } from "../../model/batch.js";
import type { Zone } from "../../model/zones.js";
import { type CellReader, cellReader } from "./cells/cell-reader.js";
import { type CellOutput, room } from "./cells/output.js";
import type { OdpsOutput } from "./read-columns.js";
import type { OdpsReadSpec } from "./split.js";
import { parseType } from "./wire/column-type.js";
import { type Intake, MalformedStream } from "./wire/intake.js";
import type { RecordHandler } from "./wire/record-reader.js";

/** Packs records of a stream into batches: no value is made of a cell. */
export interface BatchMaker {
  readonly handler: RecordHandler;
  /** Columns that are asked for, in the session's order; null = all there are. */
  readonly asked: readonly string[] | null;
  isFull(): boolean;
  /** The records so far; null = none. @param next  number of the record behind them */
  take(next: number): Batch | null;
  /** Forgets records that were not taken. */
  reset(): void;
}

const BATCH_BYTES = 512 * 1024;
const BATCH_CELLS = 200_000;

/** What a batch is made with. */
export interface MakeSetting {
  readonly zone: Zone;
  readonly emptyAsNull: boolean;
}

/** A column of the stream. */
interface StreamColumn {
  readonly name: string;
  readonly read: CellReader;
  readonly isText: boolean;
}

interface State {
  readonly outputs: readonly OdpsOutput[];
  readonly width: number;
  /** The output column's place in the stream; -1 = none: a constant. */
  readonly places: readonly number[];
  readonly constants: readonly (Buffer | null)[];
  /** The record at hand: cells of the stream's columns, where they begin and how long they are. */
  readonly record: CellOutput;
  readonly starts: Int32Array;
  readonly sizes: Int32Array;
  fault: string | null;
  faultAt: number;
  output: CellOutput;
  lengths: Int32Array;
  cells: number;
  dirty: DirtyRecord[];
}

/** Makes a maker for one split. */
export function batchMaker(spec: OdpsReadSpec, outputs: readonly OdpsOutput[], setting: MakeSetting): BatchMaker {
  const wanted = new Set(outputs.flatMap(({ origin }) => (origin.kind === "constant" ? [] : [origin.name])));
  const needed = spec.columns.filter(({ name }) => wanted.has(name));
  // A record without a column would be no record: then the first one is asked for.
  const asked = needed.length > 0 ? needed : spec.columns.slice(0, 1);
  const columns = asked.map((column) => streamColumn(column, setting.zone));
  const state = startState(spec, outputs, columns);
  return {
    asked: asked.length === spec.columns.length ? null : asked.map(({ name }) => name),
    handler: handlerOf(state, columns, setting),
    isFull: () => state.output.at >= BATCH_BYTES || state.cells >= BATCH_CELLS,
    take: (next) => takeBatch(state, next),
    reset: () => clear(state),
  };
}

function streamColumn({ name, type: text }: OdpsReadSpec["columns"][number], zone: Zone): StreamColumn {
  const type = parseType(text);
  if (!type) throw new MalformedStream(`column ${name} has the type ${text}, which is not known`);
  return { name, read: cellReader(type, zone), isText: ["string", "varchar", "char"].includes(type.kind) };
}

function startState(spec: OdpsReadSpec, outputs: readonly OdpsOutput[], columns: readonly StreamColumn[]): State {
  const partition = new Map(spec.partition);
  return {
    ...{ outputs, width: outputs.length },
    places: outputs.map(({ origin }) =>
      origin.kind === "constant" ? -1 : columns.findIndex(({ name }) => name === origin.name),
    ),
    constants: outputs.map(({ origin }) => {
      const text =
        origin.kind === "constant" ? origin.value : origin.kind === "key" ? (partition.get(origin.name) ?? null) : null;
      return text === null ? null : Buffer.from(text);
    }),
    record: { data: Buffer.allocUnsafeSlow(4096), at: 0 },
    starts: new Int32Array(columns.length),
    sizes: new Int32Array(columns.length),
    ...{ fault: null, faultAt: -1 },
    output: { data: Buffer.allocUnsafeSlow(BATCH_BYTES + BATCH_BYTES / 4), at: 0 },
    lengths: new Int32Array(1 << 14),
    ...{ cells: 0, dirty: [] },
  };
}

function handlerOf(state: State, columns: readonly StreamColumn[], { emptyAsNull }: MakeSetting): RecordHandler {
  const { record, starts, sizes } = state;
  return {
    begin() {
      record.at = 0;
      sizes.fill(-1);
      state.fault = null;
    },
    field(number: number, intake: Intake) {
      const at = number - 1;
      const column = columns[at];
      if (!column) throw new MalformedStream(`column ${number} of ${columns.length}`);
      const from = record.at;
      starts[at] = from;
      const fault = column.read(intake, record);
      sizes[at] = emptyAsNull && column.isText && record.at === from ? -1 : record.at - from;
      if (fault === null) return;
      state.fault ??= fault;
      state.faultAt = at;
    },
    end: () => addRecord(state, columns),
  };
}

function addRecord(state: State, columns: readonly StreamColumn[]): void {
  if (state.fault !== null) {
    state.dirty.push(dirtyRecord(state, columns));
    return;
  }
  const { width, places, constants, record, starts, sizes, output } = state;
  reserveCells(state);
  for (let i = 0; i < width; i++) {
    const place = places[i] as number; // one per output
    if (place < 0) putConstant(state, constants[i] ?? null);
    else {
      const size = sizes[place] as number; // one per column
      state.lengths[state.cells++] = size;
      if (size > 0) {
        const from = starts[place] as number; // one per column
        room(output, size);
        output.at += record.data.copy(output.data, output.at, from, from + size);
      }
    }
  }
}

function reserveCells(state: State): void {
  if (state.cells + state.width <= state.lengths.length) return;
  const larger = new Int32Array(Math.max(state.lengths.length * 2, state.cells + state.width));
  larger.set(state.lengths);
  state.lengths = larger;
}

function putConstant(state: State, bytes: Buffer | null): void {
  state.lengths[state.cells++] = bytes?.length ?? -1;
  if (!bytes) return;
  room(state.output, bytes.length);
  state.output.at += bytes.copy(state.output.data, state.output.at);
}

function dirtyRecord(
  { outputs, places, record, starts, sizes, fault, faultAt }: State,
  columns: readonly StreamColumn[],
): DirtyRecord {
  const cells = outputs.map((_, i) => {
    const place = places[i] ?? -1;
    const size = sizes[place] ?? -1;
    const start = starts[place] ?? 0;
    return size < 0 ? null : record.data.toString("utf8", start, start + size);
  });
  const column = columns[faultAt]?.name;
  return { side: "reader", reason: "CONVERSION", message: fault ?? "", ...(column !== undefined && { column }), cells };
}

function takeBatch(state: State, next: number): Batch | null {
  const { outputs, output, lengths, cells, dirty } = state;
  if (cells === 0 && dirty.length === 0) return null;
  const columns = outputs.map(({ column }) => column);
  const packed = { data: output.data.subarray(0, output.at), lengths: lengths.subarray(0, cells) };
  const origin = { columns, checkpoint: next, dirty };
  const batch = cells === 0 ? batchOf([], origin) : packedBatch(packed, origin);
  state.output = { data: Buffer.allocUnsafeSlow(BATCH_BYTES + BATCH_BYTES / 4), at: 0 };
  state.lengths = new Int32Array(Math.max(1 << 10, cells + state.width));
  clear(state);
  return batch;
}

function clear(state: State): void {
  state.output.at = 0;
  state.cells = 0;
  state.dirty = [];
}
