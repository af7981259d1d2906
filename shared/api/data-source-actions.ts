import { z } from "zod";
import { sourceEnvironments } from "../model/workspace.js";
import { affectedUse, batchItem, batchNames, itemProblem } from "./batches.js";
import { nameText } from "./bounded.js";
import { dataSourceAnswer, propertiesSchema } from "./data-sources.js";
import type { Endpoint } from "./endpoint.js";
import { environmentSchema, flagSchema } from "./inputs.js";
import { pageOf, pageQuery } from "./paging.js";

const deleteQuery = z.object({ environment: environmentSchema.optional(), force: flagSchema });
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
});

const deleted = z
  .object({
    name: z.string(),
    type: z.string(),
    environment: z.enum(sourceEnvironments),
    deletedAt: z.string(),
    restorableUntil: z.string(),
  })
  .meta({ id: "DeletedDataSource" });

/** Clone, delete and restore data sources, one by one or many at once. */
export const dataSourceActionEndpoints = {
  cloneDataSource: {
    method: "POST",
    path: "/v1/data-sources/{name}/clone",
    role: "developer",
    summary: "Copy a data source, or one environment's definition into the other",
    result: "the copy",
    body: cloneBody,
    answer: dataSourceAnswer,
    status: 201,
    version: "answers",
  },
  deleteDataSource: {
    method: "DELETE",
    path: "/v1/data-sources/{name}",
    role: "admin",
    summary: "Delete a data source, or its definition for one environment",
    result: "what it did to jobs; refused while used unless forced",
    query: deleteQuery,
    answer: deletion,
    version: "takes",
  },
  deletedDataSources: {
    method: "GET",
    path: "/v1/deleted-data-sources",
    role: "viewer",
    summary: "List data sources that can be restored",
    result: "what can be restored",
    query: pageQuery,
    answer: pageOf(deleted),
  },
  restoreDataSource: {
    method: "POST",
    path: "/v1/data-sources/{name}/restore",
    role: "admin",
    summary: "Take the deletion of a data source back",
    result: "the data source, within 7 days",
    body: environmentBody,
    answer: dataSourceAnswer,
    version: "answers",
  },
  deleteDataSources: {
    method: "POST",
    path: "/v1/data-source-batches/delete",
    role: "admin",
    summary: "Delete many data sources; one result each",
    result: "one result each",
    body: batchDeleteBody,
    answer: z.object({ items: z.array(z.union([batchItem(deletion.shape), itemProblem])) }),
  },
} as const satisfies Record<string, Endpoint>;
