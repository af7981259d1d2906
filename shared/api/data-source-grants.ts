import { z } from "zod";
import type { SourceGrant } from "../model/data-source.js";
import { sourceEnvironments } from "../model/workspace.js";
import { affectedUse } from "./batches.js";
import { dataSourceAnswer } from "./data-sources.js";
import type { Endpoint } from "./endpoint.js";
import { flagSchema } from "./inputs.js";
import { pageOf } from "./paging.js";

const grantBody = z.object({
  environments: z.array(z.enum(sourceEnvironments)).min(1, "name at least one environment").max(2),
});

const revokeQuery = z.object({
  force: flagSchema,
});

const grant = z.object({
  workspace: z.string(),
  environments: z.array(z.enum(sourceEnvironments)),
  grantedAt: z.string(),
}) satisfies z.ZodType<SourceGrant>;

/** Share data sources with other workspaces. */
export const dataSourceGrantEndpoints = {
  dataSourceGrants: {
    method: "GET",
    path: "/v1/data-sources/{name}/grants",
    role: "viewer",
    summary: "List the workspaces that a data source is shared with",
    result: "workspaces it is shared with",
    answer: pageOf(grant),
  },
  grantDataSource: {
    method: "PUT",
    path: "/v1/data-sources/{name}/grants/{workspace}",
    role: "admin",
    summary: "Let another workspace use a data source, without its secrets",
    result: "the data source, usable there as `workspace.name`",
    body: grantBody,
    answer: dataSourceAnswer,
    version: "both",
    repeatable: true,
  },
  revokeDataSource: {
    method: "DELETE",
    path: "/v1/data-sources/{name}/grants/{workspace}",
    role: "admin",
    summary: "Take the right to use a data source back from a workspace",
    result: "what that breaks",
    query: revokeQuery,
    answer: z.object({ name: z.string(), workspace: z.string(), affected: z.array(affectedUse) }),
    version: "takes",
  },
} as const satisfies Record<string, Endpoint>;
