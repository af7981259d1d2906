import { z } from "zod";
import type { KeptDirtyRecord } from "../model/dirty-record.js";
import { type Run, runStates } from "../model/run.js";
import type { SplitView } from "../model/split.js";
import { sourceEnvironments } from "../model/workspace.js";
import { nameText } from "./bounded.js";
import type { Endpoint } from "./endpoint.js";
import { parametersSchema, scriptSchema } from "./inputs.js";
import { pageOf, pageQuery } from "./paging.js";
import { costAnswer, errorReport, warningAnswer } from "./reports.js";

const environment = z.enum(sourceEnvironments);
const texts = z.record(z.string(), z.string());

const counters = z
  .object({ read: z.number(), written: z.number(), dirty: z.number(), bytes: z.number() })
  .meta({ id: "Counters" });

const waitMs = z.object({ reader: z.number(), writer: z.number() });

const trigger = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("http") }),
  z.object({ kind: z.literal("timer"), scheduledAt: z.string(), label: z.string().exactOptional() }),
  z.object({ kind: z.literal("backfill"), backfill: z.string(), scheduledAt: z.string(), label: z.string() }),
  z.object({ kind: z.literal("upload"), bucket: z.string(), key: z.string(), eTag: z.string() }),
]);

/** A run. */
export const runAnswer = z
  .object({
    id: z.string(),
    job: z.string().nullable(),
    environment,
    state: z.enum(runStates),
    trigger,
    instance: z
      .object({ origin: z.string(), label: z.string(), attempt: z.int() })
      .optional()
      .describe("The instance of the job that it is an attempt of"),
    parameters: texts,
    plannedAt: z.string(),
    plannedLocal: z.string().exactOptional(),
    createdAt: z.string(),
    startedAt: z.string().nullable(),
    endedAt: z.string().nullable(),
    reader: z.string(),
    writer: z.string(),
    concurrent: z.int(),
    splits: z.object({ total: z.int(), done: z.int() }),
    estimatedRows: z.number().nullable(),
    counters,
    waitMs,
    delivery: z.string().nullable(),
    errorLimit: z.object({ record: z.number().nullable(), percentage: z.number().nullable() }),
    dirtyKept: z.int(),
    warnings: z.array(warningAnswer),
    notes: z.array(z.string()),
    cost: costAnswer.nullable(),
    error: errorReport.nullable(),
    resumableUntil: z.string().nullable().exactOptional(),
    resumes: z.int().exactOptional(),
  })
  .meta({ id: "Run" }) satisfies z.ZodType<Run>;

/** A split of a run. */
export const splitAnswer = z
  .object({
    number: z.int(),
    state: z.enum(["pending", "claimed", "done", "failed"]),
    describe: z.string(),
    estimatedRows: z.number().nullable(),
    attempt: z.int(),
    failures: z.int(),
    owner: z.string().nullable(),
    leaseUntil: z.number(),
    live: counters,
    waitMs,
    dirtyKept: z.int(),
    startedAt: z.string().nullable(),
    endedAt: z.string().nullable(),
    error: errorReport.nullable(),
  })
  .meta({ id: "Split" }) satisfies z.ZodType<SplitView>;

/** A dirty record. */
export const dirtyAnswer = z
  .object({
    run: z.string(),
    split: z.int(),
    side: z.enum(["reader", "writer"]),
    reason: z.string(),
    message: z.string(),
    column: z.string().nullable(),
    key: z.string().nullable(),
    cells: z.array(z.union([z.string(), z.null(), z.object({ base64: z.string() })])),
  })
  .meta({ id: "DirtyRecord" }) satisfies z.ZodType<KeptDirtyRecord>;

const startBody = z.object({
  job: nameText().optional(),
  script: scriptSchema.optional(),
  parameters: parametersSchema,
  /** In a standard workspace; a job runs its draft in development and what is submitted in production. */
  environment: z.enum(sourceEnvironments).optional(),
  idempotencyKey: z.string().min(1).max(200).nullable().default(null),
});

const waitQuery = z.object({
  wait: z.coerce
    .number()
    .int()
    .min(0)
    .max(50)
    .default(0)
    .describe("Answer when the run has ended, or after so many seconds"),
});

const listQuery = pageQuery.extend({ job: nameText().optional(), state: z.enum(runStates).optional() });

/** A download gives what fits an answer, and has no size to be asked for. */
const downloadQuery = pageQuery.pick({ page: true });

/** Start, list, show, cancel and resume runs; their dirty records. */
export const runEndpoints = {
  startRun: {
    method: "POST",
    path: "/v1/runs",
    role: "developer",
    summary: "Start a run",
    result:
      "the run, of `job` or of `script`; production takes operator; `idempotencyKey` is older than the header, and the same, but that a repeat may wait for its run; `wait` is in seconds, at most 50: the answer comes when the run has ended, or then",
    query: waitQuery,
    body: startBody,
    answer: runAnswer,
    status: 202,
    repeatable: true,
  },
  runs: {
    method: "GET",
    path: "/v1/runs",
    role: "viewer",
    summary: "List runs, newest first",
    result: "runs, newest first",
    query: listQuery,
    answer: pageOf(runAnswer),
  },
  run: {
    method: "GET",
    path: "/v1/runs/{id}",
    role: "viewer",
    summary: "Show a run with its splits",
    result: "`{ run, splits }`, with `wait` once the run has ended or so many seconds have gone by",
    query: waitQuery,
    answer: z.object({ run: runAnswer, splits: z.array(splitAnswer) }),
  },
  cancelRun: {
    method: "POST",
    path: "/v1/runs/{id}/cancel",
    role: "developer",
    summary: "Cancel a run; in production that takes the role operator",
    result: "the run; production takes operator",
    answer: runAnswer,
    status: 202,
    repeatable: true,
  },
  resumeRun: {
    method: "POST",
    path: "/v1/runs/{id}/resume",
    role: "developer",
    summary: "Resume a run that failed or was cancelled; in production that takes the role operator",
    answer: runAnswer,
    status: 202,
    repeatable: true,
  },
  dirty: {
    method: "GET",
    path: "/v1/runs/{id}/dirty",
    role: "developer",
    summary: "List dirty records of a run",
    result: "`{ items, nextPage, total, kept }`; production takes operator",
    query: pageQuery,
    answer: z.object({ ...pageOf(dirtyAnswer).shape, total: z.int(), kept: z.int() }),
  },
  dirtyDownload: {
    method: "GET",
    path: "/v1/runs/{id}/dirty/download",
    role: "developer",
    summary: "Download dirty records of a run as JSON lines",
    result: "production takes operator; JSON lines; the header `x-next-page` is there while more follows",
    query: downloadQuery,
    answer: z.string(),
    answerType: "application/x-ndjson",
    answerHeaders: { "x-next-page": "The next `page`; absent = that was all" },
  },
} as const satisfies Record<string, Endpoint>;
