import { z } from "zod";
import { costAnswer, warningAnswer } from "../../shared/jobs/plan-schema.js";
import { errorReport } from "../../shared/looks/look-orders.js";
import type { DataSourceView, DefinitionView } from "../../shared/model/data-source.js";
import type { KeptDirtyRecord } from "../../shared/model/dirty-record.js";
import { type Run, runStates } from "../../shared/model/run.js";
import type { SplitView } from "../../shared/model/split.js";
import type { JobSummary, JobVersion, StoredJob } from "../../shared/model/stored-job.js";
import { sourceEnvironments, type Workspace } from "../../shared/model/workspace.js";

// The compiler holds each schema to the type of the answer, a test to the answers themselves.

const environment = z.enum(sourceEnvironments);
const texts = z.record(z.string(), z.string());

const counters = z
  .object({ read: z.number(), written: z.number(), dirty: z.number(), bytes: z.number() })
  .meta({ id: "Counters" });

const waitMs = z.object({ reader: z.number(), writer: z.number() });

const trigger = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("http") }),
  z.object({ kind: z.literal("timer"), scheduledAt: z.string(), label: z.string().exactOptional() }),
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

const jobVersion = z.object({
  script: z.string(),
  schedule: z.object({ cron: z.string(), timeZone: z.string() }).nullable(),
  subscription: z.object({ bucket: z.string(), prefix: z.string(), suffix: z.string() }).nullable(),
  parameters: texts,
  dataSources: z.array(z.string()),
}) satisfies z.ZodType<JobVersion>;

/** A stored job. */
export const jobAnswer = z
  .object({
    ...jobVersion.shape,
    name: z.string(),
    production: z.object({ ...jobVersion.shape, version: z.int(), publishedAt: z.string() }).nullable(),
    version: z.int(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: "Job" }) satisfies z.ZodType<StoredJob>;

/** A stored job in a list. */
export const jobSummaryAnswer = jobAnswer
  .omit({ script: true, parameters: true })
  .extend({
    production: jobVersion
      .omit({ script: true, parameters: true })
      .extend({ version: z.int(), publishedAt: z.string() })
      .nullable(),
  })
  .meta({ id: "JobSummary" }) satisfies z.ZodType<JobSummary>;

const definition = z
  .object({
    description: z.string(),
    tags: z.array(z.string()),
    resourceGroup: z.string().nullable(),
    properties: z.record(z.string(), z.json()),
    connectivity: z.object({ ok: z.boolean(), at: z.string(), message: z.string() }).nullable(),
    updatedAt: z.string(),
  })
  .meta({ id: "Definition" }) satisfies z.ZodType<DefinitionView>;

/** A data source, secrets masked. */
export const dataSourceAnswer = z
  .object({
    ...definition.shape,
    name: z.string(),
    type: z.string(),
    applicableEnvironment: z.enum([...sourceEnvironments, "both"]).nullable(),
    complete: z.boolean(),
    missing: z.array(environment),
    definitions: z.object({ development: definition.exactOptional(), production: definition.exactOptional() }),
    sharedBy: z.string().nullable(),
    grants: z.array(z.object({ workspace: z.string(), environments: z.array(environment) })),
    version: z.int(),
    createdAt: z.string(),
  })
  .meta({ id: "DataSource" }) satisfies z.ZodType<DataSourceView>;

/** A workspace. */
export const workspaceAnswer = z
  .object({
    name: z.string(),
    mode: z.enum(["basic", "standard"]),
    description: z.string(),
    timeZone: z.string(),
    createdAt: z.string().nullable(),
    upgradedAt: z.string().nullable(),
    uploadGrants: z.array(z.object({ bucket: z.string(), prefix: z.string() })).optional(),
  })
  .meta({ id: "Workspace" }) satisfies z.ZodType<Workspace>;
