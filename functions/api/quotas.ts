import type { z } from "zod";
import { quotaEndpoints } from "../../shared/api/quotas.js";
import { answered } from "../../shared/http/response.js";
import { parseBody, type Route } from "../../shared/http/router.js";
import { UserError } from "../../shared/model/errors.js";
import { MOST_OF_ANY, quotaNames } from "../../shared/model/quotas.js";
import { DEFAULT_WORKSPACE } from "../../shared/model/workspace.js";
import type { Services } from "../../shared/services.js";
import type { ApiContext } from "./context.js";

/** Show and set what a workspace may hold. */
export const quotaRoutes: readonly Route<ApiContext>[] = [
  {
    ...quotaEndpoints.quotas,
    async handle(_request, { name = "" }, context) {
      if (context.workspace !== name) demandRoot(context, name);
      await context.services.workspaces.get(name);
      return answered(quotaEndpoints.quotas, await quotaView(context.services, name));
    },
  },
  {
    ...quotaEndpoints.setQuotas,
    async handle(request, { name = "" }, context) {
      demandRoot(context, name);
      await context.services.workspaces.get(name);
      const given = Object.entries(parseBody(request, quotaEndpoints.setQuotas.body)).filter(
        ([, value]) => value !== undefined,
      );
      const changed = await context.services.quotas.set(name, Object.fromEntries(given));
      if (!changed) throw new UserError("CONFLICT", `the quotas of "${name}" were changed by somebody else just now`);
      await context.audit({ action: "workspace.quotas", object: `workspace/${name}`, ...changed });
      return answered(quotaEndpoints.setQuotas, await quotaView(context.services, name));
    },
  },
];

async function quotaView(
  { quotas }: Services,
  workspace: string,
): Promise<z.output<typeof quotaEndpoints.quotas.answer>> {
  const limits = await quotas.get(workspace);
  const views = await Promise.all(
    quotaNames.map(async (name) => {
      const used = name === "scriptBytes" ? null : await quotas.used(workspace, name, MOST_OF_ANY[name]);
      return [name, { limit: limits[name], used }];
    }),
  );
  return quotaEndpoints.quotas.answer.parse(Object.fromEntries(views));
}

function demandRoot({ workspace }: ApiContext, name: string): void {
  if (workspace === DEFAULT_WORKSPACE) return;
  throw new UserError("FORBIDDEN", `quotas of "${name}" are told and set from workspace "${DEFAULT_WORKSPACE}"`);
}
