import { z } from "zod";
import type { JobComparison, JobHistoryEntry } from "../model/stored-job.js";
import type { Endpoint } from "./endpoint.js";
import { noteSchema } from "./inputs.js";
import { jobAnswer, jobChangeAnswer, jobVersion } from "./jobs.js";
import { pageOf, pageQuery } from "./paging.js";
import { warningAnswer } from "./reports.js";

const historyEntry = z
  .object({ version: z.int(), change: jobChangeAnswer })
  .meta({ id: "JobHistoryEntry" }) satisfies z.ZodType<JobHistoryEntry>;

/** What differs between two versions of a job. */
export const comparisonAnswer = z
  .object({
    fields: z.array(z.object({ path: z.string(), before: z.json(), after: z.json() })),
    script: z.object({ added: z.int(), removed: z.int(), diff: z.string() }),
  })
  .meta({ id: "JobComparison" }) satisfies z.ZodType<JobComparison>;

const submissionAnswer = z.object({
  reasons: z
    .array(z.object({ code: z.string(), message: z.string(), path: z.string().exactOptional() }))
    .describe("Empty = it can be submitted"),
  warnings: z.array(warningAnswer),
  changes: comparisonAnswer.nullable().describe("Against what is in production; null = nothing is"),
});

const versionText = z
  .string()
  .max(12)
  .regex(/^(?:draft|production|[1-9]\d*)$/, { error: 'expected the number of a version, "draft" or "production"' });

const diffQuery = z.object({
  from: versionText.describe("The earlier one: a number, `draft` or `production`"),
  to: versionText.default("draft").describe("The later one"),
});

const noteBody = z.object({ note: noteSchema });

/** Versions of jobs: list, show, compare, restore, publish, take out of production. */
export const jobVersionEndpoints = {
  jobVersions: {
    method: "GET",
    path: "/v1/jobs/{name}/versions",
    role: "viewer",
    summary: "List a job's versions, the present one first",
    result: "what made each version, by whom and when, the present one first; the last 500 before it are kept",
    query: pageQuery,
    answer: pageOf(historyEntry),
  },
  jobVersion: {
    method: "GET",
    path: "/v1/jobs/{name}/versions/{version}",
    role: "viewer",
    summary: "Show a version of a job",
    result: "that version",
    answer: z.object({ ...jobVersion.shape, ...historyEntry.shape }),
  },
  jobDiff: {
    method: "GET",
    path: "/v1/jobs/{name}/diff",
    role: "viewer",
    summary: "What differs between two versions of a job",
    result:
      "`{ fields, script }`: what differs by field, and in the scripts as `diff -u` prints it; `from` and `to` are a version's number, `draft` or `production`",
    query: diffQuery,
    answer: comparisonAnswer,
  },
  restoreJob: {
    method: "POST",
    path: "/v1/jobs/{name}/versions/{version}/restore",
    role: "developer",
    summary:
      "Make a version of a job its draft again; in a basic workspace that publishes it, which takes the role operator",
    result: "the job, whose draft is that version again; takes operator in a basic workspace, where it publishes",
    body: noteBody,
    answer: z.object({ ...jobAnswer.shape, warnings: z.array(warningAnswer) }),
    version: "both",
    repeatable: true,
  },
  submitJob: {
    method: "POST",
    path: "/v1/jobs/{name}/submit",
    role: "operator",
    summary: "Publish a job's draft to production",
    result:
      "the job, its draft published, with `changes` against what was in production; refused with every reason in `issues`, see [Jobs](jobs.md#production)",
    body: noteBody,
    answer: z.object({
      ...jobAnswer.shape,
      warnings: z.array(warningAnswer),
      changes: comparisonAnswer.nullable().describe("Against what was in production before; null = nothing was"),
    }),
    version: "both",
    repeatable: true,
  },
  submissionCheck: {
    method: "POST",
    path: "/v1/jobs/{name}/submission-check",
    role: "operator",
    summary: "Everything that keeps a job's draft from production, and what publishing it would change",
    result: "`{ reasons, warnings, changes }`: what keeps it from production, and what would change there",
    answer: submissionAnswer,
    repeatable: true,
  },
  unsubmitJob: {
    method: "POST",
    path: "/v1/jobs/{name}/unsubmit",
    role: "operator",
    summary: "Take a job out of production: nothing starts it by itself any more; draft, history and runs stay",
    result: "the job, nothing of it in production: no schedule and no upload starts it; draft, history and runs stay",
    body: noteBody,
    answer: jobAnswer,
    version: "both",
  },
} as const satisfies Record<string, Endpoint>;
