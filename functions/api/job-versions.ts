import { jobVersionEndpoints } from "../../shared/api/job-versions.js";
import { plannedTimeOf } from "../../shared/calendar/planned-at.js";
import { etag, expectedVersion } from "../../shared/http/etag.js";
import type { HttpRequest } from "../../shared/http/request.js";
import { answered } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { diffJob, jobVersionOf, listJobVersions, type VersionName } from "../../shared/jobs/job-versions.js";
import { demandSubmittable, submitJob, unsubmitJob } from "../../shared/jobs/publish-job.js";
import { restoreJob } from "../../shared/jobs/save-job.js";
import type { SeenJob } from "../../shared/jobs/store-job.js";
import { checkSubmission } from "../../shared/looks/submission.js";
import { UserError } from "../../shared/model/errors.js";
import { SubmissionRefused } from "../../shared/model/submission.js";
import type { Workspace } from "../../shared/model/workspace.js";
import type { JobRecord } from "../../shared/store/jobs-store.js";
import type { ApiContext } from "./context.js";
import { homeOf } from "./data-sources.js";
import { demandSaving, viewJob } from "./jobs.js";

/** List, show, compare and restore versions of jobs; publish them. */
export const jobVersionRoutes: readonly Route<ApiContext>[] = [
  {
    ...jobVersionEndpoints.jobVersions,
    async handle(request, { name = "" }, { services, workspace }) {
      const { limit, page } = parseQuery(request, jobVersionEndpoints.jobVersions.query);
      const found = await listJobVersions(services, workspace, { name, limit, page });
      return answered(jobVersionEndpoints.jobVersions, found);
    },
  },
  {
    ...jobVersionEndpoints.jobVersion,
    async handle(_request, { name = "", version = "" }, { services, workspace }) {
      const { inlineSources: _sealed, ...found } = await jobVersionOf(services, workspace, {
        name,
        version: versionNumber(version),
      });
      return answered(jobVersionEndpoints.jobVersion, found);
    },
  },
  {
    ...jobVersionEndpoints.jobDiff,
    async handle(request, { name = "" }, { services, workspace }) {
      const { from, to } = parseQuery(request, jobVersionEndpoints.jobDiff.query);
      const found = await diffJob(services, workspace, { name, from: versionName(from), to: versionName(to) });
      return answered(jobVersionEndpoints.jobDiff, found);
    },
  },
  {
    ...jobVersionEndpoints.restoreJob,
    async handle(request, { name = "", version = "" }, context) {
      const { note } = parseBody(request, jobVersionEndpoints.restoreJob.body);
      const home = await homeOf(context);
      const wanted = { name, version: versionNumber(version), ...seenBy(request, context, note) };
      demandSaving(context.caller, home);
      const { stored, warnings } = await restoreJob(context.services, home, wanted);
      const after = { version: stored.version, of: wanted.version };
      await context.audit({ action: "job.restore", object: `job/${name}`, after });
      const job = { ...viewJob(stored), warnings: [...warnings] };
      return answered(jobVersionEndpoints.restoreJob, job, { headers: etag(job.version) });
    },
  },
  {
    ...jobVersionEndpoints.submitJob,
    async handle(request, { name = "" }, context) {
      const { note } = parseBody(request, jobVersionEndpoints.submitJob.body);
      const { services, audit } = context;
      const home = await homeOf(context);
      const seen = seenBy(request, context, note);
      await demandSubmittable(services, home, { name, ifMatch: seen.ifMatch });
      const { version, reasons, warnings, changes } = await checkSubmission(services, home, {
        name,
        plannedFor: plannedFor(context, home),
      });
      const [first, ...rest] = reasons;
      if (first) throw new SubmissionRefused(name, [first, ...rest]);
      // What was checked is what is published.
      const job = viewJob(await submitJob(services, home, { name, ...seen, ifMatch: version }));
      await audit({ action: "job.submit", object: `job/${name}`, after: { version: job.production?.version } });
      const answer = { ...job, warnings, changes };
      return answered(jobVersionEndpoints.submitJob, answer, { headers: etag(job.version) });
    },
  },
  {
    ...jobVersionEndpoints.submissionCheck,
    async handle(_request, { name = "" }, context) {
      const home = await homeOf(context);
      await demandSubmittable(context.services, home, { name, ifMatch: null });
      const { version, ...report } = await checkSubmission(context.services, home, {
        name,
        plannedFor: plannedFor(context, home),
      });
      await context.audit({ action: "job.check", object: `job/${name}`, after: { version } });
      return answered(jobVersionEndpoints.submissionCheck, report);
    },
  },
  {
    ...jobVersionEndpoints.unsubmitJob,
    async handle(request, { name = "" }, context) {
      const { note } = parseBody(request, jobVersionEndpoints.unsubmitJob.body);
      const seen = { name, ...seenBy(request, context, note) };
      const job = viewJob(await unsubmitJob(context.services, await homeOf(context), seen));
      const before = { version: job.lastChange.of };
      await context.audit({ action: "job.unsubmit", object: `job/${name}`, before });
      return answered(jobVersionEndpoints.unsubmitJob, job, { headers: etag(job.version) });
    },
  },
];

/** The planned time that a draft would have now, or for the date that its parameters name. */
function plannedFor({ services }: ApiContext, { timeZone: workspaceZone }: Workspace) {
  return ({ parameters, schedule }: JobRecord): string =>
    plannedTimeOf({ parameters, schedule, workspaceZone, nowMs: services.now() }).plannedLocal;
}

function seenBy(request: HttpRequest, { caller }: ApiContext, note: string): SeenJob {
  return { ifMatch: expectedVersion(request) ?? null, by: caller.id, note };
}

/** As the query's schema lets it pass. */
function versionName(text: string): VersionName {
  return text === "draft" || text === "production" ? text : Number(text);
}

/** @throws UserError CONFIG_INVALID for what is no number of a version */
function versionNumber(text: string): number {
  if (/^[1-9]\d{0,11}$/.test(text)) return Number(text);
  const seen = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  throw new UserError("CONFIG_INVALID", `version: expected the number of a version; seen "${seen}"`, {
    path: "version",
  });
}
