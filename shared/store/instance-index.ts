import type { InstanceRecord, InstanceRef, InstanceState } from "../model/instance.js";
import type { Documents } from "../platform/documents.js";
import { listPage } from "./page.js";
import { storeTables } from "./tables.js";

/** States that few instances of a day are in: each has a list of its own. */
const rareStates: readonly InstanceState[] = ["failed", "cancelled", "skipped", "frozen"];

/**
 * Notes instances for lists by planned day.
 *
 * @param states  `only` = those of rare states alone, for an instance that is listed already
 */
export async function indexInstances(
  documents: Documents,
  records: readonly InstanceRecord[],
  { states }: { readonly states?: "only" } = {},
): Promise<void> {
  const rows = records.flatMap((record) => {
    const { workspace, job, origin, label, state } = record;
    const value: InstanceRef = { workspace, job, origin, label };
    const at = markOf(record);
    const day = dayOf(workspace, label.slice(0, 10));
    const lists = [
      ...(states === "only" ? [] : ["", jobFacet(job)]),
      ...(rareStates.includes(state) ? [`/${state}`] : []),
    ];
    return lists.map((list) => ({ key: [`${day}${list}`, at], value, version: 0 }));
  });
  await documents.writeMany(storeTables.instanceIndex, rows);
}

/** Which instances are listed. */
export interface InstancesAsked {
  readonly workspace: string;
  /** Planned date, `yyyy-MM-dd`. */
  readonly date: string;
  readonly job?: string | undefined;
  readonly state?: InstanceState | undefined;
  readonly limit: number;
  readonly page: string | null;
}

/** References to instances of a planned day, by time and job, with the mark behind each. */
export async function listIndexed(
  documents: Documents,
  { workspace, date, job, state, limit, page }: InstancesAsked,
): Promise<{
  readonly items: readonly { readonly ref: InstanceRef; readonly at: string }[];
  readonly nextPage: string | null;
}> {
  const rare = state !== undefined && rareStates.includes(state) ? `/${state}` : "";
  const prefix = [`${dayOf(workspace, date)}${job === undefined ? rare : jobFacet(job)}`];
  const found = await listPage<InstanceRef>(documents, storeTables.instanceIndex, { prefix, limit, page });
  return { ...found, items: found.items.map(({ key, value }) => ({ ref: value, at: String(key[1]) })) };
}

/** No state begins so. */
function jobFacet(job: string): string {
  return `/@${job}`;
}

function dayOf(workspace: string, date: string): string {
  return `${workspace}/${date}`;
}

function markOf({ label, job, origin }: Pick<InstanceRef, "label" | "job" | "origin">): string {
  return `${label.slice(11)} ${job} ${origin}`;
}
