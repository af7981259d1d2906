import { connectorNames, loadConnector } from "../../shared/connectors/registry.js";
import { json } from "../../shared/http/response.js";
import type { Route } from "../../shared/http/router.js";
import { describeSource } from "../../shared/sources/describe.js";
import type { ApiContext } from "./context.js";

/** The types of data sources and their properties: what forms, questions and import columns are made of. */
export const sourceTypeRoutes: readonly Route<ApiContext>[] = [
  {
    method: "GET",
    path: "/v1/source-types",
    role: "viewer",
    summary: "List the types of data sources",
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
    async handle(_request, { type = "" }) {
      return json(200, describeSource(await loadConnector(type)));
    },
  },
];
