import { CRC_START, crcBytes, crcEnd, crcInt32 } from "./crc32c.js";
import {
  type Intake,
  lastNumber,
  MalformedStream,
  needMore,
  openIntake,
  takeBytes,
  takeVarint,
  takeZigzag,
} from "./intake.js";
import { mark } from "./record-writer.js";

/** What becomes of the records of a stream. A record whose bytes have not all come is begun again later. */
export interface RecordHandler {
  begin(): void;
  /** Takes the value of a field from the intake. @throws MalformedStream for a column that is none */
  field(column: number, intake: Intake): void;
  /** The record is complete and its checksum right; its bytes, checksum included, are those of `data` from `from` to `to`. */
  end(record: { readonly data: Buffer; readonly from: number; readonly to: number; readonly crc: number }): void;
}

/** Reads a stream that comes in pieces. */
export interface RecordReader {
  /** Takes the next piece. @throws MalformedStream */
  feed(piece: Buffer): void;
  /** The stream is over. @returns its records @throws MalformedStream when it is not whole */
  end(): number;
  /** Complete records so far. */
  count(): number;
}

interface State {
  readonly intake: Intake;
  readonly handler: RecordHandler;
  count: number;
  total: number;
  /** Bytes behind the last complete record begin here. */
  done: number;
  phase: "records" | "metrics" | "checksum" | "over";
}

/** Makes a reader. Every checksum and the number of records are verified. */
export function openRecordReader(handler: RecordHandler): RecordReader {
  const intake = openIntake(Buffer.alloc(0));
  const state: State = { intake, handler, count: 0, total: CRC_START, done: 0, phase: "records" };
  return {
    feed(piece) {
      append(state, piece);
      readOn(state);
    },
    end() {
      if (state.phase === "over") return state.count;
      throw new MalformedStream(
        `the stream ends after ${state.count} records and without the footer that makes it whole`,
      );
    },
    count: () => state.count,
  };
}

/** What is left of the last piece goes in front. Room doubles, so that a large value is not copied once per piece. */
function append({ intake, done }: State, piece: Buffer): void {
  const left = intake.end - done;
  const needed = left + piece.length;
  if (left === 0) intake.data = piece;
  // A piece of the caller's has no room behind its end, so only a buffer of our own is written to.
  else if (done > 0 || needed > intake.data.length) {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * left));
    intake.data.copy(larger, 0, done, intake.end);
    piece.copy(larger, left);
    intake.data = larger;
  } else piece.copy(intake.data, left);
  intake.end = needed;
  intake.at = 0;
}

function readOn(state: State): void {
  const { intake } = state;
  state.done = 0;
  try {
    while (intake.at < intake.end) {
      step(state);
      state.done = intake.at;
    }
  } catch (error) {
    if (error !== needMore) throw error;
    intake.at = state.done;
  }
}

function step(state: State): void {
  const { intake, phase } = state;
  if (phase === "records") readRecord(state);
  else if (phase === "over") throw new MalformedStream("bytes follow the end of the stream");
  else {
    const tag = takeVarint(intake);
    if (tag >>> 3 === mark.checksum) readTotal(state);
    else if (phase === "metrics" && tag === METRICS) passMetrics(state);
    else throw new MalformedStream(`a field ${tag >>> 3} stands where the stream's checksum should`);
  }
}

const METRICS = (1 << 3) | 2;

function readRecord(state: State): void {
  const { intake, handler } = state;
  const from = intake.at;
  handler.begin();
  intake.crc = CRC_START;
  let column = takeVarint(intake) >>> 3;
  while (column < mark.endOfRecord) {
    intake.crc = crcInt32(intake.crc, column);
    handler.field(column, intake);
    column = takeVarint(intake) >>> 3;
  }
  if (column === mark.endOfRecord) endRecord(state, from);
  else if (column === mark.records) readCount(state, from);
  else throw new MalformedStream(`a record holds the mark ${column}`);
}

function endRecord(state: State, from: number): void {
  const { intake, handler } = state;
  const own = crcEnd(intake.crc);
  const crc = takeVarint(intake);
  if (crc !== own)
    throw new MalformedStream(`record ${state.count + 1}: its checksum is ${crc}, its values make ${own}`);
  handler.end({ data: intake.data, from, to: intake.at, crc });
  state.total = crcInt32(state.total, crc);
  state.count++;
}

function readCount(state: State, from: number): void {
  const { intake } = state;
  if (intake.crc !== CRC_START) throw new MalformedStream(`a record of ${intake.at - from} bytes has no end`);
  takeZigzag(intake);
  const claimed = lastNumber(intake);
  if (claimed !== state.count) throw new MalformedStream(`the stream says ${claimed} records and holds ${state.count}`);
  state.phase = "metrics";
}

/** Figures of the service about a download: JSON with a checksum of its own. */
function passMetrics(state: State): void {
  const { intake } = state;
  const from = takeBytes(intake);
  const own = crcEnd(crcBytes(crcInt32(CRC_START, 1), intake.data, from, intake.at));
  const end = takeVarint(intake) >>> 3;
  const crc = takeVarint(intake);
  if (end !== mark.endOfMetrics || crc !== own) throw new MalformedStream("the stream's metrics are damaged");
  state.phase = "checksum";
}

function readTotal(state: State): void {
  const total = takeVarint(state.intake);
  const own = crcEnd(state.total);
  if (total !== own) throw new MalformedStream(`the stream's checksum is ${total}, its records make ${own}`);
  state.phase = "over";
}
