import { findCircle } from "../dependencies/job-graph.js";
import type { Edge } from "../model/job-schedule.js";
import type { Services } from "../services.js";
import type { JobRecord } from "../store/jobs-store.js";

/** Jobs that are looked at for one submission: nobody waits for more, one behind the other. */
const MOST_JOBS = 2000;

/**
 * What keeps a draft from production by what it waits for: jobs that there are not, and a circle of jobs that wait for each other within
 * one cycle, as they are published and the draft would be.
 */
export async function dependencyObstacles(
  services: Pick<Services, "jobs">,
  workspace: string,
  { name, dependencies = [] }: Pick<JobRecord, "name" | "dependencies">,
): Promise<readonly string[]> {
  const edges = new Map<string, readonly Edge[]>([[name, dependencies]]);
  const missing: string[] = [];
  let next = upstreamsOf(dependencies);
  while (next.length > 0 && edges.size < MOST_JOBS) {
    const unknown = [...new Set(next)].filter((one) => !edges.has(one));
    const found = await Promise.all(unknown.map((one) => services.jobs.find(workspace, one)));
    next = unknown.flatMap((one, at) => {
      const job = found[at]?.value;
      if (!job && upstreamsOf(dependencies).includes(one)) missing.push(one);
      const own = job?.production?.dependencies ?? [];
      edges.set(one, own);
      return upstreamsOf(own);
    });
  }
  const circle = findCircle(edges);
  return [
    ...missing.map((one) => `dependencies: there is no job "${one}" to wait for`),
    ...(circle ? [`dependencies: ${circle.join(" → ")} wait for each other within one cycle`] : []),
  ];
}

function upstreamsOf(edges: readonly Edge[]): string[] {
  return edges.flatMap((edge) => (edge.on === "job" ? [edge.job] : []));
}
