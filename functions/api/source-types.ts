import { z } from "zod";
import { connectorNames, loadConnector } from "../../shared/connectors/registry.js";
import { json } from "../../shared/http/response.js";
import type { Route } from "../../shared/http/router.js";
import { describeSource, type SourceType } from "../../shared/sources/describe.js";
import type { ApiContext } from "./context.js";

const sourceType = z
  .object({
    type: z.string(),
    title: z.string(),
    aliases: z.array(z.string()),
    testable: z.boolean(),
    readable: z.boolean(),
    writable: z.boolean(),
    fields: z.array(
      z.object({
        name: z.string(),
        label: z.string(),
        type: z.enum(["text", "number", "boolean", "choice", "addresses", "options"]),
        required: z.boolean(),
        secret: z.boolean(),
        hidden: z.boolean(),
        choices: z.array(z.string()).exactOptional(),
        default: z.json().exactOptional(),
      }),
    ),
  })
  .meta({ id: "SourceType" }) satisfies z.ZodType<SourceType>;

/** The types of data sources and their properties: what forms, questions and import columns are made of. */
export const sourceTypeRoutes: readonly Route<ApiContext>[] = [
  {
    method: "GET",
    path: "/v1/source-types",
    role: "viewer",
    summary: "List the types of data sources",
    answer: z.object({ items: z.array(sourceType) }),
    async handle() {
      const connectors = await Promise.all(connectorNames().map(loadConnector));
      return json(200, { items: connectors.map(describeSource) });
    },
  },
  {
    method: "GET",
    path: "/v1/source-types/{type}",
    role: "viewer",
    summary: "Describe one type of data source",
    answer: sourceType,
    async handle(_request, { type = "" }) {
      return json(200, describeSource(await loadConnector(type)));
    },
  },
];
