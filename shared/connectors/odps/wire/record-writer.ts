import { CRC_START, crcEnd, crcInt32 } from "./crc32c.js";
import { openSink, putTag, putVarint, putZigzag, reserve, type Sink } from "./sink.js";

/** Numbers of the stream's own marks, in place of a column's (PyODPS and the Java SDK, the same). */
export const mark = {
  endOfRecord: 33_553_408,
  records: 33_554_430,
  checksum: 33_554_431,
  endOfMetrics: 33_554_176,
  endOfSchema: 33_553_920,
} as const;

/** Room that a mark and a varint take at most. */
const MARK_ROOM = 16;

/** Writes records one after the other; fields go into `sink` directly. */
export interface RecordWriter {
  readonly sink: Sink;
  /** Complete records so far. */
  count: number;
  /** Running checksum of the records' checksums. */
  total: number;
  /** Where the record at hand begins. */
  start: number;
}

/** A stream without records. */
export function openRecordWriter(bytes?: number): RecordWriter {
  return { sink: openSink(bytes), count: 0, total: CRC_START, start: 0 };
}

/** Begins a record. */
export function beginRecord(writer: RecordWriter): void {
  writer.start = writer.sink.at;
  writer.sink.crc = CRC_START;
}

/** Takes back the record at hand. */
export function dropRecord({ sink, start }: RecordWriter): void {
  sink.at = start;
}

/** Ends a record. */
export function endRecord(writer: RecordWriter): void {
  const { sink } = writer;
  reserve(sink, MARK_ROOM);
  const crc = crcEnd(sink.crc);
  putTag(sink, mark.endOfRecord, 0);
  putVarint(sink, crc);
  writer.total = crcInt32(writer.total, crc);
  writer.count++;
}

/** What ends a stream of `count` records. */
export function footer({ count, total }: Pick<RecordWriter, "count" | "total">): Buffer {
  const sink = openSink(2 * MARK_ROOM);
  putTag(sink, mark.records, 0);
  putZigzag(sink, count | 0, 0);
  putTag(sink, mark.checksum, 0);
  putVarint(sink, crcEnd(total));
  return sink.bytes.subarray(0, sink.at);
}

/** Makes the writer empty again for the next stream. What `sink.bytes` held is written over. */
export function clearRecords(writer: RecordWriter): void {
  writer.sink.at = 0;
  writer.count = 0;
  writer.total = CRC_START;
}
