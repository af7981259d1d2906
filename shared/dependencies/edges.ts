import { dateOf, type Label, plainLabel } from "../calendar/label.js";
import type { Occurrences } from "../calendar/occurrences.js";
import { EVERY_DAY } from "../calendar/timetable.js";
import type { Cycle } from "../model/cycle.js";
import type { Edge } from "../model/job-schedule.js";

/** A label of a job. */
export interface JobLabel {
  readonly job: string;
  readonly label: Label;
}

/** How fine a job's labels are: several a day, one a day, or not one each day. */
export type Grain = "minute" | "hour" | "day" | "period";

/** What must be known of a job to tell who waits for whom. */
export interface JobNode {
  readonly job: string;
  readonly grain: Grain;
  /** Its present schedule. */
  readonly occurrences: Occurrences;
  readonly edges: readonly Edge[];
  /** Jobs with an edge on this one. */
  readonly dependants: readonly string[];
  /** Labels of the instances that exist on a date, whatever the schedule says now. */
  made(date: string): readonly Label[];
  /** What the schedule has up to here was made or never will be: the later of the last label made and the publication; null = nothing was. */
  readonly madeUpTo: Label | null;
}

/** The grain of a cycle; of a cron expression by the labels that it has. */
export function grainOf(cycle: Cycle, { timetable: { days, times } }: Pick<Occurrences, "timetable">): Grain {
  if (cycle.every === "minute" || cycle.every === "hour") return cycle.every;
  if (times.length > 1) return times.some((time, i) => time - (times[i - 1] ?? -60) < 60) ? "minute" : "hour";
  return days === EVERY_DAY ? "day" : "period";
}

/** Whether a job has several labels a day. */
export function isFine({ grain }: Pick<JobNode, "grain">): boolean {
  return grain === "minute" || grain === "hour";
}

/** Whether a job waits for its own label before: then one of its labels stands for all before it. */
export function isChained({ edges }: Pick<JobNode, "edges">): boolean {
  return edges.some(({ on }) => on === "self");
}

/** The labels of a job on a date, ascending: of instances that exist, and those that its present schedule still brings. */
export function labelsOfDate(node: JobNode, date: string): readonly Label[] {
  const { madeUpTo, occurrences } = node;
  const coming = occurrences.on(date).flatMap(({ label }) => (madeUpTo === null || label > madeUpTo ? [label] : []));
  return [...new Set([...node.made(date), ...coming])].sort();
}

/** The label of a job before another one, if it exists or is to come. */
export function labelBefore(node: JobNode, label: Label): Label | undefined {
  const today = labelsOfDate(node, dateOf(label)).filter((one) => one < label);
  if (today.length > 0) return today.at(-1);
  const before = node.occurrences.before(`${dateOf(label)}T00:00`)?.label;
  return before === undefined ? undefined : labelsOfDate(node, dateOf(before)).at(-1);
}

/** By the clock's readings; where an hour comes twice its showings are one. */
export function isUpTo(label: Label, limit: Label): boolean {
  return plainLabel(label) <= plainLabel(limit);
}
