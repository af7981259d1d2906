import { z } from "zod";
import { json } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { UserError } from "../../shared/model/errors.js";
import { includesRole } from "../../shared/model/identity.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type SourceEnvironment, sourceEnvironments, type Workspace } from "../../shared/model/workspace.js";
import { type CloneRequest, cloneSource } from "../../shared/sources/clone-source.js";
import {
  type DeletedView,
  type DeletionReport,
  deleteSource,
  listDeleted,
  restoreSource,
} from "../../shared/sources/delete-source.js";
import { dataSourceAnswer } from "./answers.js";
import { affectedUse, batchItem, batchNames, eachOf, itemError, itemProblem } from "./batches.js";
import { nameText } from "./bounded.js";
import { type ApiContext, cut, pageOf, pageQuery } from "./context.js";
import { changed, environmentSchema, homeOf, ownSource, propertiesSchema, seenVersion } from "./data-sources.js";

/** A yes or no in a query string. */
const flag = z
  .enum(["true", "false"])
  .default("false")
  .transform((text) => text === "true");

const deleteQuery = z.object({ environment: environmentSchema.optional(), force: flag });
const environmentBody = z.object({ environment: environmentSchema.optional() });
const cloneBody = z.object({
  to: nameText("expected the name of the copy"),
  fromEnvironment: environmentSchema.optional(),
  toEnvironment: environmentSchema.optional(),
  properties: propertiesSchema.default({}),
});
const batchDeleteBody = z.object({
  names: batchNames,
  environment: environmentSchema.optional(),
  force: z.boolean().default(false),
});

const deletion = z.object({
  name: z.string(),
  deleted: z.array(z.enum(sourceEnvironments)),
  restorableUntil: z.string(),
  affected: z.array(affectedUse),
}) satisfies z.ZodType<DeletionReport>;

const deleted = z
  .object({
    name: z.string(),
    type: z.string(),
    environment: z.enum(sourceEnvironments),
    deletedAt: z.string(),
    restorableUntil: z.string(),
  })
  .meta({ id: "DeletedDataSource" }) satisfies z.ZodType<DeletedView>;

/** Clone, delete and restore data sources, one by one or many at once. */
export const dataSourceActionRoutes: readonly Route<ApiContext>[] = [
  {
    method: "POST",
    path: "/v1/data-sources/{name}/clone",
    role: "developer",
    summary: "Copy a data source, or one environment's definition into the other",
    body: cloneBody,
    answer: dataSourceAnswer,
    status: 201,
    version: "answers",
    async handle(request, { name = "" }, context) {
      const { to, fromEnvironment = null, toEnvironment = null, properties } = parseBody(request, cloneBody);
      const home = await homeOf(context);
      const mayReadSecrets = includesRole(context.caller.role, "admin");
      demandCloner(context, home, toEnvironment);
      const wish: CloneRequest = {
        ...{ from: name, fromEnvironment, to, toEnvironment, mayReadSecrets },
        properties: properties as JsonObject,
      };
      const record = await cloneSource(context.services, home, wish);
      return changed(context, { home, record, action: "dataSource.clone", status: 201 });
    },
  },
  {
    method: "DELETE",
    path: "/v1/data-sources/{name}",
    role: "admin",
    summary: "Delete a data source, or its definition for one environment",
    query: deleteQuery,
    answer: deletion,
    version: "takes",
    async handle(request, { name = "" }, context) {
      const { environment: only, force } = parseQuery(request, deleteQuery);
      return json(200, await remove(context, { name, environment: only, force, ifMatch: seenVersion(request) }));
    },
  },
  {
    method: "GET",
    path: "/v1/deleted-data-sources",
    role: "viewer",
    summary: "List data sources that can be restored",
    query: pageQuery,
    answer: pageOf(deleted),
    async handle(request, _names, { services, workspace }) {
      const markOf = ({ name, deletedAt, environment }: DeletedView) => `${name} ${deletedAt} ${environment}`;
      return json(200, cut(await listDeleted(services, workspace), markOf, parseQuery(request, pageQuery)));
    },
  },
  {
    method: "POST",
    path: "/v1/data-sources/{name}/restore",
    role: "admin",
    summary: "Take the deletion of a data source back",
    body: environmentBody,
    answer: dataSourceAnswer,
    version: "answers",
    async handle(request, { name = "" }, context) {
      const { environment: only = null } = parseBody(request, environmentBody);
      const { services, workspace } = context;
      const record = await restoreSource(services, { workspace, name, environment: only });
      return changed(context, { home: await homeOf(context), record, action: "dataSource.restore", status: 200 });
    },
  },
  {
    method: "POST",
    path: "/v1/data-source-batches/delete",
    role: "admin",
    summary: "Delete many data sources; one result each",
    body: batchDeleteBody,
    answer: z.object({ items: z.array(z.union([batchItem(deletion.shape), itemProblem])) }),
    async handle(request, _names, context) {
      const { names: wanted, environment: only, force } = parseBody(request, batchDeleteBody);
      const items = await eachOf(wanted, (name) =>
        removeItem(context, { name, environment: only, force, ifMatch: null }),
      );
      return json(200, { items });
    },
  },
];

/** Developers may set up a development half with secrets of their own; everything else is the admins'. */
function demandCloner({ caller }: ApiContext, { mode }: Workspace, to: SourceEnvironment | null): void {
  if (includesRole(caller.role, "admin") || (mode === "standard" && to === "development")) return;
  throw new UserError("FORBIDDEN", `cloning into production takes the role admin, you are ${caller.role}`, {
    path: "toEnvironment",
  });
}

interface Removal {
  readonly name: string;
  readonly environment: SourceEnvironment | undefined;
  readonly force: boolean;
  readonly ifMatch: number | null;
}

async function remove(context: ApiContext, { name, environment: only, force, ifMatch }: Removal) {
  await ownSource(context, name);
  const { services, workspace, audit } = context;
  const report = await deleteSource(services, { workspace, name, environment: only ?? null, force, ifMatch });
  await audit({ action: "dataSource.delete", object: `data-source/${name}`, before: report });
  return report;
}

/** One result of a batch: what the single call would answer, or its error. */
async function removeItem(context: ApiContext, removal: Removal) {
  const { name } = removal;
  try {
    return { ok: true, ...(await remove(context, removal)) };
  } catch (error) {
    return itemError(name, error, context.services.log);
  }
}
