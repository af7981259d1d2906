import { z } from "zod";
import { type ComingTime, comingTimes } from "../../shared/calendar/coming-times.js";
import { checkSchedule, recurrenceOf } from "../../shared/calendar/due.js";
import { etag, expectedVersion } from "../../shared/http/etag.js";
import { json } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { demandRole } from "../../shared/identity/identify.js";
import { admitScript } from "../../shared/jobs/admit-script.js";
import { checkScript } from "../../shared/jobs/check-script.js";
import { warningAnswer } from "../../shared/jobs/plan-schema.js";
import { saveJob, submitJob } from "../../shared/jobs/save-job.js";
import { UserError } from "../../shared/model/errors.js";
import type { StoredJob } from "../../shared/model/stored-job.js";
import type { Stored } from "../../shared/platform/documents.js";
import type { JobRecord } from "../../shared/store/jobs-store.js";
import { jobAnswer, jobSummaryAnswer } from "./answers.js";
import { type ApiContext, pageOf, pageQuery, parametersSchema, scriptSchema } from "./context.js";

const putBody = z.object({
  script: scriptSchema,
  schedule: z
    .object({ cron: z.string().max(200), timeZone: z.string().max(64).default("Asia/Shanghai") })
    .nullable()
    .default(null),
  subscription: z
    .object({
      bucket: z.string().min(3).max(63),
      prefix: z.string().max(1023).default(""),
      suffix: z.string().max(1023).default(""),
    })
    .nullable()
    .default(null),
  parameters: parametersSchema,
});

const calendarQuery = z.object({
  count: z.coerce.number().int().min(1).max(500).default(10).describe("How many planned times"),
  from: z.iso
    .datetime({ offset: true })
    .max(40)
    .or(z.iso.date().max(10))
    .optional()
    .describe("Only later ones; absent = now"),
});

const comingTime = z
  .object({
    label: z.string().describe("What the schedule's clock shows, `yyyy-MM-ddTHH:mm`"),
    businessDate: z.string(),
    due: z.string().describe("ISO, with the offset of the schedule's zone"),
    note: z.string().nullable().describe("What the clocks do on that day; null on days of 24 hours"),
  })
  .meta({ id: "ComingTime" }) satisfies z.ZodType<ComingTime>;

/** Store, show and list jobs. */
export const jobRoutes: readonly Route<ApiContext>[] = [
  {
    method: "PUT",
    path: "/v1/jobs/{name}",
    role: "developer",
    summary: "Store a job; in a basic workspace that publishes it, which takes the role operator",
    body: putBody,
    answer: z.object({ ...jobAnswer.shape, warnings: z.array(warningAnswer) }),
    newStatus: 201,
    version: "both",
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
      const { script: text, schedule, subscription, parameters } = parseBody(request, putBody);
      if (schedule) checkSchedule(schedule);
      const { value: home } = await services.workspaces.get(workspace);
      if (home.mode === "basic")
        demandRole(caller, "operator", "storing a job in a basic workspace, which publishes it,");
      const { warnings } = await checkScript(text, parameters);
      const { script, inlineSources } = await admitScript(text, `${workspace}/job/${name}`, services.secretBox);
      const draft = { name, script, inlineSources, schedule, subscription, parameters };
      const saved = await saveJob(services, home, draft, expectedVersion(request) ?? null);
      const answer = { ...view(saved.stored), warnings: [...warnings, ...saved.warnings] };
      await audit({ action: "job.store", object: `job/${name}`, after: { version: answer.version } });
      return json(saved.isNew ? 201 : 200, answer, etag(answer.version));
    },
  },
  {
    method: "POST",
    path: "/v1/jobs/{name}/submit",
    role: "operator",
    summary: "Publish a job's draft to production",
    answer: jobAnswer,
    version: "both",
    async handle(request, { name = "" }, { services, workspace, audit }) {
      const { value: home } = await services.workspaces.get(workspace);
      const job = view(await submitJob(services, home, name, expectedVersion(request) ?? null));
      await audit({ action: "job.submit", object: `job/${name}`, after: { version: job.production?.version } });
      return json(200, job, etag(job.version));
    },
  },
  {
    method: "GET",
    path: "/v1/jobs",
    role: "viewer",
    summary: "List stored jobs, without their scripts",
    query: pageQuery,
    answer: pageOf(jobSummaryAnswer),
    async handle(request, _names, { services, workspace }) {
      const { limit, page } = parseQuery(request, pageQuery);
      return json(200, await services.jobs.list(workspace, limit, page));
    },
  },
  {
    method: "GET",
    path: "/v1/jobs/{name}",
    role: "viewer",
    summary: "Show a stored job",
    answer: jobAnswer,
    version: "answers",
    async handle(_request, { name = "" }, { services, workspace }) {
      const job = view(await services.jobs.get(workspace, name));
      return json(200, job, etag(job.version));
    },
  },
  {
    method: "GET",
    path: "/v1/jobs/{name}/calendar",
    role: "viewer",
    summary: "The next planned times of a job: of what is published, else of its draft",
    query: calendarQuery,
    answer: z.object({ schedule: jobAnswer.shape.schedule, times: z.array(comingTime) }),
    async handle(request, { name = "" }, { services, workspace }) {
      const { count, from } = parseQuery(request, calendarQuery);
      const { value: job } = await services.jobs.get(workspace, name);
      const { schedule } = job.production ?? job;
      const fromMs = from === undefined ? services.now() : Date.parse(from);
      return json(200, { schedule, times: schedule ? comingTimes(recurrenceOf(schedule), fromMs, count) : [] });
    },
  },
];

function view({ value, version }: Stored<JobRecord>): StoredJob {
  const { inlineSources: _inDraft, production, ...job } = value;
  if (!production) return { ...job, production, version };
  const { inlineSources: _inProduction, ...published } = production;
  return { ...job, production: published, version };
}
