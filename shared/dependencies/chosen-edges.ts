import type { Edge } from "../model/job-schedule.js";

/** What a backfill fills. */
export interface Chosen {
  readonly jobs: ReadonlySet<string>;
  /** Left out in the middle of a chain: seen through. */
  readonly excluded: ReadonlySet<string>;
  /** The edges of a job. */
  edgesOf(job: string): readonly Edge[];
}

/**
 * The edges that count in a backfill: among the chosen jobs only. A job that is left out stands for the chosen ones that it depends on itself;
 * others are not asked.
 */
export function edgesAmong({ jobs, excluded, edgesOf }: Chosen, job: string): readonly Edge[] {
  const seen = new Set<string>();
  const through = (edges: readonly Edge[]): readonly Edge[] =>
    edges.flatMap((edge) => {
      if (edge.on !== "job" || jobs.has(edge.job)) return [edge];
      if (!excluded.has(edge.job) || seen.has(edge.job)) return [];
      seen.add(edge.job);
      return through(edgesOf(edge.job).filter((further) => further.on === "job"));
    });
  return through(edgesOf(job));
}
