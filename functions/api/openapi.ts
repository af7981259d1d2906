import { z } from "zod";
import { openApiDocument } from "../../shared/http/openapi.js";
import { json } from "../../shared/http/response.js";
import type { Route } from "../../shared/http/router.js";
import type { ApiContext } from "./context.js";

/**
 * The route that describes all routes, itself included.
 *
 * @param routes  asked for at the first request, when the list is complete
 */
export function openApiRoute(routes: () => readonly Route<ApiContext>[]): Route<ApiContext> {
  let document: object | undefined;
  return {
    method: "GET",
    path: "/v1/openapi.json",
    role: "anyone",
    summary: "This document",
    answer: z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) }),
    async handle() {
      document ??= openApiDocument(routes(), {
        title: "Sluice",
        version: "1",
        summary: "Serverless data integration",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      });
      return json(200, document, { "cache-control": "max-age=300" });
    },
  };
}
