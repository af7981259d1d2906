import { z } from "zod";
import { loadConnector } from "../../shared/connectors/registry.js";
import { json } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { UserError } from "../../shared/model/errors.js";
import type { JsonObject } from "../../shared/model/json.js";
import { capOfGroup } from "../../shared/platform/resource-groups.js";
import { openProperties } from "../../shared/runs/open-plan.js";
import { isoNow } from "../../shared/runs/services.js";
import { sealDataSource, viewDataSource } from "../../shared/sources/data-sources.js";
import { type ApiContext, pageQuery } from "./context.js";

const createBody = z.object({
  name: z.string({ error: "expected the data source's name" }),
  type: z.string({ error: "expected a type such as mysql" }),
  properties: z
    .record(z.string(), z.json(), { error: "expected an object with the connection properties" })
    .default({}),
  description: z.string().max(80).default(""),
  resourceGroup: z.string().min(1).nullable().default(null),
});

/** Time that a connectivity test may take. */
const CHECK_MS = 10_000;

/** Register, show, list and test data sources. */
export const dataSourceRoutes: readonly Route<ApiContext>[] = [
  {
    method: "POST",
    path: "/v1/data-sources",
    role: "admin",
    summary: "Register a data source",
    body: createBody,
    status: 201,
    async handle(request, _names, { services, workspace }) {
      const body = parseBody(request, createBody);
      if (body.resourceGroup !== null) capOfGroup(services.resourceGroups, body.resourceGroup, "resourceGroup");
      const input = { ...body, properties: body.properties as JsonObject };
      const record = await sealDataSource(input, workspace, services.secretBox, isoNow(services));
      if (!(await services.sources.insert(workspace, record.name, record)))
        throw new UserError("ALREADY_EXISTS", `there is a data source "${record.name}" already`, { path: "name" });
      return json(201, await viewDataSource({ key: [], value: record, version: 1 }));
    },
  },
  {
    method: "GET",
    path: "/v1/data-sources",
    role: "viewer",
    summary: "List data sources",
    query: pageQuery,
    async handle(request, _names, { services, workspace }) {
      const { limit, page } = parseQuery(request, pageQuery);
      const { items, nextPage } = await services.sources.list(workspace, limit, page);
      return json(200, { items: await Promise.all(items.map(viewDataSource)), nextPage });
    },
  },
  {
    method: "GET",
    path: "/v1/data-sources/{name}",
    role: "viewer",
    summary: "Show a data source, secrets masked",
    async handle(_request, { name = "" }, { services, workspace }) {
      return json(200, await viewDataSource(await services.sources.get(workspace, name)));
    },
  },
  {
    method: "POST",
    path: "/v1/data-sources/{name}/test",
    role: "developer",
    summary: "Test the connection of a data source",
    async handle(_request, { name = "" }, { services, workspace }) {
      const { value } = await services.sources.get(workspace, name);
      const connector = await loadConnector(value.type);
      if (!connector.check)
        throw new UserError("UNSUPPORTED", `data sources of type ${value.type} have no connectivity test`);
      const source = connector.source.schema.parse(await openProperties(value, services.secretBox));
      const steps = await connector.check(source, AbortSignal.timeout(CHECK_MS));
      return json(200, { ok: steps.every(({ ok }) => ok), steps });
    },
  },
];
