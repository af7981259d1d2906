import { cutEnd } from "../../../model/cut-end.js";
import type { Zone } from "../../../model/zones.js";
import type { WireType } from "../wire/column-type.js";
import type { Moment, WireValue } from "../wire/values.js";
import { civilOf } from "./date-text.js";

/** Cells of a batch in the making: canonical text end to end. */
export interface CellOutput {
  data: Buffer;
  at: number;
}

/** Makes room for so many more bytes. */
export function room(output: CellOutput, more: number): void {
  const needed = output.at + more;
  if (needed <= output.data.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.ceil(output.data.length * 1.5)));
  output.data.copy(larger, 0, 0, output.at);
  output.data = larger;
}

/** A clock that shows UTC. */
export const utc: Zone = () => 0;

/** Adds text. */
export function putText(output: CellOutput, text: string): null {
  room(output, text.length * 3);
  output.at += output.data.write(text, output.at);
  return null;
}

/** As JavaScript prints it; a zero keeps its sign. */
export function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** The shortest text that means this FLOAT. */
export function odpsFloatText(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return numberText(Number(text));
  }
  return numberText(Number.isFinite(value) ? Number(value.toPrecision(9)) : value);
}

/** A moment and the clock that is to show it. */
export interface ZonedMoment {
  /** Epoch seconds, rounded down. */
  readonly second: number;
  readonly nanos: number;
  readonly zone: Zone;
}

const DAY_S = 86_400;

/** Adds a date and a time of day. @returns why not; null = added */
export function putMomentText(output: CellOutput, { second, nanos, zone }: ZonedMoment): string | null {
  const local = second + zone(second * 1000) / 1000;
  const days = Math.floor(local / DAY_S);
  const refused = putDay(output, days);
  if (refused !== null) return refused;
  room(output, 24);
  const { data } = output;
  const ofDay = local - days * DAY_S;
  data[output.at++] = 0x20;
  putTwo(output, Math.floor(ofDay / 3600));
  data[output.at++] = 0x3a;
  putTwo(output, Math.floor(ofDay / 60) % 60);
  data[output.at++] = 0x3a;
  putTwo(output, Math.floor(ofDay % 60));
  if (nanos > 0) output.at += data.write(`.${fractionOf(nanos)}`, output.at);
  return null;
}

/** Adds a day, by its distance from 1970-01-01. @returns why not; null = added */
export function putDay(output: CellOutput, days: number): string | null {
  const { year, month, day } = civilOf(days);
  if (!(year >= 1 && year <= 9999)) return `a date ${days} days from 1970 is not within the years 1 to 9999`;
  room(output, 24);
  putTwo(output, Math.floor(year / 100));
  putTwo(output, year % 100);
  output.data[output.at++] = 0x2d;
  putTwo(output, month);
  output.data[output.at++] = 0x2d;
  putTwo(output, day);
  return null;
}

function putTwo(output: CellOutput, value: number): void {
  const tens = Math.floor(value / 10);
  output.data[output.at++] = 48 + tens;
  output.data[output.at++] = 48 + (value - tens * 10);
}

/** Canonical text of a moment or a day, by itself. */
export function dateText(value: WireValue, type: WireType, zone: Zone): string {
  const output: CellOutput = { data: Buffer.alloc(64), at: 0 };
  if (type.kind === "date") putDay(output, Number(value));
  else if (type.kind === "datetime") {
    const second = Math.floor(Number(value) / 1000);
    putMomentText(output, { second, nanos: (Number(value) - second * 1000) * 1_000_000, zone });
  } else {
    const { seconds, nanos } = value as { seconds: bigint; nanos: number }; // a moment, by its type
    putMomentText(output, { second: Number(seconds), nanos, zone: type.kind === "timestamp" ? zone : utc });
  }
  return output.data.toString("latin1", 0, output.at);
}

/** An interval of days, in seconds. */
export function secondsText({ seconds, nanos }: Moment): string {
  return nanos === 0 ? String(seconds) : `${seconds}.${fractionOf(nanos)}`;
}

function fractionOf(nanos: number): string {
  return cutEnd(String(nanos).padStart(9, "0"), /0/);
}
