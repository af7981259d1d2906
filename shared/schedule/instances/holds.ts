import { awaitedBy } from "../../dependencies/awaited.js";
import type { JobLabel } from "../../dependencies/edges.js";
import { type Awaited, type InstanceRecord, isOver } from "../../model/instance.js";
import type { Services } from "../../services.js";
import type { ScheduleRecord } from "../../store/schedules-store.js";
import { knowing } from "./known-jobs.js";
import { holding } from "./standing.js";

/** What keeps an instance from running: another one, and what that must come to. */
export interface Hold {
  readonly awaited: Awaited;
  /** Whether it is the job itself that is busy, by its order. */
  readonly isOrder: boolean;
}

/**
 * What holds an instance at the moment: first its own order, then the latest of what it depends on.
 *
 * @returns null when nothing does
 */
export async function holdOf(
  services: Services,
  instance: InstanceRecord,
  schedule: ScheduleRecord | undefined,
): Promise<Hold | null> {
  const ahead = await aheadInOrder(services, instance, schedule?.policies.parallel ?? 1);
  if (ahead !== null) return { awaited: { ...ahead, until: "ended" }, isOrder: true };
  if (!schedule || schedule.dependencies.length === 0) return null;
  const { workspace, job, origin, label } = instance;
  const [latest] = await knowing(services, { workspace, origin }, ({ find, stateOf }) => {
    const node = find(job);
    return node ? holding(awaitedBy(node, label, find), stateOf) : [];
  });
  return latest ? { awaited: { ...named(latest), origin, until: "succeeded" }, isOrder: false } : null;
}

function named({ job, label }: JobLabel): JobLabel {
  return { job, label };
}

/** The instance whose end lets this one start, where so many of a job run at once. Uploads are in no order. */
async function aheadInOrder(
  services: Services,
  { workspace, job, origin, label }: InstanceRecord,
  parallel: number,
): Promise<Omit<Awaited, "until"> | null> {
  if (origin.startsWith("u")) return null;
  const before = await services.instances.before({ workspace, job, origin, label }, parallel);
  const nth = before[parallel - 1];
  return nth && !isOver(nth.state) ? { job, origin, label: nth.label } : null;
}

/** Whether an awaited instance has come to what is waited for. */
export function isSatisfied(until: Awaited["until"], state: InstanceRecord["state"] | undefined): boolean {
  if (state === undefined) return false;
  return until === "ended" ? isOver(state) : state === "succeeded" || state === "skipped";
}
