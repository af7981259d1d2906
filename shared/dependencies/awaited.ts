import { addDays, dateOf, type Label, labelOf, minuteOf, plainLabel, readingOf } from "../calendar/label.js";
import type { Edge } from "../model/job-schedule.js";
import { isChained, isFine, isUpTo, type JobLabel, type JobNode, labelBefore, labelsOfDate } from "./edges.js";

/** Finds a job; undefined when it is gone or not scheduled: nothing is waited for then. */
export type FindJob = (job: string) => JobNode | undefined;

/** Who waits, and where the others are found. */
interface Wait {
  readonly down: JobNode;
  readonly label: Label;
  readonly find: FindJob;
}

/**
 * The labels of other jobs, and of its own, that an instance waits for, by the present schedules: each in order, none twice. What existed once and
 * exists no more, what lies before a job's first label and what is outside its effective dates is not among them.
 */
export function awaitedBy(down: JobNode, label: Label, find: FindJob): readonly JobLabel[] {
  const wait = { down, label, find };
  const found = down.edges.flatMap((edge) => ofEdge(edge, wait));
  return [...new Map(found.map((one) => [`${one.job} ${one.label}`, one])).values()];
}

function ofEdge(edge: Edge, wait: Wait): readonly JobLabel[] {
  const { down, label, find } = wait;
  switch (edge.on) {
    case "self":
      return named(down, [labelBefore(down, label)]);
    case "children":
      return down.dependants.flatMap((child) => previous(find(child), wait));
    case "job": {
      const up = find(edge.job);
      if ("window" in edge) return up ? named(up, labelsWithin(up, label, edge.window)) : [];
      return edge.cycle === "same" ? sameCycle(up, dateOf(label), wait) : previous(up, wait);
    }
  }
}

function named({ job }: JobNode, labels: readonly (Label | undefined)[]): readonly JobLabel[] {
  return labels.flatMap((label) => (label === undefined ? [] : [{ job, label }]));
}

/** @param date  whose labels are meant: the own date, or the day before for the previous cycle of jobs of a day or more */
function sameCycle(up: JobNode | undefined, date: string, wait: Wait): readonly JobLabel[] {
  if (!up) return [];
  const labels = labelsOfDate(up, date);
  if (labels.length === 0) return up.grain === "period" ? seenThrough(up, date, wait) : [];
  if (!isFine(up)) return named(up, labels);
  const isOwnDay = date === dateOf(wait.label);
  const set = isFine(wait.down) && isOwnDay ? fineOnFine(up, wait) : dayOnFine(up, labels, { wait, isOwnDay });
  return named(up, isChained(up) ? set.slice(-1) : set);
}

/** A job without an instance that day stands for what it depends on itself. Edges of one cycle form no circle, so this ends. */
function seenThrough(up: JobNode, date: string, wait: Wait): readonly JobLabel[] {
  return up.edges.flatMap((edge) =>
    edge.on === "job" && "cycle" in edge && edge.cycle === "same" ? sameCycle(wait.find(edge.job), date, wait) : [],
  );
}

function dayOnFine(
  up: JobNode,
  labels: readonly Label[],
  { wait, isOwnDay }: { wait: Wait; isOwnDay: boolean },
): readonly Label[] {
  // A chained job's nearest label covers those before; of another day all are over, and its last one is meant.
  if (!isChained(up) || !isOwnDay) return labels;
  const until = labels.filter((one) => isUpTo(one, wait.label));
  return until.length > 0 ? until : labels.slice(0, 1);
}

function fineOnFine(up: JobNode, wait: Wait): readonly Label[] {
  const { down, label } = wait;
  const labels = labelsOfDate(up, dateOf(label));
  const nth = down.occurrences.timetable.times.indexOf(minuteOf(label));
  const { times } = up.occurrences.timetable;
  if (nth >= 0 && up.grain === down.grain && times.length === down.occurrences.timetable.times.length)
    return inStep(labels, { nth, minute: times[nth] ?? 0, count: times.length });
  const own = labelsOfDate(down, dateOf(label)).filter((one) => plainLabel(one) < plainLabel(label));
  const after = own.at(-1);
  const until = labels.filter((one) => isUpTo(one, label));
  const between = until.filter((one) => after === undefined || !isUpTo(one, after));
  if (between.length > 0) return between;
  return until.length > 0 ? sameReading(until, until.at(-1)) : labels.slice(0, 1);
}

/** The nth of a day on the nth, whatever the times: as many by either schedule. After an edit the nth of what there is, if that fits. */
function inStep(
  labels: readonly Label[],
  { nth, minute, count }: Readonly<Record<"nth" | "minute" | "count", number>>,
): readonly Label[] {
  const found = labels.filter((one) => minuteOf(one) === minute);
  if (found.length > 0) return found;
  const other = labels.length === count ? labels[nth] : undefined;
  return other === undefined ? [] : [other];
}

function sameReading(labels: readonly Label[], label: Label | undefined): readonly Label[] {
  return label === undefined ? [] : labels.filter((one) => plainLabel(one) === plainLabel(label));
}

function previous(up: JobNode | undefined, wait: Wait): readonly JobLabel[] {
  if (!up) return [];
  const { down, label } = wait;
  if (isFine(down) && isFine(up)) return fineOnFine(up, wait).flatMap((one) => named(up, [labelBefore(up, one)]));
  return sameCycle(up, addDays(dateOf(label), -1), wait);
}

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function labelsWithin(up: JobNode, label: Label, { from, to }: { from: string; to: string }): readonly Label[] {
  const after = labelOf(readingOf(label) + spanOf(from));
  const until = labelOf(readingOf(label) + spanOf(to));
  const labels: Label[] = [];
  for (let date = dateOf(after); date <= dateOf(until); date = addDays(date, 1)) labels.push(...labelsOfDate(up, date));
  return labels.filter((one) => !isUpTo(one, after) && isUpTo(one, until));
}

/** Milliseconds of `-7d`, `-90m` or `0`; anything else was refused when the edge was stored. */
function spanOf(text: string): number {
  const [, sign = "", count = "0", unit = "m"] = /^([+-]?)(\d+)([mhd]?)$/.exec(text) ?? [];
  return (sign === "-" ? -1 : 1) * Number(count) * (UNITS[unit as keyof typeof UNITS] ?? 0);
}
