import { z } from "zod";
import { sourceEnvironments } from "../model/workspace.js";
import { batchNames, itemProblem } from "./batches.js";
import { nameText } from "./bounded.js";
import { propertiesSchema } from "./data-sources.js";
import type { Endpoint } from "./endpoint.js";
import { environmentSchema } from "./inputs.js";
import { connectivityStep, testedConnection } from "./looks.js";

/** Also tests whether the data source can be written. */
const write = z.boolean().default(false);
const testBody = z.object({ environment: environmentSchema.optional(), write });
const unsavedBody = z.object({
  type: nameText("expected a type such as mysql"),
  properties: propertiesSchema.default({}),
  resourceGroup: nameText().min(1).nullable().default(null),
  write,
});
const batchBody = z.object({ names: batchNames, environment: environmentSchema.optional(), write });

const testAnswer = z
  .object({ ok: z.boolean(), environment: z.enum(sourceEnvironments), steps: z.array(connectivityStep) })
  .meta({ id: "ConnectionTest" });

/** Test the connections of data sources, from where the shards of their resource groups run. */
export const dataSourceTestEndpoints = {
  testDataSource: {
    method: "POST",
    path: "/v1/data-sources/{name}/test",
    role: "developer",
    summary: "Test the connection of a data source",
    result: "`{ ok, steps }`, each step with result, duration, hint",
    body: testBody,
    answer: testAnswer,
    repeatable: true,
  },
  testProperties: {
    method: "POST",
    path: "/v1/data-source-tests",
    role: "admin",
    summary: "Test connection properties before they are saved",
    result: "`{ ok, steps }` as of one that is saved, before anything is",
    body: unsavedBody,
    answer: testedConnection,
    repeatable: true,
  },
  testDataSources: {
    method: "POST",
    path: "/v1/data-source-batches/test",
    role: "developer",
    summary: "Test the connections of many data sources; one result each",
    result: "one result each",
    body: batchBody,
    answer: z.object({ items: z.array(z.union([z.object({ name: z.string(), ...testAnswer.shape }), itemProblem])) }),
    repeatable: true,
  },
} as const satisfies Record<string, Endpoint>;
