import { z } from "zod";
import { json } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import type { SourceGrant } from "../../shared/model/data-source.js";
import { sourceEnvironments } from "../../shared/model/workspace.js";
import { grantSource, revokeGrant } from "../../shared/sources/share-source.js";
import { dataSourceAnswer } from "./answers.js";
import { affectedUse } from "./batches.js";
import { type ApiContext, pageOf } from "./context.js";
import { changed, homeOf, ownSource, seenVersion } from "./data-sources.js";

const grantBody = z.object({
  environments: z.array(z.enum(sourceEnvironments)).min(1, "name at least one environment").max(2),
});

const revokeQuery = z.object({
  force: z
    .enum(["true", "false"])
    .default("false")
    .transform((text) => text === "true"),
});

const grant = z.object({
  workspace: z.string(),
  environments: z.array(z.enum(sourceEnvironments)),
  grantedAt: z.string(),
}) satisfies z.ZodType<SourceGrant>;

/** Share data sources with other workspaces. */
export const dataSourceGrantRoutes: readonly Route<ApiContext>[] = [
  {
    method: "GET",
    path: "/v1/data-sources/{name}/grants",
    role: "viewer",
    summary: "List the workspaces that a data source is shared with",
    answer: pageOf(grant),
    async handle(_request, { name = "" }, context) {
      const { grants } = await ownSource(context, name);
      return json(200, { items: grants, nextPage: null });
    },
  },
  {
    method: "PUT",
    path: "/v1/data-sources/{name}/grants/{workspace}",
    role: "admin",
    summary: "Let another workspace use a data source, without its secrets",
    body: grantBody,
    answer: dataSourceAnswer,
    version: "both",
    async handle(request, { name = "", workspace: grantee = "" }, context) {
      const { environments } = parseBody(request, grantBody);
      const before = await ownSource(context, name);
      const home = await homeOf(context);
      const target = { workspace: home.name, name, ifMatch: seenVersion(request) };
      const wish = { grantee, environments: [...new Set(environments)] };
      const record = await grantSource(context.services, target, wish);
      return changed(context, { home, record, before, action: "dataSource.share", status: 200 });
    },
  },
  {
    method: "DELETE",
    path: "/v1/data-sources/{name}/grants/{workspace}",
    role: "admin",
    summary: "Take the right to use a data source back from a workspace",
    query: revokeQuery,
    answer: z.object({ name: z.string(), workspace: z.string(), affected: z.array(affectedUse) }),
    version: "takes",
    async handle(request, { name = "", workspace: grantee = "" }, context) {
      const { force } = parseQuery(request, revokeQuery);
      await ownSource(context, name);
      const { services, workspace, audit } = context;
      const target = { workspace, name, ifMatch: seenVersion(request) };
      const broken = await revokeGrant(services, target, { grantee, force });
      await audit({ action: "dataSource.revoke", object: `data-source/${name}`, before: { grantee, broken } });
      return json(200, { name, workspace: grantee, affected: broken });
    },
  },
];
