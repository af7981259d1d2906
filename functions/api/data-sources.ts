import type { z } from "zod";
import { type DefinitionBody, dataSourceEndpoints } from "../../shared/api/data-sources.js";
import { connectorName, connectorNames } from "../../shared/connectors/registry.js";
import { etag, expectedVersion } from "../../shared/http/etag.js";
import type { HttpRequest } from "../../shared/http/request.js";
import { answered, type HttpResponse, json } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import type { DataSourceRecord, DataSourceView } from "../../shared/model/data-source.js";
import { UserError } from "../../shared/model/errors.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type SourceEnvironment, sourceEnvironments, type Workspace } from "../../shared/model/workspace.js";
import { createSource, putDefinition, renameSource } from "../../shared/sources/change-source.js";
import type { DefinitionInput } from "../../shared/sources/data-sources.js";
import { getVisible } from "../../shared/sources/find-source.js";
import { listSources } from "../../shared/sources/list-sources.js";
import { viewSource } from "../../shared/sources/view-source.js";
import { meantEnvironment } from "../../shared/sources/workspaces.js";
import type { ApiContext } from "./context.js";

/** Register, list, show, change and rename data sources. */
export const dataSourceRoutes: readonly Route<ApiContext>[] = [
  {
    ...dataSourceEndpoints.createDataSource,
    async handle(request, _names, context) {
      const body = parseBody(request, dataSourceEndpoints.createDataSource.body);
      const home = await homeOf(context);
      const definitions = definitionsOf(body, home);
      const record = await createSource(context.services, home, { name: body.name, type: body.type, definitions });
      return changed(context, { home, record, action: "dataSource.create", status: 201 });
    },
  },
  {
    ...dataSourceEndpoints.dataSources,
    async handle(request, _names, context) {
      const { limit, page, ...filter } = parseQuery(request, dataSourceEndpoints.dataSources.query);
      demandType(filter.type);
      return answered(
        dataSourceEndpoints.dataSources,
        await listSources(context.services, await homeOf(context), { filter, limit, page }),
      );
    },
  },
  {
    ...dataSourceEndpoints.dataSource,
    async handle(_request, { name = "" }, context) {
      const { mode } = await homeOf(context);
      const view = await viewSource(await getVisible(context.services, context.workspace, name), mode);
      return answered(dataSourceEndpoints.dataSource, view, { headers: etag(view.version) });
    },
  },
  {
    ...dataSourceEndpoints.changeDataSource,
    async handle(request, { name = "" }, context) {
      const body = parseBody(request, dataSourceEndpoints.changeDataSource.body);
      const home = await homeOf(context);
      const before = await ownSource(context, name);
      const target = { workspace: home.name, name, ifMatch: seenVersion(request) };
      const input = { ...definitionOf(body), type: body.type };
      const record = await putDefinition(
        context.services,
        { ...target, environment: meantEnvironment(home, body.environment) },
        input,
      );
      return changed(context, { home, record, before, action: "dataSource.change", status: 200 });
    },
  },
  {
    ...dataSourceEndpoints.renameDataSource,
    async handle(request, { name = "" }, context) {
      const { to } = parseBody(request, dataSourceEndpoints.renameDataSource.body);
      const home = await homeOf(context);
      const before = await ownSource(context, name);
      const target = { workspace: home.name, name, ifMatch: seenVersion(request) };
      const record = await renameSource(context.services, target, to);
      return changed(context, { home, record, before, action: "dataSource.rename", status: 200 });
    },
  },
];

/** @throws UserError CONFIG_INVALID for a type that there is not */
function demandType(type: string | undefined): void {
  if (type === undefined || connectorName(type) !== undefined) return;
  const message = `type: there is no such type; there are ${connectorNames().join(", ")}; seen "${type}"`;
  throw new UserError("CONFIG_INVALID", message, { path: "type" });
}

/** The workspace of a request. */
export async function homeOf({ services, workspace }: ApiContext): Promise<Workspace> {
  return (await services.workspaces.get(workspace)).value;
}

/**
 * The workspace's own data source of that name.
 *
 * @throws UserError NOT_FOUND; FORBIDDEN for one that another workspace shares
 */
export async function ownSource({ services, workspace }: ApiContext, name: string): Promise<DataSourceRecord> {
  const source = await getVisible(services, workspace, name);
  if (!source.isShared) return source.record;
  throw new UserError("FORBIDDEN", `data source "${name}" belongs to workspace "${source.owner}": it is for use only`);
}

/** A change that was made. */
interface Change {
  readonly home: Workspace;
  readonly record: DataSourceRecord;
  readonly before?: DataSourceRecord;
  readonly action: string;
  readonly status: number;
}

/** Answers with the data source as it is now, and keeps the change in the audit trail. */
export async function changed(context: ApiContext, change: Change): Promise<HttpResponse> {
  const { home, record, before, action, status } = change;
  const after = await viewOwn(record, home);
  await context.audit({
    action,
    object: `data-source/${(before ?? record).name}`,
    ...(before && { before: await viewOwn(before, home) }),
    after,
  });
  return json(status, after, etag(after.version));
}

/** An own data source as the workspace sees it. */
export function viewOwn(record: DataSourceRecord, home: Workspace): Promise<DataSourceView> {
  return viewSource({ name: record.name, owner: home.name, isShared: false, record }, home.mode);
}

/** The version that the caller has seen, for a change; null = any. */
export function seenVersion(request: HttpRequest): number | null {
  return expectedVersion(request) ?? null;
}

function definitionsOf(
  body: z.output<typeof dataSourceEndpoints.createDataSource.body>,
  home: Workspace,
): Readonly<Partial<Record<SourceEnvironment, DefinitionInput>>> {
  const { definitions, properties } = body;
  if (definitions) {
    const given = sourceEnvironments.flatMap((one) =>
      definitions[one] ? [[one, { properties: {}, ...definitionOf(definitions[one]) }]] : [],
    );
    if (given.length > 0 && properties === undefined && body.environment === undefined)
      return Object.fromEntries(given);
    throw new UserError(
      "CONFIG_INVALID",
      'definitions: give at least one, and no "properties" or "environment" beside',
      {
        path: "definitions",
      },
    );
  }
  return { [meantEnvironment(home, body.environment)]: { properties: {}, ...definitionOf(body) } };
}

function definitionOf({ properties, description, tags, resourceGroup }: DefinitionBody): DefinitionInput {
  return {
    ...(properties !== undefined && { properties: properties as JsonObject }),
    ...{ description, tags, resourceGroup },
  };
}
