import { openApiEndpoints } from "../../shared/api/openapi.js";
import { openApiDocument } from "../../shared/http/openapi.js";
import { answered } from "../../shared/http/response.js";
import type { Route } from "../../shared/http/router.js";
import type { ApiContext } from "./context.js";

type OpenApi = ReturnType<typeof openApiDocument>;

/**
 * The route that describes all routes, itself included.
 *
 * @param routes  asked for at the first request, when the list is complete
 */
export function openApiRoute(routes: () => readonly Route<ApiContext>[]): Route<ApiContext> {
  let document: OpenApi | undefined;
  return {
    ...openApiEndpoints.openApi,
    async handle() {
      document ??= openApiDocument(routes(), {
        title: "Sluice",
        version: "1",
        summary: "Serverless data integration",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      });
      return answered(openApiEndpoints.openApi, document, { headers: { "cache-control": "max-age=300" } });
    },
  };
}
