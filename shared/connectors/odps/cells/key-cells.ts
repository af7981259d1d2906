import type { Column } from "../../../model/batch.js";
import { clockShift } from "../../../model/clock.js";
import { convertCell } from "../../../model/convert.js";
import { UserError } from "../../../model/errors.js";
import type { KeyFormat } from "../key-format.js";
import type { CellRefusal, EncodeSetting } from "./cell-encoder.js";

/** The value of a partition's key, from the text of a cell; or why it has none. */
export type PartitionKeyReader = (text: string) => string | CellRefusal;

/** Values of partitions have limits of their own: their names are paths. */
const MOST_KEY_BYTES = 255;

/**
 * Makes the reader of a key. Dates show the clock of the reader's zone, as they do in columns of text.
 *
 * @param format  null = the text as it is
 * @throws UserError CONFIG_INVALID for a format of what is no date
 */
export function partitionKeyReader(
  { name, source, format }: { name: string; source: Column; format: KeyFormat | null },
  { clock }: Pick<EncodeSetting, "clock">,
): PartitionKeyReader {
  const shifted = onClock(source, clock);
  const formatted = format === null ? null : formatter(source, format, clock);
  const read = (text: string) => nameable(name, formatted ? formatted(shifted(text)) : shifted(text));
  // Records of one partition mostly come together.
  let last: { readonly text: string; readonly value: string | CellRefusal } | null = null;
  return (text) => {
    if (last?.text !== text) last = { text, value: read(text) };
    return last.value;
  };
}

function nameable(name: string, value: string | CellRefusal): string | CellRefusal {
  if (typeof value !== "string") return value;
  const isOdd = Buffer.byteLength(value) > MOST_KEY_BYTES || /[/,='"\\]|\p{Cc}/u.test(value);
  if (!isOdd) return value;
  return { reason: "CONVERSION", message: `"${value.slice(0, 60)}" cannot name a partition of ${name}` };
}

function onClock({ type, clock }: Column, target: string): (text: string) => string {
  if (type !== "date" || clock === undefined || clock === target) return (text) => text;
  const shift = clockShift(clock, target);
  return (text) => shift(text) ?? text;
}

function formatter({ name, type }: Column, format: KeyFormat, timeZone: string): PartitionKeyReader {
  if (type !== "date" && type !== "string") {
    const message = `partitionColumnMapping: ${format.name} gets ${name}, which is ${type}; only dates and text have a format: leave it out`;
    throw new UserError("CONFIG_INVALID", message, { path: "partitionColumnMapping" });
  }
  const { srcDateFormat, dateFormat } = format;
  const reading = { timeZone, ...(srcDateFormat !== null && { dateFormat: srcDateFormat }) };
  const printing = { timeZone, dateFormat };
  return (text) => {
    const date = type === "date" ? text : convertCell(text, "string", { to: "date", options: reading });
    if (typeof date !== "string" && !date.ok) return { reason: date.reason, message: date.message };
    const found = convertCell(typeof date === "string" ? date : date.cell, "date", { to: "string", options: printing });
    return found.ok ? String(found.cell) : { reason: found.reason, message: found.message };
  };
}
