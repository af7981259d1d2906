import { z } from "zod";
import { json } from "../../shared/http/response.js";
import { parseBody, type Route } from "../../shared/http/router.js";
import { UserError } from "../../shared/model/errors.js";
import { MOST_OF_ANY, type Quotas, quotaNames } from "../../shared/model/quotas.js";
import { DEFAULT_WORKSPACE } from "../../shared/model/workspace.js";
import type { Services } from "../../shared/services.js";
import type { ApiContext } from "./context.js";

const limit = (name: keyof Quotas) => z.int().min(0).max(MOST_OF_ANY[name]).optional();

const changeBody = z.strictObject({
  jobs: limit("jobs"),
  scriptBytes: limit("scriptBytes"),
  dataSources: limit("dataSources"),
  tokens: limit("tokens"),
  queuedRuns: limit("queuedRuns"),
});

/** `used` is null for what is no sum: the size of a script is each script's own. */
const quotaAnswer = z.object({ limit: z.int(), used: z.int().nullable() });

const quotasAnswer = z
  .object({
    jobs: quotaAnswer,
    scriptBytes: quotaAnswer,
    dataSources: quotaAnswer,
    tokens: quotaAnswer,
    queuedRuns: quotaAnswer,
  })
  .meta({ id: "Quotas" });

/** Show and set what a workspace may hold. */
export const quotaRoutes: readonly Route<ApiContext>[] = [
  {
    method: "GET",
    path: "/v1/workspaces/{name}/quotas",
    role: "viewer",
    summary: "Show what a workspace may hold and what it holds",
    answer: quotasAnswer,
    async handle(_request, { name = "" }, context) {
      if (context.workspace !== name) demandRoot(context, name);
      await context.services.workspaces.get(name);
      return json(200, await told(context.services, name));
    },
  },
  {
    method: "PUT",
    path: "/v1/workspaces/{name}/quotas",
    role: "admin",
    summary: "Set what a workspace may hold; for admins of the default one",
    body: changeBody,
    answer: quotasAnswer,
    async handle(request, { name = "" }, context) {
      demandRoot(context, name);
      await context.services.workspaces.get(name);
      const given = Object.entries(parseBody(request, changeBody)).filter(([, value]) => value !== undefined);
      const changed = await context.services.quotas.set(name, Object.fromEntries(given));
      if (!changed) throw new UserError("CONFLICT", `the quotas of "${name}" were changed by somebody else just now`);
      await context.audit({ action: "workspace.quotas", object: `workspace/${name}`, ...changed });
      return json(200, await told(context.services, name));
    },
  },
];

async function told({ quotas }: Services, workspace: string): Promise<z.infer<typeof quotasAnswer>> {
  const limits = await quotas.get(workspace);
  const told = await Promise.all(
    quotaNames.map(async (name) => {
      const used = name === "scriptBytes" ? null : await quotas.used(workspace, name, MOST_OF_ANY[name]);
      return [name, { limit: limits[name], used }];
    }),
  );
  return quotasAnswer.parse(Object.fromEntries(told));
}

function demandRoot({ workspace }: ApiContext, name: string): void {
  if (workspace === DEFAULT_WORKSPACE) return;
  throw new UserError("FORBIDDEN", `quotas of "${name}" are told and set from workspace "${DEFAULT_WORKSPACE}"`);
}
