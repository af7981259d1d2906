import { z } from "zod";
import type { DataSourceView, DefinitionView } from "../model/data-source.js";
import { sourceEnvironments } from "../model/workspace.js";
import { nameText, refuseExcess } from "./bounded.js";
import type { Endpoint } from "./endpoint.js";
import { environmentSchema } from "./inputs.js";
import { pageOf, pageQuery } from "./paging.js";

const environment = z.enum(sourceEnvironments);

const definition = z
  .object({
    description: z.string(),
    tags: z.array(z.string()),
    resourceGroup: z.string().nullable(),
    properties: z.record(z.string(), z.json()),
    connectivity: z.object({ ok: z.boolean(), at: z.string(), message: z.string() }).nullable(),
    updatedAt: z.string(),
  })
  .meta({ id: "Definition" }) satisfies z.ZodType<DefinitionView>;

/** A data source, secrets masked. */
export const dataSourceAnswer = z
  .object({
    ...definition.shape,
    name: z.string(),
    type: z.string(),
    applicableEnvironment: z.enum([...sourceEnvironments, "both"]).nullable(),
    complete: z.boolean(),
    missing: z.array(environment),
    definitions: z.object({ development: definition.exactOptional(), production: definition.exactOptional() }),
    sharedBy: z.string().nullable(),
    grants: z.array(z.object({ workspace: z.string(), environments: z.array(environment) })),
    version: z.int(),
    createdAt: z.string(),
  })
  .meta({ id: "DataSource" }) satisfies z.ZodType<DataSourceView>;

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

/** What a definition is asked to be. */
export type DefinitionBody = z.output<typeof definitionBody>;

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
  type: nameText().optional(),
  environment: environmentSchema.optional(),
  name: nameText().optional(),
  tag: nameText().optional(),
  connectivity: z.enum(["ok", "failed", "unknown"]).optional(),
  usableIn: environmentSchema.optional(),
});

/** Register, list, show, change and rename data sources. */
export const dataSourceEndpoints = {
  createDataSource: {
    method: "POST",
    path: "/v1/data-sources",
    role: "admin",
    summary: "Register a data source",
    result: "the data source (secrets masked); `definitions` are per environment, in place of `properties`",
    body: createBody,
    answer: dataSourceAnswer,
    status: 201,
    version: "answers",
  },
  dataSources: {
    method: "GET",
    path: "/v1/data-sources",
    role: "viewer",
    summary: "List data sources, shared ones last",
    result: "data sources, shared ones last",
    query: listQuery,
    answer: pageOf(dataSourceAnswer),
  },
  dataSource: {
    method: "GET",
    path: "/v1/data-sources/{name}",
    role: "viewer",
    summary: "Show a data source, secrets masked",
    result: "the data source",
    answer: dataSourceAnswer,
    version: "answers",
  },
  changeDataSource: {
    method: "PUT",
    path: "/v1/data-sources/{name}",
    role: "admin",
    summary: "Configure a data source for one environment",
    result: "the data source with that environment's definition",
    body: changeBody,
    answer: dataSourceAnswer,
    version: "both",
  },
  renameDataSource: {
    method: "POST",
    path: "/v1/data-sources/{name}/rename",
    role: "admin",
    summary: "Give a data source another name, while no job uses it",
    result: "the data source; refused while used",
    body: renameBody,
    answer: dataSourceAnswer,
    version: "both",
  },
} as const satisfies Record<string, Endpoint>;
