import { createDeflate } from "node:zlib";
import { parseType, type WireType } from "../../../shared/connectors/odps/wire/column-type.js";
import { crcInt32 } from "../../../shared/connectors/odps/wire/crc32c.js";
import { openRecordReader, type RecordHandler } from "../../../shared/connectors/odps/wire/record-reader.js";
import {
  beginRecord,
  endRecord,
  footer,
  openRecordWriter,
  type RecordWriter,
} from "../../../shared/connectors/odps/wire/record-writer.js";
import { putField, reserve } from "../../../shared/connectors/odps/wire/sink.js";
import {
  encodings,
  passValue,
  putValue,
  takeValue,
  type WireValue,
} from "../../../shared/connectors/odps/wire/values.js";
import type { Store } from "../store/store.js";
import { OdpsError } from "./errors.js";
import { readPages } from "./pages.js";
import type { OdpsReply } from "./reply.js";
import type { ColumnRow, OdpsSegment } from "./rows.js";

/** What is to be sent. */
export interface Selection {
  readonly segments: readonly OdpsSegment[];
  readonly columns: readonly ColumnRow[];
  /** Names of columns in the order asked; null = all, in the table's order. */
  readonly names: readonly string[] | null;
  readonly start: number;
  readonly count: number;
}

/** The wire types of columns. */
export function wireTypes(columns: readonly ColumnRow[]): WireType[] {
  return columns.map(({ name, type }) => {
    const found = parseType(type);
    if (!found) throw new OdpsError("InternalServerError", `column ${name} has the type ${type}`);
    return found;
  });
}

/** Sends records as a stream of the tunnel's own. */
export function sendRecords(store: Store, selection: Selection, encodings: string): Promise<OdpsReply> {
  return streamReply(recordStream(store, selection), encodings);
}

/** An answer of bytes, compressed when the client takes `deflate`. */
export async function streamReply(stream: AsyncGenerator<Buffer>, encodings: string): Promise<OdpsReply> {
  // The first piece is made before the answer begins, so that what is wrong with the session is an answer.
  const first = await stream.next();
  const body = withFirst(first, stream);
  const headers = { "content-type": "application/octet-stream" };
  if (!/\bdeflate\b/.test(encodings)) return { status: 200, headers, body };
  return { status: 200, headers: { ...headers, "content-encoding": "deflate" }, body: deflated(body) };
}

async function* withFirst(first: IteratorResult<Buffer>, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (!first.done) yield first.value;
  yield* rest;
}

async function* deflated(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const deflate = createDeflate({ level: 1 });
  const feeding = (async () => {
    for await (const piece of body) if (!deflate.write(piece)) await new Promise((done) => deflate.once("drain", done));
    deflate.end();
  })();
  feeding.catch((error) => deflate.destroy(error as Error));
  yield* deflate;
  await feeding;
}

async function* recordStream(store: Store, selection: Selection): AsyncGenerator<Buffer> {
  const writer = openRecordWriter();
  const types = wireTypes(selection.columns);
  for await (const { data, skip, take } of readPages(store, selection.segments, selection)) {
    let at = 0;
    const copier = selection.names === null ? rawCopier(types, writer) : columnCopier(types, selection, writer);
    const isWanted = () => at >= skip && at < skip + take;
    const reader = openRecordReader({
      begin: () => copier.begin(),
      field: (column, intake) => copier.field(column, intake),
      end(record) {
        if (isWanted()) copier.end(record);
        at++;
      },
    });
    reader.feed(data);
    yield Buffer.from(writer.sink.bytes.subarray(0, writer.sink.at));
    writer.sink.at = 0;
  }
  yield footer(writer);
}

/** Records go out as they came in. */
function rawCopier(types: readonly WireType[], writer: RecordWriter): RecordHandler {
  const { sink } = writer;
  return {
    begin: () => undefined,
    field(column, intake) {
      const type = types[column - 1];
      if (type) passValue(intake, type);
    },
    end({ data, from, to, crc }) {
      reserve(sink, to - from);
      sink.at += data.copy(sink.bytes, sink.at, from, to);
      writer.total = crcInt32(writer.total, crc);
      writer.count++;
    },
  };
}

/** Some columns, numbered in the order asked. */
function columnCopier(types: readonly WireType[], selection: Selection, writer: RecordWriter): RecordHandler {
  const places = placesOf(selection);
  let values: WireValue[] = [];
  return {
    begin: () => {
      values = [];
    },
    field(column, intake) {
      const type = types[column - 1];
      if (type) values[column - 1] = takeValue(intake, type);
    },
    end() {
      beginRecord(writer);
      for (const [at, place] of places.entries()) {
        const type = types[place];
        const value = values[place] ?? null;
        if (!type || value === null) continue;
        reserve(writer.sink, 16);
        putField(writer.sink, at + 1, encodings[type.kind].wire);
        putValue(writer.sink, type, value);
      }
      endRecord(writer);
    },
  };
}

/** Positions in the table of the columns asked for. @throws OdpsError InvalidColumnSpec */
export function placesOf({ columns, names }: Selection): number[] {
  const known = columns.map(({ name }) => name);
  return (names ?? known).map((name) => {
    const at = known.indexOf(name.trim().toLowerCase());
    if (at < 0) throw new OdpsError("InvalidColumnSpec", `The table has no column ${name}`);
    return at;
  });
}
