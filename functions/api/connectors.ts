import { connectorEndpoints } from "../../shared/api/connectors.js";
import { describeConnector, summarizeConnector } from "../../shared/connectors/describe.js";
import { connectorNames, loadConnector } from "../../shared/connectors/registry.js";
import { answered } from "../../shared/http/response.js";
import type { Route } from "../../shared/http/router.js";
import type { ApiContext } from "./context.js";

/** The connectors and their fields: what forms, questions and import columns are made of. */
export const connectorRoutes: readonly Route<ApiContext>[] = [
  {
    ...connectorEndpoints.connectors,
    async handle() {
      const connectors = await Promise.all(connectorNames().map(loadConnector));
      return answered(connectorEndpoints.connectors, { items: connectors.map(summarizeConnector) });
    },
  },
  {
    ...connectorEndpoints.connector,
    async handle(_request, { type = "" }) {
      return answered(connectorEndpoints.connector, describeConnector(await loadConnector(type)));
    },
  },
];
