import { z } from "zod";
import { fingerprint } from "../../shared/http/idempotency.js";
import type { HttpRequest } from "../../shared/http/request.js";
import { type HttpResponse, json } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { demandRole } from "../../shared/identity/identify.js";
import { UserError } from "../../shared/model/errors.js";
import { includesRole } from "../../shared/model/identity.js";
import { runStates, viewRun } from "../../shared/model/run.js";
import { sourceEnvironments } from "../../shared/model/workspace.js";
import { startJob, startScript } from "../../shared/runs/create/start-job.js";
import { parseDirtyLine, readDirty } from "../../shared/runs/dirty-records.js";
import { cancelRun } from "../../shared/runs/end/abort.js";
import { readRun, runOf } from "../../shared/runs/view/view-run.js";
import { isoNow } from "../../shared/services.js";
import { draftEnvironment, meantEnvironment } from "../../shared/sources/workspaces.js";
import { PAGE_BYTES } from "../../shared/store/page.js";
import { dirtyAnswer, runAnswer, splitAnswer } from "./answers.js";
import { nameText } from "./bounded.js";
import { type ApiContext, pageOf, pageQuery, parametersSchema, scriptSchema } from "./context.js";
import { demandRecords, runFor, splitFor } from "./records.js";

const startBody = z.object({
  job: nameText().optional(),
  script: scriptSchema.optional(),
  parameters: parametersSchema,
  /** In a standard workspace; a job runs its draft in development and what is submitted in production. */
  environment: z.enum(sourceEnvironments).optional(),
  idempotencyKey: z.string().min(1).max(200).nullable().default(null),
});

const listQuery = pageQuery.extend({ job: nameText().optional(), state: z.enum(runStates).optional() });

/** A download gives what fits an answer, and has no size to be asked for. */
const downloadQuery = pageQuery.pick({ page: true });

/** Start, list, show and cancel runs; their dirty records. */
export const runRoutes: readonly Route<ApiContext>[] = [
  {
    method: "POST",
    path: "/v1/runs",
    role: "developer",
    summary: "Start a run",
    body: startBody,
    answer: runAnswer,
    status: 202,
    async handle(request, _names, context) {
      const body = parseBody(request, startBody);
      // The header names the run too: a repeat finds it even if the first request died before its answer was kept.
      const idempotencyKey = keyOf(body, request);
      const askedAt = isoNow(context.services);
      const run = await start({ ...body, idempotencyKey }, context);
      const after = { job: run.job, reader: run.reader, writer: run.writer, parameters: Object.keys(run.parameters) };
      // A key may have found a run that was started before.
      if (run.createdAt >= askedAt) await context.audit({ action: "run.start", object: `run/${run.id}`, after });
      return json(202, runFor(context.caller, viewRun(run)));
    },
  },
  {
    method: "GET",
    path: "/v1/runs",
    role: "viewer",
    summary: "List runs, newest first",
    query: listQuery,
    answer: pageOf(runAnswer),
    async handle(request, _names, context) {
      const { services, workspace, caller } = context;
      const asked = { ...parseQuery(request, listQuery), maxBytes: PAGE_BYTES };
      const { items, nextPage } = await services.runs.list(workspace, asked);
      return json(200, { items: items.map((run) => runFor(caller, run)), nextPage });
    },
  },
  {
    method: "GET",
    path: "/v1/runs/{id}",
    role: "viewer",
    summary: "Show a run with its splits",
    answer: z.object({ run: runAnswer, splits: z.array(splitAnswer) }),
    async handle(_request, { id = "" }, { services, workspace, caller }) {
      const { run, splits } = await readRun(services, workspace, id);
      return json(200, { run: runFor(caller, run), splits: splits.map((split) => splitFor(caller, run, split)) });
    },
  },
  {
    method: "POST",
    path: "/v1/runs/{id}/cancel",
    role: "developer",
    summary: "Cancel a run; in production that takes the role operator",
    answer: runAnswer,
    status: 202,
    async handle(_request, { id = "" }, { services, workspace, caller, audit }) {
      const before = await runOf(services, workspace, id);
      if (before.environment === "production") demandRole(caller, "operator", "cancelling a run in production");
      const after = await cancelRun(services, id);
      const sides = { before: { state: before.state }, after: { state: after.state } };
      if (before.state !== after.state) await audit({ action: "run.cancel", object: `run/${id}`, ...sides });
      return json(202, runFor(caller, viewRun(after)));
    },
  },
  {
    method: "GET",
    path: "/v1/runs/{id}/dirty",
    role: "developer",
    summary: "List dirty records of a run",
    query: pageQuery,
    answer: z.object({ ...pageOf(dirtyAnswer).shape, total: z.int(), kept: z.int() }),
    async handle(request, { id = "" }, { services, workspace, caller }) {
      const { limit, page } = parseQuery(request, pageQuery);
      const { run } = await readRun(services, workspace, id);
      demandRecords(caller, run.environment);
      const { lines, nextPage } = await readDirty(services.objects, id, page, limit);
      return json(200, { items: lines.map(parseDirtyLine), nextPage, total: run.counters.dirty, kept: run.dirtyKept });
    },
  },
  {
    method: "GET",
    path: "/v1/runs/{id}/dirty/download",
    role: "developer",
    summary: "Download dirty records of a run as JSON lines",
    query: downloadQuery,
    answer: z.string(),
    answerType: "application/x-ndjson",
    answerHeaders: { "x-next-page": "The next `page`; absent = that was all" },
    async handle(request, { id = "" }, { services, workspace, caller }): Promise<HttpResponse> {
      const { page } = parseQuery(request, downloadQuery);
      demandRecords(caller, (await runOf(services, workspace, id)).environment);
      const { lines, nextPage } = await readDirty(services.objects, id, page, Number.POSITIVE_INFINITY);
      const headers: Record<string, string> = { "content-type": "application/x-ndjson" };
      if (nextPage !== null) headers["x-next-page"] = nextPage;
      return { statusCode: 200, headers, body: lines.map((line) => `${line}\n`).join(""), isBase64Encoded: false };
    },
  },
];

/** In the header or, as older callers have it, in the body. */
function keyOf({ idempotencyKey: inBody }: z.infer<typeof startBody>, { headers }: HttpRequest): string | null {
  const inHeader = headers["idempotency-key"];
  if (inBody !== null && inHeader !== undefined && inBody !== inHeader)
    throw new UserError("CONFIG_INVALID", "idempotencyKey: another one than in the header idempotency-key", {
      path: "idempotencyKey",
    });
  return inBody ?? inHeader ?? null;
}

async function start(body: z.infer<typeof startBody>, { services, workspace, caller }: ApiContext) {
  const { job, script, parameters, idempotencyKey } = body;
  if ((job === undefined) === (script === undefined))
    throw new UserError("CONFIG_INVALID", 'give either "job", the name of a stored job, or "script"', { path: "job" });
  const key = idempotencyKey === null ? null : `http/${caller.id}\n${idempotencyKey}`;
  const request = [job ?? null, script ?? null, body.environment ?? null, Object.entries(parameters).sort()];
  const asked = idempotencyKey === null ? null : fingerprint(idempotencyKey, request);
  const { value: home } = await services.workspaces.get(workspace);
  const environment = body.environment ? meantEnvironment(home, body.environment) : draftEnvironment(home);
  if (environment === "production" && !includesRole(caller.role, "operator"))
    throw new UserError("FORBIDDEN", `a run in production takes the role operator, you are ${caller.role}`);
  if (script !== undefined && environment !== draftEnvironment(home))
    throw new UserError("CONFIG_INVALID", "environment: a script that is not submitted runs in development only", {
      path: "environment",
    });
  const options = {
    workspace,
    environment,
    parameters,
    trigger: { kind: "http" },
    workspaceZone: home.timeZone,
    key,
    asked,
  } as const;
  if (job === undefined) return startScript(services, script ?? "", options);
  return startJob(services, (await services.jobs.get(workspace, job)).value, options);
}
