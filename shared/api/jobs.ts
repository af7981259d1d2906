import { z } from "zod";
import { dependenciesSchema, policiesSchema, scheduleFields } from "../model/job-schedule.js";
import { type JobChange, type JobSummary, type JobVersion, jobChanges, type StoredJob } from "../model/stored-job.js";
import { nameText } from "./bounded.js";
import type { Endpoint } from "./endpoint.js";
import { folderText, noteSchema, parametersSchema, scriptSchema } from "./inputs.js";
import { pageOf, pageQuery } from "./paging.js";
import { warningAnswer } from "./reports.js";

/** One version of a job. */
export const jobVersion = z.object({
  folder: z.string(),
  owner: z.string(),
  description: z.string(),
  script: z.string(),
  schedule: z.object({ ...scheduleFields, timeZone: z.string() }).nullable(),
  subscription: z.object({ bucket: z.string(), prefix: z.string(), suffix: z.string() }).nullable(),
  dependencies: dependenciesSchema.optional(),
  policies: policiesSchema.optional(),
  parameters: z.record(z.string(), z.string()),
  dataSources: z.array(z.string()),
}) satisfies z.ZodType<JobVersion>;

/** What made a version of a job. */
export const jobChangeAnswer = z
  .object({
    kind: z.enum(jobChanges),
    of: z.int().nullable().describe("The version that was restored, submitted, or taken out of production"),
    note: z.string(),
    by: z.string(),
    at: z.string(),
  })
  .meta({ id: "JobChange" }) satisfies z.ZodType<JobChange>;

/** A stored job. */
export const jobAnswer = z
  .object({
    ...jobVersion.shape,
    name: z.string(),
    production: z.object({ ...jobVersion.shape, version: z.int(), publishedAt: z.string() }).nullable(),
    lastChange: jobChangeAnswer,
    version: z.int(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: "Job" }) satisfies z.ZodType<StoredJob>;

/** A stored job in a list. */
export const jobSummaryAnswer = jobAnswer
  .omit({ script: true, parameters: true, dependencies: true, policies: true, lastChange: true })
  .extend({
    production: jobVersion
      .omit({ script: true, parameters: true, dependencies: true, policies: true })
      .extend({ version: z.int(), publishedAt: z.string() })
      .nullable(),
  })
  .meta({ id: "JobSummary" }) satisfies z.ZodType<JobSummary>;

const putBody = z.object({
  script: scriptSchema.optional().describe("Absent = that of the stored job, with the connections it came with"),
  folder: folderText().default(""),
  owner: nameText().nullable().default(null).describe("Absent = who owns it already, else who stores it"),
  description: z.string().max(2000).default(""),
  note: noteSchema,
  schedule: z
    .object({ ...scheduleFields, timeZone: z.string().max(64).optional().describe("Absent = the workspace's") })
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
  dependencies: dependenciesSchema.default([]).describe("What its instances wait for"),
  policies: policiesSchema.default({}),
  parameters: parametersSchema,
});

const listQuery = pageQuery.extend({
  folder: folderText().optional().describe("Only jobs in it and in folders below"),
  search: z.string().max(200).optional().describe("Only jobs with this in their name or description, in any case"),
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
  .meta({ id: "ComingTime" });

/** Store, show and list jobs. */
export const jobEndpoints = {
  putJob: {
    method: "PUT",
    path: "/v1/jobs/{name}",
    role: "developer",
    summary: "Store a job; in a basic workspace that publishes it, which takes the role operator",
    result:
      "the stored job, 201 when new; a schedule (`cron` or `cycle`, perhaps `timeZone`, `clock`, `from`, `to`, `spreadMinutes`) without a zone goes by the workspace's; what `dependencies` and `policies` mean stands in `docs/schedules.md`; in a basic workspace this publishes it and takes operator; `script` is the job file as text, checked as `POST /v1/validate` does; absent = that of the stored job, with the connections it came with",
    body: putBody,
    answer: z.object({ ...jobAnswer.shape, warnings: z.array(warningAnswer) }),
    newStatus: 201,
    version: "both",
    repeatable: true,
  },
  jobs: {
    method: "GET",
    path: "/v1/jobs",
    role: "viewer",
    summary: "List stored jobs, without their scripts",
    result:
      "stored jobs, without scripts and parameters; `folder` takes it and those below, `search` looks in names and descriptions",
    query: listQuery,
    answer: pageOf(jobSummaryAnswer),
  },
  job: {
    method: "GET",
    path: "/v1/jobs/{name}",
    role: "viewer",
    summary: "Show a stored job",
    result: "the stored job",
    answer: jobAnswer,
    version: "answers",
  },
  calendar: {
    method: "GET",
    path: "/v1/jobs/{name}/calendar",
    role: "viewer",
    summary: "The next planned times of a job: of what is published, else of its draft",
    result:
      "`{ schedule, times }`: the next planned times of what is published, else of the draft, with what the clocks do on these days; `from` is an ISO time",
    query: calendarQuery,
    answer: z.object({ schedule: jobAnswer.shape.schedule, times: z.array(comingTime) }),
  },
} as const satisfies Record<string, Endpoint>;
