import { UserError } from "../../model/errors.js";
import {
  type Instance,
  type InstanceRecord,
  type InstanceRef,
  type InstanceState,
  viewInstance,
} from "../../model/instance.js";
import type { Services } from "../../services.js";
import { listIndexed } from "../../store/instance-index.js";
import type { Page } from "../../store/page.js";
import { standingText } from "../instances/standing.js";

/** Which instances of a day are asked for. */
export interface InstancesFilter {
  readonly workspace: string;
  /** Planned date, `yyyy-MM-dd`. */
  readonly date: string;
  readonly job?: string | undefined;
  readonly state?: InstanceState | undefined;
  /** `s`, or the beginning of another one. */
  readonly origin?: string | undefined;
  readonly limit: number;
  readonly page: string | null;
}

/** Instances looked at for one page: with a rare filter a page may be short while more follow. */
const MOST_SCANNED = 2000;

/** Instances of a planned day by time and job, with the reasons of those that wait. */
export async function listInstancesOfDay(services: Services, filter: InstancesFilter): Promise<Page<Instance>> {
  const { workspace, date, job, state, origin, limit } = filter;
  if (filter.page !== null && !/^\d\d/.test(filter.page))
    throw new UserError("CONFIG_INVALID", `page: "${filter.page}" is no mark of a list of instances`, { path: "page" });
  const found: InstanceRecord[] = [];
  let { page } = filter;
  let scanned = 0;
  do {
    const asked = { workspace, date, job, state, limit: limit - found.length, page };
    const { items, nextPage } = await listIndexed(services.documents, asked);
    const records = await services.instances.getMany(items.map(({ ref }) => ref));
    for (const stored of records) if (stored && fits(stored.value, { state, origin })) found.push(stored.value);
    scanned += items.length;
    page = nextPage;
  } while (page !== null && found.length < limit && scanned < MOST_SCANNED);
  return { items: await withReasons(services, found), nextPage: page };
}

function fits(one: InstanceRecord, { state, origin }: Pick<InstancesFilter, "state" | "origin">): boolean {
  return (state === undefined || one.state === state) && (origin === undefined || one.origin.startsWith(origin));
}

/** An instance with the reason as it is at the moment. */
export async function showInstance(services: Services, ref: InstanceRef): Promise<Instance> {
  const { value } = await services.instances.get(ref);
  const [view] = await withReasons(services, [value]);
  return view ?? viewInstance(value);
}

/** The stored reason says what is waited for; how that stands is told as it is now. */
async function withReasons(services: Services, records: readonly InstanceRecord[]): Promise<readonly Instance[]> {
  const waiting = records.filter(({ waitsFor, state }) => waitsFor !== null && state === "waiting");
  const awaited = await services.instances.getMany(
    waiting.map(({ workspace, waitsFor }) => ({ workspace, job: "", origin: "", label: "", ...waitsFor })),
  );
  const standing = new Map(waiting.map((one, i) => [one, awaited[i]?.value ?? null]));
  return records.map((record) => {
    const other = standing.get(record);
    const view = viewInstance(record);
    if (other === undefined) return view;
    return { ...view, reason: `${record.reason ?? ""}, ${standingText(other?.state ?? null)}` };
  });
}
