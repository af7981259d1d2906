import { dataSourceActionEndpoints } from "../../shared/api/data-source-actions.js";
import { answered } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { UserError } from "../../shared/model/errors.js";
import { includesRole } from "../../shared/model/identity.js";
import type { JsonObject } from "../../shared/model/json.js";
import type { SourceEnvironment, Workspace } from "../../shared/model/workspace.js";
import { type CloneRequest, cloneSource } from "../../shared/sources/clone-source.js";
import { type DeletedView, deleteSource, listDeleted, restoreSource } from "../../shared/sources/delete-source.js";
import { eachOf, itemError } from "./batches.js";
import { type ApiContext, listingPage } from "./context.js";
import { changed, homeOf, ownSource, seenVersion } from "./data-sources.js";

/** Clone, delete and restore data sources, one by one or many at once. */
export const dataSourceActionRoutes: readonly Route<ApiContext>[] = [
  {
    ...dataSourceActionEndpoints.cloneDataSource,
    async handle(request, { name = "" }, context) {
      const {
        to,
        fromEnvironment = null,
        toEnvironment = null,
        properties,
      } = parseBody(request, dataSourceActionEndpoints.cloneDataSource.body);
      const home = await homeOf(context);
      const mayReadSecrets = includesRole(context.caller.role, "admin");
      demandCloner(context, home, toEnvironment);
      const cloning: CloneRequest = {
        ...{ from: name, fromEnvironment, to, toEnvironment, mayReadSecrets },
        properties: properties as JsonObject,
      };
      const record = await cloneSource(context.services, home, cloning);
      return changed(context, { home, record, action: "dataSource.clone", status: 201 });
    },
  },
  {
    ...dataSourceActionEndpoints.deleteDataSource,
    async handle(request, { name = "" }, context) {
      const { environment: only, force } = parseQuery(request, dataSourceActionEndpoints.deleteDataSource.query);
      return answered(
        dataSourceActionEndpoints.deleteDataSource,
        await remove(context, { name, environment: only, force, ifMatch: seenVersion(request) }),
      );
    },
  },
  {
    ...dataSourceActionEndpoints.deletedDataSources,
    async handle(request, _names, { services, workspace }) {
      const markOf = ({ name, deletedAt, environment }: DeletedView) => `${name} ${deletedAt} ${environment}`;
      return answered(
        dataSourceActionEndpoints.deletedDataSources,
        listingPage(
          await listDeleted(services, workspace),
          markOf,
          parseQuery(request, dataSourceActionEndpoints.deletedDataSources.query),
        ),
      );
    },
  },
  {
    ...dataSourceActionEndpoints.restoreDataSource,
    async handle(request, { name = "" }, context) {
      const { environment: only = null } = parseBody(request, dataSourceActionEndpoints.restoreDataSource.body);
      const { services, workspace } = context;
      const record = await restoreSource(services, { workspace, name, environment: only });
      return changed(context, { home: await homeOf(context), record, action: "dataSource.restore", status: 200 });
    },
  },
  {
    ...dataSourceActionEndpoints.deleteDataSources,
    async handle(request, _names, context) {
      const {
        names: wanted,
        environment: only,
        force,
      } = parseBody(request, dataSourceActionEndpoints.deleteDataSources.body);
      const items = await eachOf(wanted, (name) =>
        removeItem(context, { name, environment: only, force, ifMatch: null }),
      );
      return answered(dataSourceActionEndpoints.deleteDataSources, { items });
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
    return { ok: true as const, ...(await remove(context, removal)) };
  } catch (error) {
    return itemError(name, error, context.services.log);
  }
}
