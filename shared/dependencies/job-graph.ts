import { addDays } from "../calendar/label.js";
import { isOn } from "../calendar/timetable.js";
import type { Edge } from "../model/job-schedule.js";
import type { JobNode } from "./edges.js";

/**
 * Looks for jobs that wait for each other within one cycle. Edges on earlier labels form no circle.
 *
 * @returns the way round, such as `a → b → a` as a list; null when there is none
 */
export function findCircle(jobs: ReadonlyMap<string, readonly Edge[]>): readonly string[] | null {
  const settled = new Set<string>();
  for (const job of jobs.keys()) {
    const circle = circleFrom(job, { jobs, settled });
    if (circle) return circle;
  }
  return null;
}

/** Goes down without recursion: chains may be long. */
function circleFrom(
  start: string,
  { jobs, settled }: { jobs: ReadonlyMap<string, readonly Edge[]>; settled: Set<string> },
): readonly string[] | null {
  const rest = new Map([[start, upstreams(jobs.get(start))]]);
  const path = [start];
  for (let job = path.at(-1); job !== undefined; job = path.at(-1)) {
    const next = rest.get(job)?.pop();
    if (next === undefined) {
      settled.add(job);
      rest.delete(job);
      path.pop();
    } else if (rest.has(next)) return [...path.slice(path.indexOf(next)), next];
    else if (!settled.has(next)) {
      path.push(next);
      rest.set(next, upstreams(jobs.get(next)));
    }
  }
  return null;
}

function upstreams(edges: readonly Edge[] = []): string[] {
  return edges.flatMap((edge) => (edge.on === "job" && "cycle" in edge && edge.cycle === "same" ? [edge.job] : []));
}

/** Two years hold every meeting of two cycles but those that hang on a 29 February. */
const LOOK_AHEAD_DAYS = 731;

/**
 * What is odd about an edge that waits for a label of the same day.
 *
 * @param from  `yyyy-MM-dd`, from which on days are looked at
 */
export function oddEdge(down: JobNode, up: JobNode, { from, zones }: OddEdge): readonly string[] {
  const [ours, theirs] = zones;
  const warnings: string[] = [];
  if (ours !== theirs)
    warnings.push(
      `${down.job} is scheduled in ${ours} and ${up.job} in ${theirs}: their planned times are compared as the clocks show them`,
    );
  if (down.grain === "period" && up.grain === "period" && !meet(down, up, from))
    warnings.push(
      `${down.job} and ${up.job} have no day in common within two years: the dependency never holds anything`,
    );
  return warnings;
}

/** See `oddEdge`. */
interface OddEdge {
  readonly from: string;
  /** Of the dependant, then of the job it depends on. */
  readonly zones: readonly [string, string];
}

function meet(down: JobNode, up: JobNode, from: string): boolean {
  for (let day = 0; day < LOOK_AHEAD_DAYS; day++) {
    const date = addDays(from, day);
    if (isOn(down.occurrences.timetable, date) && isOn(up.occurrences.timetable, date)) return true;
  }
  return false;
}
