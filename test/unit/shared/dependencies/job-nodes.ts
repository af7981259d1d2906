import { openOccurrences } from "../../../../shared/calendar/occurrences.js";
import { awaitedBy } from "../../../../shared/dependencies/awaited.js";
import { grainOf, type JobNode } from "../../../../shared/dependencies/edges.js";
import type { Cycle } from "../../../../shared/model/cycle.js";
import type { Edge } from "../../../../shared/model/job-schedule.js";

/** What differs from a job without dependencies of which no instance was made yet. */
export interface NodeOptions {
  readonly cycle: Cycle;
  readonly edges?: readonly Edge[];
  readonly dependants?: readonly string[];
  readonly made?: readonly string[];
  readonly madeUpTo?: string;
  readonly clock?: "wall" | "elapsed";
}

/** Makes jobs by name. */
export function jobNodes(jobs: Readonly<Record<string, NodeOptions>>): ReadonlyMap<string, JobNode> {
  return new Map(
    Object.entries(jobs).map(([job, { cycle, edges = [], dependants = [], made = [], madeUpTo, clock = "wall" }]) => {
      const effective = { from: null, to: null };
      const occurrences = openOccurrences({ cycle, timeZone: "Europe/Berlin", clock, effective, spread: null });
      const node: JobNode = {
        ...{ job, occurrences, edges, dependants, grain: grainOf(cycle, occurrences), madeUpTo: madeUpTo ?? null },
        made: (date) => made.filter((label) => label.startsWith(date)),
      };
      return [job, node];
    }),
  );
}

/** What a label of a job waits for: `A 28T03:00`, of November 2026. */
export function awaited(jobs: Readonly<Record<string, NodeOptions>>, job: string, label: string): readonly string[] {
  const nodes = jobNodes(jobs);
  const node = nodes.get(job);
  if (!node) throw new Error(`no job ${job}`);
  return awaitedBy(node, label, (name) => nodes.get(name)).map(
    (one) => `${one.job} ${one.label.replace("2026-11-", "")}`,
  );
}

/** An edge on a job's same cycle. */
export const on = (job: string): Edge => ({ on: "job", job, cycle: "same" });
/** An edge on a job's cycle before. */
export const before = (job: string): Edge => ({ on: "job", job, cycle: "previous" });
/** The edge on the own label before. */
export const itself: Edge = { on: "self" };
