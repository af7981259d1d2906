import { z } from "zod";
import { connectorName, connectorNames } from "../../shared/connectors/registry.js";
import { etag, expectedVersion } from "../../shared/http/etag.js";
import type { HttpRequest } from "../../shared/http/request.js";
import { type HttpResponse, json } from "../../shared/http/response.js";
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
import { dataSourceAnswer } from "./answers.js";
import { nameText, refuseExcess } from "./bounded.js";
import { type ApiContext, pageOf, pageQuery } from "./context.js";

/** An environment by name. */
export const environmentSchema = z.enum(sourceEnvironments, { error: 'expected "development" or "production"' });

/** Connection properties as a body carries them. */
export const propertiesSchema = z
  .record(z.string(), z.json(), { error: "expected an object with the connection properties" })
  .superRefine(refuseExcess("properties"));

const definitionFields = {
  properties: propertiesSchema.optional(),
  description: z.string().max(80).optional(),
  tags: z.array(z.string().trim().min(1).max(60)).max(20).optional(),
  resourceGroup: nameText().min(1).nullable().optional(),
};

const definitionBody = z.object(definitionFields);

const createBody = z.object({
  name: nameText("expected the data source's name"),
  type: nameText("expected a type such as mysql"),
  environment: environmentSchema.optional(),
  ...definitionFields,
  definitions: z.object({ development: definitionBody.optional(), production: definitionBody.optional() }).optional(),
});

const changeBody = z.object({
  type: nameText().optional(),
  environment: environmentSchema.optional(),
  ...definitionFields,
});

const renameBody = z.object({ to: nameText("expected the new name") });

const listQuery = pageQuery.extend({
  type: nameText()
    .refine((type) => connectorName(type) !== undefined, {
      error: () => `there is no such type; there are ${connectorNames().join(", ")}`,
    })
    .optional(),
  environment: environmentSchema.optional(),
  name: nameText().optional(),
  tag: nameText().optional(),
  connectivity: z.enum(["ok", "failed", "unknown"]).optional(),
  usableIn: environmentSchema.optional(),
});

/** Register, list, show, change and rename data sources. */
export const dataSourceRoutes: readonly Route<ApiContext>[] = [
  {
    method: "POST",
    path: "/v1/data-sources",
    role: "admin",
    summary: "Register a data source",
    body: createBody,
    answer: dataSourceAnswer,
    status: 201,
    version: "answers",
    async handle(request, _names, context) {
      const body = parseBody(request, createBody);
      const home = await homeOf(context);
      const definitions = definitionsOf(body, home);
      const record = await createSource(context.services, home, { name: body.name, type: body.type, definitions });
      return changed(context, { home, record, action: "dataSource.create", status: 201 });
    },
  },
  {
    method: "GET",
    path: "/v1/data-sources",
    role: "viewer",
    summary: "List data sources, shared ones last",
    query: listQuery,
    answer: pageOf(dataSourceAnswer),
    async handle(request, _names, context) {
      const { limit, page, ...filter } = parseQuery(request, listQuery);
      return json(200, await listSources(context.services, await homeOf(context), filter, { limit, page }));
    },
  },
  {
    method: "GET",
    path: "/v1/data-sources/{name}",
    role: "viewer",
    summary: "Show a data source, secrets masked",
    answer: dataSourceAnswer,
    version: "answers",
    async handle(_request, { name = "" }, context) {
      const { mode } = await homeOf(context);
      const view = await viewSource(await getVisible(context.services, context.workspace, name), mode);
      return json(200, view, etag(view.version));
    },
  },
  {
    method: "PUT",
    path: "/v1/data-sources/{name}",
    role: "admin",
    summary: "Configure a data source for one environment",
    body: changeBody,
    answer: dataSourceAnswer,
    version: "both",
    async handle(request, { name = "" }, context) {
      const body = parseBody(request, changeBody);
      const home = await homeOf(context);
      const before = await ownSource(context, name);
      const target = { workspace: home.name, name, ifMatch: seenVersion(request) };
      const input = { ...definitionOf(body), type: body.type };
      const record = await putDefinition(context.services, target, meantEnvironment(home, body.environment), input);
      return changed(context, { home, record, before, action: "dataSource.change", status: 200 });
    },
  },
  {
    method: "POST",
    path: "/v1/data-sources/{name}/rename",
    role: "admin",
    summary: "Give a data source another name, while no job uses it",
    body: renameBody,
    answer: dataSourceAnswer,
    version: "both",
    async handle(request, { name = "" }, context) {
      const { to } = parseBody(request, renameBody);
      const home = await homeOf(context);
      const before = await ownSource(context, name);
      const target = { workspace: home.name, name, ifMatch: seenVersion(request) };
      const record = await renameSource(context.services, target, to);
      return changed(context, { home, record, before, action: "dataSource.rename", status: 200 });
    },
  },
];

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
  body: z.infer<typeof createBody>,
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

function definitionOf({
  properties,
  description,
  tags,
  resourceGroup,
}: z.infer<typeof definitionBody>): DefinitionInput {
  return {
    ...(properties !== undefined && { properties: properties as JsonObject }),
    ...{ description, tags, resourceGroup },
  };
}
