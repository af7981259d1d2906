import type { z } from "zod";
import { runEndpoints } from "../../shared/api/runs.js";
import { fingerprint } from "../../shared/http/idempotency.js";
import type { HttpRequest } from "../../shared/http/request.js";
import { answered, type HttpResponse } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { demandRole } from "../../shared/identity/identify.js";
import { UserError } from "../../shared/model/errors.js";
import { includesRole } from "../../shared/model/identity.js";
import { viewRun } from "../../shared/model/run.js";
import { resumeRun } from "../../shared/runs/create/resume-run.js";
import { startJob, startScript } from "../../shared/runs/create/start-job.js";
import { parseDirtyLine, readDirty } from "../../shared/runs/dirty-records.js";
import { cancelRun } from "../../shared/runs/end/abort.js";
import { awaitEnd } from "../../shared/runs/view/await-end.js";
import { readRun, runOf } from "../../shared/runs/view/view-run.js";
import { isoNow } from "../../shared/services.js";
import { draftEnvironment, meantEnvironment } from "../../shared/sources/workspaces.js";
import { PAGE_BYTES } from "../../shared/store/page.js";
import type { ApiContext } from "./context.js";
import { demandRecords, runFor, splitFor } from "./records.js";

/** Start, list, show, cancel and resume runs; their dirty records. */
export const runRoutes: readonly Route<ApiContext>[] = [
  {
    ...runEndpoints.startRun,
    async handle(request, _names, context) {
      const body = parseBody(request, runEndpoints.startRun.body);
      const { wait } = parseQuery(request, runEndpoints.startRun.query);
      // The header names the run too: a repeat finds it even if the first request died before its answer was kept.
      const idempotencyKey = keyOf(body, request);
      const askedAt = isoNow(context.services);
      const run = await start({ ...body, idempotencyKey }, context);
      const after = { job: run.job, reader: run.reader, writer: run.writer, parameters: Object.keys(run.parameters) };
      // A key may have found a run that was started before.
      if (run.createdAt >= askedAt) await context.audit({ action: "run.start", object: `run/${run.id}`, after });
      if (wait === 0) return answered(runEndpoints.startRun, runFor(context.caller, viewRun(run)));
      await awaitEnd(context.services, run.id, wait * 1000);
      const { run: now } = await readRun(context.services, context.workspace, run.id);
      return answered(runEndpoints.startRun, runFor(context.caller, now));
    },
  },
  {
    ...runEndpoints.runs,
    async handle(request, _names, context) {
      const { services, workspace, caller } = context;
      const asked = { ...parseQuery(request, runEndpoints.runs.query), maxBytes: PAGE_BYTES };
      const { items, nextPage } = await services.runs.list(workspace, asked);
      return answered(runEndpoints.runs, { items: items.map((run) => runFor(caller, run)), nextPage });
    },
  },
  {
    ...runEndpoints.run,
    async handle(request, { id = "" }, { services, workspace, caller }) {
      const { wait } = parseQuery(request, runEndpoints.run.query);
      if (wait > 0) {
        await runOf(services, workspace, id);
        await awaitEnd(services, id, wait * 1000);
      }
      const { run, splits } = await readRun(services, workspace, id);
      return answered(runEndpoints.run, {
        run: runFor(caller, run),
        splits: splits.map((split) => splitFor(caller, run, split)),
      });
    },
  },
  {
    ...runEndpoints.cancelRun,
    async handle(_request, { id = "" }, { services, workspace, caller, audit }) {
      const before = await runOf(services, workspace, id);
      if (before.environment === "production") demandRole(caller, "operator", "cancelling a run in production");
      const after = await cancelRun(services, id);
      const sides = { before: { state: before.state }, after: { state: after.state } };
      if (before.state !== after.state) await audit({ action: "run.cancel", object: `run/${id}`, ...sides });
      return answered(runEndpoints.cancelRun, runFor(caller, viewRun(after)));
    },
  },
  {
    ...runEndpoints.resumeRun,
    async handle(_request, { id = "" }, { services, workspace, caller, audit }) {
      const before = await runOf(services, workspace, id);
      if (before.environment === "production") demandRole(caller, "operator", "resuming a run in production");
      const after = await resumeRun(services, id);
      const sides = { before: { state: before.state }, after: { state: after.state } };
      await audit({ action: "run.resume", object: `run/${id}`, ...sides });
      return answered(runEndpoints.resumeRun, runFor(caller, viewRun(after)));
    },
  },
  {
    ...runEndpoints.dirty,
    async handle(request, { id = "" }, { services, workspace, caller }) {
      const { limit, page } = parseQuery(request, runEndpoints.dirty.query);
      const { run } = await readRun(services, workspace, id);
      demandRecords(caller, run.environment);
      const { lines, nextPage } = await readDirty(services.objects, id, { page, limit });
      return answered(runEndpoints.dirty, {
        items: lines.map(parseDirtyLine),
        nextPage,
        total: run.counters.dirty,
        kept: run.dirtyKept,
      });
    },
  },
  {
    ...runEndpoints.dirtyDownload,
    async handle(request, { id = "" }, { services, workspace, caller }): Promise<HttpResponse> {
      const { page } = parseQuery(request, runEndpoints.dirtyDownload.query);
      demandRecords(caller, (await runOf(services, workspace, id)).environment);
      const { lines, nextPage } = await readDirty(services.objects, id, { page, limit: Number.POSITIVE_INFINITY });
      const headers: Record<string, string> = { "content-type": "application/x-ndjson" };
      if (nextPage !== null) headers["x-next-page"] = nextPage;
      return { statusCode: 200, headers, body: lines.map((line) => `${line}\n`).join(""), isBase64Encoded: false };
    },
  },
];

type StartBody = z.output<typeof runEndpoints.startRun.body>;

/** In the header or, as older callers have it, in the body. */
function keyOf({ idempotencyKey: inBody }: StartBody, { headers }: HttpRequest): string | null {
  const inHeader = headers["idempotency-key"];
  if (inBody !== null && inHeader !== undefined && inBody !== inHeader)
    throw new UserError("CONFIG_INVALID", "idempotencyKey: another one than in the header idempotency-key", {
      path: "idempotencyKey",
    });
  return inBody ?? inHeader ?? null;
}

async function start(body: StartBody, { services, workspace, caller }: ApiContext) {
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
