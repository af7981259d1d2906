import { openSchedule } from "../calendar/due.js";
import { readingAt } from "../calendar/due-at.js";
import { labelOf } from "../calendar/label.js";
import type { PublishedVersion } from "../model/stored-job.js";
import { isoNow, type Services } from "../services.js";
import { dueParts, type JobHint } from "../store/due-store.js";
import type { JobRef } from "../store/job-key.js";
import { storeTables } from "../store/tables.js";
import { publishSchedule } from "./publish-schedule.js";

/** The stored fact that every published job has its schedule where ticks look for it. */
const COMPLETE = ["schedules-index"];

/** Notes that a version of a job is about to be published, and for which uploads the dispatcher must look at it. */
export async function noteStarts(
  services: Services,
  ref: JobRef,
  { subscription, version }: Pick<PublishedVersion, "subscription" | "version">,
): Promise<void> {
  const notedAt = isoNow(services);
  // Whoever dies between the job and its schedule is made up for by the next tick.
  await services.due.note({ at: notedAt, hint: { kind: "publish", ...ref, version, notedAt } });
  if (subscription) {
    const { bucket, prefix, suffix } = subscription;
    await services.starts.noteUpload(bucket, { ...ref, prefix, suffix });
  }
}

/** Has ticks go by what is published now, and takes back what an earlier version waited for. */
export async function forgetStarts(
  services: Services,
  ref: JobRef,
  {
    before,
    now,
  }: { readonly before: Pick<PublishedVersion, "subscription"> | null; readonly now: PublishedVersion | null },
): Promise<void> {
  await publishSchedule(services, ref, { now });
  if (!before?.subscription) return;
  const place = ({ bucket, prefix }: NonNullable<PublishedVersion["subscription"]>) =>
    JSON.stringify([bucket, prefix.slice(0, prefix.lastIndexOf("/") + 1)]);
  if (now?.subscription && place(now.subscription) === place(before.subscription)) return;
  const { bucket, prefix, suffix } = before.subscription;
  await services.starts.forgetUpload(bucket, { ...ref, prefix, suffix });
}

/** Where it is known already, no tick asks for it. */
const complete = new WeakSet<Services["documents"]>();

/** Firings that a version before this one had not started yet are made up for this long. */
const MAKE_UP_MS = 60 * 60 * 1000;

/**
 * Gives all published jobs their schedules, once per installation: those stored by versions whose hints alone told how far
 * a job was. What these had started is not started again.
 */
export async function completeIndex(services: Services): Promise<void> {
  const { documents } = services;
  if (complete.has(documents)) return;
  if (!(await documents.get(storeTables.state, COMPLETE))) {
    const hints = await oldHints(services);
    for (const { name: workspace } of await services.workspaces.all()) {
      let page: string | null = null;
      do {
        const found: Awaited<ReturnType<Services["jobs"]["list"]>> = await services.jobs.list(workspace, 100, page);
        for (const { name, production } of found.items)
          if (production) await adopt(services, { workspace, job: name }, hints.get(`${workspace}/${name}`));
        page = found.nextPage;
      } while (page !== null);
    }
    await documents.insert(storeTables.state, { key: COMPLETE, value: { at: isoNow(services) } });
  }
  complete.add(documents);
}

async function oldHints({ due }: Services): Promise<ReadonlyMap<string, JobHint>> {
  const found = new Map<string, JobHint>();
  // "~" comes after all times.
  for (const part of dueParts)
    for (const { value } of await due.list(part, "~", 100_000))
      if (value.kind === undefined && value.after !== undefined) {
        const name = `${value.workspace}/${value.job}`;
        const known = found.get(name);
        if (!known?.after || known.after < value.after) found.set(name, value);
      }
  return found;
}

async function adopt(services: Services, ref: JobRef, hint: JobHint | undefined): Promise<void> {
  const now = (await services.jobs.find(ref.workspace, ref.job))?.value.production;
  if (!now) return;
  await noteStarts(services, ref, now);
  // Jobs are older than hints: what their last hour brought is looked for among the runs.
  const after = hint?.after ?? new Date(services.now() - MAKE_UP_MS).toISOString();
  const zone = now.schedule && hint ? openSchedule(now.schedule).zone : null;
  const cursor = hint?.cursor ?? (zone ? labelOf(readingAt(Date.parse(after), zone)) : null);
  await publishSchedule(services, ref, { now, adopted: { after, cursor, startedElsewhereUntil: isoNow(services) } });
}
