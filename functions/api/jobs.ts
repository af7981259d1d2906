import type { z } from "zod";
import { jobEndpoints } from "../../shared/api/jobs.js";
import { comingTimes } from "../../shared/calendar/coming-times.js";
import { withFixedTime } from "../../shared/calendar/cycle.js";
import { checkSchedule, recurrenceOf } from "../../shared/calendar/due.js";
import { etag, expectedVersion } from "../../shared/http/etag.js";
import { answered } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { demandRole } from "../../shared/identity/identify.js";
import { admitScript } from "../../shared/jobs/admit-script.js";
import { checkScript } from "../../shared/jobs/check-script.js";
import { listJobs } from "../../shared/jobs/list-jobs.js";
import { saveJob } from "../../shared/jobs/save-job.js";
import { UserError } from "../../shared/model/errors.js";
import type { Caller } from "../../shared/model/identity.js";
import type { JobSchedule } from "../../shared/model/job-schedule.js";
import type { StoredJob } from "../../shared/model/stored-job.js";
import type { Workspace } from "../../shared/model/workspace.js";
import type { Stored } from "../../shared/platform/documents.js";
import type { JobRecord } from "../../shared/store/jobs-store.js";
import type { ApiContext } from "./context.js";

/** Store, show and list jobs. */
export const jobRoutes: readonly Route<ApiContext>[] = [
  {
    ...jobEndpoints.putJob,
    async handle(request, { name = "" }, context) {
      const { services, workspace, caller, audit } = context;
      if (!/^[A-Za-z][A-Za-z0-9_-]{0,127}$/.test(name))
        throw new UserError(
          "CONFIG_INVALID",
          `name "${name}": expected 1 to 128 letters, digits, "_" or "-", beginning with a letter`,
          {
            path: "name",
          },
        );
      const { script: text, schedule: asked, note, ...fields } = parseBody(request, jobEndpoints.putJob.body);
      const { value: home } = await services.workspaces.get(workspace);
      const schedule = asked && fixedSchedule(asked, { job: `${workspace}/${name}`, home });
      const { warnings, ...admitted } = await admittedOf(context, { name, text, parameters: fields.parameters });
      demandSaving(caller, home);
      const draft = { name, ...fields, ...admitted, schedule };
      const ifMatch = expectedVersion(request) ?? null;
      const saved = await saveJob(services, home, { draft, ifMatch, by: caller.id, note });
      const answer = { ...viewJob(saved.stored), warnings: [...warnings, ...saved.warnings] };
      await audit({ action: "job.store", object: `job/${name}`, after: { version: answer.version } });
      return answered(jobEndpoints.putJob, answer, { status: saved.isNew ? 201 : 200, headers: etag(answer.version) });
    },
  },
  {
    ...jobEndpoints.jobs,
    async handle(request, _names, { services, workspace }) {
      const asked = parseQuery(request, jobEndpoints.jobs.query);
      return answered(jobEndpoints.jobs, await listJobs(services.jobs, workspace, asked));
    },
  },
  {
    ...jobEndpoints.job,
    async handle(_request, { name = "" }, { services, workspace }) {
      const job = viewJob(await services.jobs.get(workspace, name));
      return answered(jobEndpoints.job, job, { headers: etag(job.version) });
    },
  },
  {
    ...jobEndpoints.calendar,
    async handle(request, { name = "" }, { services, workspace }) {
      const { count, from } = parseQuery(request, jobEndpoints.calendar.query);
      const { value: job } = await services.jobs.get(workspace, name);
      const { schedule } = job.production ?? job;
      const fromMs = from === undefined ? services.now() : Date.parse(from);
      const times = schedule ? comingTimes(recurrenceOf(schedule, `${workspace}/${name}`), fromMs, count) : [];
      return answered(jobEndpoints.calendar, { schedule, times });
    },
  },
];

/** The schedule as it is stored: with a zone, and with a time of day where it named none. */
function fixedSchedule(
  asked: NonNullable<z.output<typeof jobEndpoints.putJob.body>["schedule"]>,
  { job, home }: { readonly job: string; readonly home: Workspace },
): JobSchedule {
  const { cycle, timeZone = home.timeZone } = asked;
  const schedule = { ...asked, timeZone, ...(cycle && { cycle: withFixedTime(cycle, job) }) };
  checkSchedule(schedule);
  return schedule;
}

/** @throws UserError FORBIDDEN when storing would publish, and that is not the caller's to do */
export function demandSaving(caller: Caller, { mode }: Workspace): void {
  if (mode === "basic") demandRole(caller, "operator", "storing a job in a basic workspace, which publishes it,");
}

/** A script as it may be stored, with what is odd in it; without a text that of the job as it is. */
async function admittedOf(
  { services, workspace }: ApiContext,
  { name, text, parameters }: { name: string; text: string | undefined; parameters: Readonly<Record<string, string>> },
) {
  if (text === undefined) {
    const found = await services.jobs.find(workspace, name);
    if (!found)
      throw new UserError("CONFIG_INVALID", `script: required; there is no job "${name}" yet`, { path: "script" });
    const { script, inlineSources } = found.value;
    const { warnings } = await checkScript(script, parameters);
    return { script, inlineSources, warnings };
  }
  const { warnings } = await checkScript(text, parameters);
  const { script, inlineSources } = await admitScript(text, `${workspace}/job/${name}`, services.secretBox);
  return { script, inlineSources, warnings };
}

/** A job as the API shows it. */
export function viewJob({ value, version }: Stored<JobRecord>): StoredJob {
  const { inlineSources: _inDraft, production, ...job } = value;
  if (!production) return { ...job, production, version };
  const { inlineSources: _inProduction, ...published } = production;
  return { ...job, production: published, version };
}
