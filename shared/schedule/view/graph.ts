import { awaitedBy } from "../../dependencies/awaited.js";
import type { JobLabel } from "../../dependencies/edges.js";
import type { InstanceState } from "../../model/instance.js";
import type { Services } from "../../services.js";
import type { JobRef } from "../../store/job-key.js";
import { dependantJobs, directlyBehind } from "../by-hand/downstream.js";
import { type KnownJobs, knowing } from "../instances/known-jobs.js";

/** A label in a graph; null = it is not made yet. */
export interface GraphNode extends JobLabel {
  readonly state: InstanceState | null;
  /** Steps from the job that was asked about: below 0 what it waits for, above 0 what waits for it. */
  readonly level: number;
}

/** Who waits for whom around a job's instances of a day. */
export interface InstanceGraph {
  readonly nodes: readonly GraphNode[];
  /** `from` is waited for by `to`; numbers of nodes. */
  readonly edges: readonly { readonly from: number; readonly to: number }[];
  /** More belong to it than are shown. */
  readonly isCut: boolean;
}

const LEVELS = 3;
const MOST_NODES = 500;

/** The graph around a job's scheduled instances of a planned date: three levels up, three levels down, with their states. */
export async function graphOf(services: Services, ref: JobRef, date: string): Promise<InstanceGraph> {
  const behind = await dependantJobs(services, ref);
  const own = await services.instances.on({ ...ref, origin: "s" }, date);
  const start = own.map(({ label }) => ({ job: ref.job, label }));
  return knowing(services, { workspace: ref.workspace, origin: "s" }, (known) => {
    const graph = createGraph(known);
    for (const one of start) graph.add(one, 0);
    walk(start, graph, { step: -1, next: (one) => above(known, one) });
    walk(start, graph, { step: 1, next: (one) => directlyBehind(known, [ref.job, ...behind], one) });
    return graph.done();
  });
}

function above({ find }: KnownJobs, { job, label }: JobLabel): readonly JobLabel[] {
  const node = find(job);
  return node ? awaitedBy(node, label, find) : [];
}

type Graph = ReturnType<typeof createGraph>;

function walk(
  start: readonly JobLabel[],
  graph: Graph,
  { step, next }: { readonly step: 1 | -1; next(one: JobLabel): readonly JobLabel[] },
): void {
  let level: readonly JobLabel[] = start;
  for (let depth = 1; depth <= LEVELS; depth++) {
    const further: JobLabel[] = [];
    for (const one of level)
      for (const other of next(one)) {
        if (graph.add(other, depth * step)) further.push(other);
        if (step < 0) graph.connect(other, one);
        else graph.connect(one, other);
      }
    level = further;
  }
}

function createGraph({ stateOf }: KnownJobs) {
  const nodes: GraphNode[] = [];
  const places = new Map<string, number>();
  const edges = new Map<string, { from: number; to: number }>();
  let isCut = false;
  const nameOf = ({ job, label }: JobLabel) => `${job} ${label}`;
  return {
    /** @returns whether it is new */
    add({ job, label }: JobLabel, level: number): boolean {
      if (places.has(nameOf({ job, label }))) return false;
      if (nodes.length >= MOST_NODES) {
        isCut = true;
        return false;
      }
      places.set(nameOf({ job, label }), nodes.length);
      nodes.push({ job, label, level, state: stateOf({ job, label }) });
      return true;
    },
    connect(from: JobLabel, to: JobLabel): void {
      const [a, b] = [places.get(nameOf(from)), places.get(nameOf(to))];
      if (a !== undefined && b !== undefined) edges.set(`${a} ${b}`, { from: a, to: b });
    },
    done: (): InstanceGraph => ({ nodes, edges: [...edges.values()], isCut }),
  };
}
