import { firstTimeAfter, openSchedule } from "../calendar/due.js";
import { isoNow, type Services } from "../services.js";
import { storeTables } from "../store/tables.js";

/** What of a published job starts it by itself. */
export interface Starts {
  readonly schedule: { readonly cron: string; readonly timeZone: string } | null;
  readonly subscription: { readonly bucket: string; readonly prefix: string; readonly suffix: string } | null;
  readonly publishedAt: string;
}

/** The stored fact that every published job has its hints. */
const COMPLETE = ["starts-index"];

/** Notes when ticks and for which uploads the dispatcher must look at a job. */
export async function noteStarts(
  services: Services,
  ref: { readonly workspace: string; readonly job: string },
  { schedule, subscription, publishedAt }: Starts,
): Promise<void> {
  if (schedule) {
    const first = firstTimeAfter(openSchedule(schedule), new Date(publishedAt));
    const hint = { ...ref, after: publishedAt, cursor: null, notedAt: isoNow(services) };
    if (first) await services.starts.noteDue(first.toISOString(), hint);
  }
  if (subscription) {
    const { bucket, prefix, suffix } = subscription;
    await services.starts.noteUpload(bucket, { ...ref, prefix, suffix });
  }
}

/** Takes back what an earlier version waited for and `now` does not. Its schedule's hints go at their own time. */
export async function forgetStarts(
  services: Services,
  ref: { readonly workspace: string; readonly job: string },
  { before, now }: { readonly before: Starts | null; readonly now: Starts | null },
): Promise<void> {
  if (!before?.subscription) return;
  const place = ({ bucket, prefix }: NonNullable<Starts["subscription"]>) =>
    JSON.stringify([bucket, prefix.slice(0, prefix.lastIndexOf("/") + 1)]);
  if (now?.subscription && place(now.subscription) === place(before.subscription)) return;
  const { bucket, prefix, suffix } = before.subscription;
  await services.starts.forgetUpload(bucket, { ...ref, prefix, suffix });
}

/** Notes the starts of all jobs, once per installation: of those stored before there were hints. */
export async function completeIndex(services: Services): Promise<void> {
  const { documents } = services;
  if (await documents.get(storeTables.state, COMPLETE)) return;
  for (const { name: workspace } of await services.workspaces.all()) {
    let page: string | null = null;
    do {
      const found: Awaited<ReturnType<Services["jobs"]["list"]>> = await services.jobs.list(workspace, 100, page);
      for (const { name, production } of found.items)
        if (production) await noteStarts(services, { workspace, job: name }, production);
      page = found.nextPage;
    } while (page !== null);
  }
  await documents.insert(storeTables.state, { key: COMPLETE, value: { at: isoNow(services) } });
}
