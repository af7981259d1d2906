import {
  type Batch,
  batchOf,
  type Cell,
  type Column,
  type DataRecord,
  type DirtyRecord,
  type PackedRows,
  packedBatch,
} from "./batch.js";
import { isFixedZone } from "./side-zone.js";
import { instantOf, type Zone, zoneOf } from "./zones.js";

/** Moves a date from the clock of one zone to that of another; null = the text is no date with a day, or no clock ever showed it. */
export type ClockShift = (text: string) => string | null;

const DATE = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(?::(\d\d)(\.\d+)?)?)?$/;
/** Servers keep these for "no date at all" and for the ends of time: they are nobody's moment, and are the same on every clock. */
const TIMELESS = /^(?:0000-00-00|-?infinity$)/;

/**
 * Makes the shift between two zones. A reading of the hour that comes twice is taken for the later one.
 *
 * @param from  offset or IANA name, as `to`; both known to `zoneOf`
 */
export function clockShift(from: string, to: string): ClockShift {
  const [source, target] = [knownZone(from), knownZone(to)];
  return (text) => {
    if (TIMELESS.test(text)) return text;
    const [, day = "", minute = "00:00", second = "00", fraction = ""] = DATE.exec(text) ?? [];
    const local = Date.parse(`${day}T${minute}:${second}Z`);
    if (Number.isNaN(local)) return null;
    const instant = instantOf(local, source);
    if (instant + source(instant) !== local) return null;
    return `${textOf(instant + target(instant))}${fraction}`;
  };
}

function knownZone(name: string): Zone {
  return zoneOf(name) ?? (() => 0);
}

function textOf(ms: number): string {
  return new Date(ms).toISOString().replace("T", " ").slice(0, 19);
}

/** The columns of a batch that are to show another clock, by position. */
export type ClockShifts = ReadonlyMap<number, { readonly from: string; readonly to: string }>;

/** The batch on other clocks; records with a date that does not exist on its clock, or is none, are dirty. */
export function onOtherClocks(batch: Batch, shifts: ClockShifts): Batch {
  if (shifts.size === 0) return batch;
  const packed = batch.packed && movedPacked(batch.packed, batch.columns, shifts);
  if (packed) return packedBatch(packed, batch);
  const moves = [...shifts].map(([at, { from, to }]) => ({ at, from, shift: clockShift(from, to) }));
  const rows: DataRecord[] = [];
  const dirty: DirtyRecord[] = [];
  for (const row of batch.rows) {
    const cells: Cell[] = [...row];
    const wrong = moves.find(({ at, shift }) => {
      const cell = row[at] ?? null;
      const moved = cell === null ? null : shift(cell.toString());
      cells[at] = moved;
      return cell !== null && moved === null;
    });
    if (wrong) dirty.push(offClock(row, batch, wrong));
    else rows.push(cells);
  }
  const { columns, checkpoint } = batch;
  return batchOf(rows, { columns, checkpoint, dirty: [...batch.dirty, ...dirty] }, batch.bytes);
}

/** Characters up to the minute, which is all that a change between two offsets touches. */
const MINUTE_BYTES = 16;
const MINUTE_MS = 60_000;

/** Without making a string of other cells: between two offsets a date keeps its length. Null = some cell needs a closer look. */
function movedPacked(packed: PackedRows, columns: readonly Column[], shifts: ClockShifts): PackedRows | null {
  const moves = columns.map(({ type }, at) => {
    const shift = shifts.get(at);
    if (!shift) return null;
    const isPlain = type === "date" && isFixedZone(shift.from) && isFixedZone(shift.to);
    return isPlain ? rememberingMove(knownZone(shift.to)(0) - knownZone(shift.from)(0)) : undefined;
  });
  if (moves.includes(undefined)) return null;
  const { lengths } = packed;
  const data = Buffer.from(packed.data);
  let at = 0;
  for (let i = 0, c = 0; i < lengths.length; i++, c = c + 1 === moves.length ? 0 : c + 1) {
    const length = lengths[i] ?? -1;
    if (length < 0) continue;
    const move = moves[c];
    if (move && !(length >= MINUTE_BYTES && move(data, at))) return null;
    at += length;
  }
  return { data, lengths };
}

/** Rows that follow one another often share their minute. */
function rememberingMove(byMs: number): (data: Buffer, at: number) => boolean {
  let last = "";
  let moved = Buffer.alloc(0);
  return (data, at) => {
    const text = data.toString("latin1", at, at + MINUTE_BYTES);
    if (TIMELESS.test(text)) return true;
    if (text !== last) {
      const ms = DATE.test(text) ? Date.parse(`${text.replace(" ", "T")}Z`) : Number.NaN;
      if (Number.isNaN(ms) || byMs % MINUTE_MS !== 0) return false;
      moved = Buffer.from(textOf(ms + byMs).slice(0, MINUTE_BYTES), "latin1");
      last = text;
    }
    moved.copy(data, at);
    return true;
  };
}

function offClock(
  cells: DataRecord,
  { columns }: Batch,
  { at, from }: { readonly at: number; readonly from: string },
): DirtyRecord {
  const message = `"${cells[at]}" is no date and time that clocks of ${from} show`;
  return { side: "writer", reason: "CONVERSION", message, column: columns[at]?.name ?? "", cells };
}

/** Shows columns with a clock of their own on that of a zone, for writers that do not mind clocks. */
export async function* onClockOf(batches: AsyncIterable<Batch>, zone: string): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    const own = batch.columns.flatMap(({ clock }, at) =>
      clock === undefined ? [] : [[at, { from: clock, to: zone }] as const],
    );
    yield onOtherClocks(batch, new Map(own));
  }
}
