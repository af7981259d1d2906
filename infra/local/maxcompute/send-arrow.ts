import { CRC_START, crcBytes, crcEnd } from "../../../shared/connectors/odps/wire/crc32c.js";
import { openRecordReader } from "../../../shared/connectors/odps/wire/record-reader.js";
import { takeValue, type WireValue } from "../../../shared/connectors/odps/wire/values.js";
import type { Store } from "../store/store.js";
import { type Arrow, type ArrowColumn, arrowColumn, type MomentForm } from "./arrow-columns.js";
import { readPages } from "./pages.js";
import type { OdpsReply } from "./reply.js";
import { placesOf, type Selection, streamReply, wireTypes } from "./send-records.js";

/** Bytes between two checksums, a number that the stream begins with. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Sends records as Arrow: batches without the schema in front, which clients make of the session's, in chunks with checksums. Columns
 * come in the table's order, whatever the order asked. Source: PyODPS 0.13.2.
 *
 * @throws OdpsError MethodNotAllowed for types that the client has no Arrow for
 */
export async function sendArrow(
  store: Store,
  selection: Selection & { readonly form: MomentForm },
  encodings: string,
): Promise<OdpsReply> {
  const arrow = await import("apache-arrow");
  const types = wireTypes(selection.columns);
  const places = placesOf(selection).sort((a, b) => a - b);
  const columns = places.map((place) => ({ place, column: arrowColumn(arrow, typeAt(types, place), selection.form) }));
  return streamReply(chunked(batches({ store, selection, arrow, columns })), encodings);
}

function typeAt<T>(types: readonly T[], place: number): T {
  return types[place] as T; // a place that was looked up
}

interface ArrowSource {
  readonly store: Store;
  readonly selection: Selection;
  readonly arrow: Arrow;
  readonly columns: readonly { readonly place: number; readonly column: ArrowColumn }[];
}

/** Messages of the stream behind its schema, one batch for each page. */
async function* batches({ store, selection, arrow, columns }: ArrowSource): AsyncGenerator<Uint8Array> {
  const types = wireTypes(selection.columns);
  for await (const { data, skip, take } of readPages(store, selection.segments, selection)) {
    const builders = columns.map(({ column }) => arrow.makeBuilder({ type: column.type, nullValues: [null] }));
    let row: WireValue[] = [];
    let at = 0;
    const reader = openRecordReader({
      begin: () => {
        row = [];
      },
      field(number, intake) {
        row[number - 1] = takeValue(intake, typeAt(types, number - 1));
      },
      end() {
        const isWanted = at >= skip && at < skip + take;
        at++;
        if (!isWanted) return;
        for (const [i, { place, column }] of columns.entries()) {
          const value = row[place] ?? null;
          builders[i]?.append(value === null ? null : column.value(value));
        }
      },
    });
    reader.feed(data);
    yield batchOf(
      arrow,
      builders.map((builder) => builder.finish().flush()),
      take,
    );
  }
  yield END_OF_STREAM;
}

/** A continuation mark and no length. */
const END_OF_STREAM = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

type ColumnData = ReturnType<ReturnType<Arrow["makeBuilder"]>["flush"]>;

/** One batch as its message alone: the writer puts the schema before it, and the end behind. */
function batchOf(
  { Field, makeData, RecordBatch, RecordBatchStreamWriter, Schema, Struct }: Arrow,
  children: ColumnData[],
  length: number,
): Uint8Array {
  const fields = children.map(({ type }, at) => new Field(`c${at}`, type, true));
  const data = makeData({ type: new Struct(fields), length, nullCount: 0, children });
  const writer = new RecordBatchStreamWriter();
  writer.write(new RecordBatch(new Schema(fields), data));
  writer.finish();
  const whole = Buffer.from(writer.toUint8Array(true));
  const schemaBytes = 8 + whole.readInt32LE(4);
  return whole.subarray(schemaBytes, whole.length - END_OF_STREAM.length);
}

/** The length of chunks, then each with its checksum; the last one, shorter, with that of all bytes. */
async function* chunked(messages: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(CHUNK_BYTES);
  yield head;
  let left = Buffer.alloc(0);
  let total = CRC_START;
  for await (const message of messages) {
    left = Buffer.concat([left, message]);
    for (; left.length >= CHUNK_BYTES; left = left.subarray(CHUNK_BYTES)) {
      const chunk = left.subarray(0, CHUNK_BYTES);
      total = crcBytes(total, chunk, 0, chunk.length);
      yield Buffer.concat([chunk, checksum(crcBytes(CRC_START, chunk, 0, chunk.length))]);
    }
  }
  total = crcBytes(total, left, 0, left.length);
  yield Buffer.concat([left, checksum(total)]);
}

function checksum(state: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crcEnd(state));
  return bytes;
}
