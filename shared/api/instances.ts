import { z } from "zod";
import { type Instance, instanceStates } from "../model/instance.js";
import { scheduleModes } from "../model/job-schedule.js";
import { nameText } from "./bounded.js";
import type { Endpoint } from "./endpoint.js";
import { pageOf, pageQuery } from "./paging.js";

const state = z.enum(instanceStates);
const date = z.iso.date().max(10);

/** An instance of a job. */
export const instanceAnswer = z
  .object({
    job: z.string(),
    origin: z.string().describe("`s` = its schedule, `b…` = a backfill, `u…` = uploads"),
    label: z.string().describe("Planned time as the clock of the job's zone shows it"),
    state,
    reason: z.string().nullable().describe("Why it is there, in words"),
    attempt: z.int(),
    retries: z.int(),
    run: z.string().nullable().describe("The run of the last attempt"),
    notBefore: z.number().nullable().describe("Epoch ms before which it does not start again"),
    dueAt: z.string(),
    businessDate: z.string(),
    version: z.int().nullable().describe("Of the job: that its last run was made from"),
    priority: z.int(),
    waitsFor: z
      .object({ job: z.string(), origin: z.string(), label: z.string(), until: z.enum(["succeeded", "ended"]) })
      .nullable(),
    madeAt: z.string(),
    startedAt: z.string().nullable(),
    endedAt: z.string().nullable(),
    parameters: z.record(z.string(), z.string()),
  })
  .meta({ id: "Instance" }) satisfies z.ZodType<Instance>;

const downstreamAnswer = z.object({
  job: z.string(),
  origin: z.string(),
  label: z.string(),
  state,
  what: z.enum(["rerun", "waits", "running", "refused"]).describe("What running it again makes of it"),
  reason: z.string().nullable(),
});

const listQuery = pageQuery.extend({
  date: date.optional().describe("Planned date; absent = today by the workspace's clock"),
  job: nameText().optional(),
  state: state.optional(),
  origin: z
    .string()
    .regex(/^[a-z][A-Za-z0-9]*$/)
    .max(40)
    .optional()
    .describe("`s`, or the beginning of another one"),
});

const path = "/v1/jobs/{name}/instances/{origin}/{label}";

function order<S extends string>(verb: S, summary: string) {
  return {
    method: "POST",
    path: `${path}/${verb}`,
    role: "operator",
    summary,
    answer: instanceAnswer,
    repeatable: true,
  } as const;
}

/** List, show and change instances of jobs. */
export const instanceEndpoints = {
  instances: {
    method: "GET",
    path: "/v1/instances",
    role: "viewer",
    summary: "List the instances of a planned day, by time and job",
    query: listQuery,
    result: "instances of a planned day (absent = today by the workspace's clock), with the reason of each in words",
    answer: pageOf(instanceAnswer),
  },
  instance: {
    method: "GET",
    path,
    role: "viewer",
    summary: "Show an instance of a job, with what it waits for",
    result: "the instance, such as `s/2026-11-28T02:30`",
    answer: instanceAnswer,
  },
  downstream: {
    method: "GET",
    path: `${path}/downstream`,
    role: "viewer",
    summary: "List the instances behind one, and what running it again with them would make of each",
    answer: z.object({ items: z.array(downstreamAnswer) }),
  },
  rerunInstance: {
    method: "POST",
    path: `${path}/rerun`,
    role: "operator",
    summary: "Run an instance again, alone or with all behind it",
    body: z.object({
      version: z.enum(["inForce", "same"]).default("inForce").describe("`same` = what its last run ran"),
      downstream: z.boolean().default(false),
      force: z.boolean().default(false).describe("Cancel those behind it that run"),
    }),
    answer: z.object({ instance: instanceAnswer, downstream: z.array(downstreamAnswer) }),
    result: "the instance, and those behind it; the version is `inForce`, or the `same` that its last run ran",
  },
  succeedInstance: order("succeed", "Set an instance succeeded, so that those behind it go on"),
  freezeInstance: order("freeze", "Freeze an instance that has not started: it holds those behind it"),
  unfreezeInstance: order("unfreeze", "Let a frozen instance go on"),
  cancelInstance: order("cancel", "Cancel an instance, with its run if it has one"),
  instanceGraph: {
    method: "GET",
    path: "/v1/jobs/{name}/graph",
    role: "viewer",
    summary: "Who waits for whom around a job's instances of a planned day, three levels up and down",
    query: z.object({ date: date.optional().describe("Planned date; absent = today by the workspace's clock") }),
    answer: z.object({
      nodes: z.array(
        z.object({
          job: z.string(),
          label: z.string(),
          state: state.nullable().describe("null = not made yet"),
          level: z.int().describe("Below 0 what the job waits for, above 0 what waits for it"),
        }),
      ),
      edges: z.array(z.object({ from: z.int(), to: z.int() })).describe("`to` waits for `from`; numbers of nodes"),
      isCut: z.boolean(),
    }),
  },
  changeJobMode: {
    method: "POST",
    path: "/v1/jobs/{name}/mode",
    role: "operator",
    summary: "Pause, freeze or resume a job's schedule, or have it succeed without running",
    body: z.object({ mode: z.enum(scheduleModes) }),
    result:
      "the mode: `active`, `paused` (makes no instances), `frozen` (makes them frozen) or `dryRun` (they succeed without running)",
    answer: z.object({ mode: z.enum(scheduleModes) }),
    repeatable: true,
  },
} as const satisfies Record<string, Endpoint>;
