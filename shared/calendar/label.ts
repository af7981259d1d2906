/**
 * What the clock of a schedule's zone shows when an instance is due: `2026-10-25T02:00`, no offset. It names the instance.
 * Where instances follow elapsed time, the second showing of an hour that comes twice has a `b`: `2026-10-25T02b:00`, which
 * sorts behind every `T02:` and before `T03:`.
 */
export type Label = string;

const DAY_MS = 86_400_000;

/** The label of a clock reading, given as if it were UTC in epoch ms; seconds are cut off. */
export function labelOf(readingMs: number): Label {
  return new Date(readingMs).toISOString().slice(0, 16);
}

/** The clock reading of a label as if it were UTC, epoch ms: the same with and without `b`. */
export function readingOf(label: Label): number {
  return Date.parse(`${plainLabel(label)}Z`);
}

/** The second showing of the same clock reading. */
export function repeated(label: Label): Label {
  return `${label.slice(0, 13)}b${label.slice(13)}`;
}

/** Whether the label means the second showing of its hour. */
export function isRepeated(label: Label): boolean {
  return label[13] === "b";
}

/** The label without `b`. */
export function plainLabel(label: Label): Label {
  return label.replace("b", "");
}

/** `yyyy-MM-dd` of a label. */
export function dateOf(label: Label): string {
  return label.slice(0, 10);
}

/** Minutes after midnight of a label. */
export function minuteOf(label: Label): number {
  return Number(label.slice(11, 13)) * 60 + Number(label.slice(-2));
}

/** The business date of a label, `yyyy-MM-dd`: the day before its own. */
export function businessDateOf(label: Label): string {
  return addDays(dateOf(label), -1);
}

/** Moves a date `yyyy-MM-dd` by days. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
