import { z } from "zod";
import { json } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { toErrorReport, UserError } from "../../shared/model/errors.js";
import { includesRole } from "../../shared/model/identity.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type SourceEnvironment, sourceEnvironments, type Workspace } from "../../shared/model/workspace.js";
import { type CloneRequest, cloneSource } from "../../shared/sources/clone-source.js";
import { deleteSource, listDeleted, restoreSource } from "../../shared/sources/delete-source.js";
import { getVisible } from "../../shared/sources/find-source.js";
import { testProperties, testSource } from "../../shared/sources/test-source.js";
import { draftEnvironment } from "../../shared/sources/workspaces.js";
import type { ApiContext } from "./context.js";
import { changed, homeOf, ownSource, propertiesSchema, seenVersion } from "./data-sources.js";

const environment = z.enum(sourceEnvironments, { error: 'expected "development" or "production"' });

/** A yes or no in a query string. */
const flag = z
  .enum(["true", "false"])
  .default("false")
  .transform((text) => text === "true");

const deleteQuery = z.object({ environment: environment.optional(), force: flag });
const environmentBody = z.object({ environment: environment.optional() });
const cloneBody = z.object({
  to: z.string({ error: "expected the name of the copy" }),
  fromEnvironment: environment.optional(),
  toEnvironment: environment.optional(),
  properties: propertiesSchema.default({}),
});
const names = z.array(z.string().min(1)).min(1).max(100);
const testBody = environmentBody.extend({
  /** Also tests whether the data source can be written. */
  write: z.boolean().default(false),
});
const unsavedBody = z.object({
  type: z.string({ error: "expected a type such as mysql" }),
  properties: propertiesSchema.default({}),
  write: z.boolean().default(false),
});
const batchTestBody = z.object({ names, environment: environment.optional() });
const batchDeleteBody = z.object({ names, environment: environment.optional(), force: z.boolean().default(false) });

/** Items of one batch that are worked on at once: 100 tests of 10 s each end within the minute that the function has. */
const AT_ONCE = 25;

/** Clone, delete, restore and test data sources, one by one or many at once. */
export const dataSourceActionRoutes: readonly Route<ApiContext>[] = [
  {
    method: "POST",
    path: "/v1/data-sources/{name}/clone",
    role: "developer",
    summary: "Copy a data source, or one environment's definition into the other",
    body: cloneBody,
    status: 201,
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
    async handle(_request, _names, { services, workspace }) {
      return json(200, { items: await listDeleted(services, workspace), nextPage: null });
    },
  },
  {
    method: "POST",
    path: "/v1/data-sources/{name}/restore",
    role: "admin",
    summary: "Take the deletion of a data source back",
    body: environmentBody,
    async handle(request, { name = "" }, context) {
      const { environment: only = null } = parseBody(request, environmentBody);
      const { services, workspace } = context;
      const record = await restoreSource(services, { workspace, name, environment: only });
      return changed(context, { home: await homeOf(context), record, action: "dataSource.restore", status: 200 });
    },
  },
  {
    method: "POST",
    path: "/v1/data-sources/{name}/test",
    role: "developer",
    summary: "Test the connection of a data source",
    body: testBody,
    async handle(request, { name = "" }, context) {
      const { environment: given, write } = parseBody(request, testBody);
      const source = await getVisible(context.services, context.workspace, name);
      const one = testedEnvironment(await homeOf(context), given, Object.keys(source.record.definitions));
      return json(200, await testSource(context.services, source, one, { write }));
    },
  },
  {
    method: "POST",
    path: "/v1/data-source-tests",
    role: "admin",
    summary: "Test connection properties before they are saved",
    body: unsavedBody,
    async handle(request) {
      const { type, properties, write } = parseBody(request, unsavedBody);
      return json(200, await testProperties({ type, properties: properties as JsonObject }, { write }));
    },
  },
  {
    method: "POST",
    path: "/v1/data-source-batches/test",
    role: "developer",
    summary: "Test the connections of many data sources; one result each",
    body: batchTestBody,
    async handle(request, _names, context) {
      const { names: wanted, environment: given } = parseBody(request, batchTestBody);
      return json(200, { items: await inGroups(wanted, (name) => testItem(context, name, given)) });
    },
  },
  {
    method: "POST",
    path: "/v1/data-source-batches/delete",
    role: "admin",
    summary: "Delete many data sources; one result each",
    body: batchDeleteBody,
    async handle(request, _names, context) {
      const { names: wanted, environment: only, force } = parseBody(request, batchDeleteBody);
      const items = await inGroups(wanted, (name) =>
        item(name, () => remove(context, { name, environment: only, force, ifMatch: null })),
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

/** The environment asked for, else the one of drafts, else the only one there is. */
function testedEnvironment(
  home: Workspace,
  given: SourceEnvironment | undefined,
  configured: readonly string[],
): SourceEnvironment {
  if (given) return home.mode === "basic" ? "production" : given;
  const first = draftEnvironment(home);
  return configured.includes(first) ? first : "production";
}

function testItem(context: ApiContext, name: string, given: SourceEnvironment | undefined) {
  return item(name, async () => {
    const source = await getVisible(context.services, context.workspace, name);
    const one = testedEnvironment(await homeOf(context), given, Object.keys(source.record.definitions));
    return testSource(context.services, source, one);
  });
}

/** One result of a batch: what the single call would answer, or its error. */
async function item<T extends object>(name: string, work: () => Promise<T>) {
  try {
    return { ok: true, ...(await work()), name };
  } catch (error) {
    const { code, message, hint } = toErrorReport(error);
    if (code === "INTERNAL") throw error;
    const issues = error instanceof UserError && "issues" in error ? { issues: error.issues } : {};
    return { name, ok: false, error: { code, message, hint, ...issues } };
  }
}

async function inGroups<T>(wanted: readonly string[], work: (name: string) => Promise<T>): Promise<T[]> {
  const all = [...new Set(wanted)];
  const done: T[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE)
    done.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map(work))));
  return done;
}
