import { z } from "zod";
import { json } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { UserError } from "../../shared/model/errors.js";
import type { StoredJob } from "../../shared/model/run.js";
import type { Stored } from "../../shared/platform/documents.js";
import { admitScript } from "../../shared/runs/admit-script.js";
import { isoNow } from "../../shared/runs/services.js";
import { checkSchedule } from "../../shared/schedule/due.js";
import type { JobRecord } from "../../shared/store/named-store.js";
import { type ApiContext, pageQuery, parametersSchema, scriptSchema } from "./context.js";

const putBody = z.object({
  script: scriptSchema,
  schedule: z
    .object({ cron: z.string(), timeZone: z.string().default("Asia/Shanghai") })
    .nullable()
    .default(null),
  subscription: z
    .object({ bucket: z.string().min(3), prefix: z.string().default(""), suffix: z.string().default("") })
    .nullable()
    .default(null),
  parameters: parametersSchema,
});

/** Store, show and list jobs. */
export const jobRoutes: readonly Route<ApiContext>[] = [
  {
    method: "PUT",
    path: "/v1/jobs/{name}",
    role: "developer",
    summary: "Store a job",
    body: putBody,
    async handle(request, { name = "" }, context) {
      const { services, workspace } = context;
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
      const { script, inlineSources, warnings } = await admitScript(
        text,
        `${workspace}/job/${name}`,
        services.secretBox,
      );
      const { stored, isNew } = await storeJob(context, {
        name,
        script,
        inlineSources,
        schedule,
        subscription,
        parameters,
      });
      return json(isNew ? 201 : 200, { ...view(stored), warnings });
    },
  },
  {
    method: "GET",
    path: "/v1/jobs",
    role: "viewer",
    summary: "List stored jobs",
    query: pageQuery,
    async handle(request, _names, { services, workspace }) {
      const { limit, page } = parseQuery(request, pageQuery);
      const { items, nextPage } = await services.jobs.list(workspace, limit, page);
      return json(200, { items: items.map(view), nextPage });
    },
  },
  {
    method: "GET",
    path: "/v1/jobs/{name}",
    role: "viewer",
    summary: "Show a stored job",
    async handle(_request, { name = "" }, { services, workspace }) {
      return json(200, view(await services.jobs.get(workspace, name)));
    },
  },
];

async function storeJob({ services, workspace }: ApiContext, job: Omit<JobRecord, "createdAt" | "updatedAt">) {
  const updatedAt = isoNow(services);
  const found = await services.jobs.find(workspace, job.name);
  const value: JobRecord = { ...job, createdAt: found?.value.createdAt ?? updatedAt, updatedAt };
  const version = found?.version ?? 0;
  const isStored = found
    ? await services.jobs.replace(workspace, job.name, value, version)
    : await services.jobs.insert(workspace, job.name, value);
  if (!isStored) throw new UserError("CONFLICT", `job "${job.name}" was stored by somebody else at the same moment`);
  return { stored: { key: [], value, version: version + 1 }, isNew: !found };
}

function view({ value, version }: Stored<JobRecord>): StoredJob {
  const { inlineSources, ...job } = value;
  return { ...job, version };
}
