import { z } from "zod";
import type { Endpoint } from "./endpoint.js";

/** The description of all calls. */
export const openApiEndpoints = {
  openApi: {
    method: "GET",
    path: "/v1/openapi.json",
    role: "anyone",
    summary: "This document",
    result: "this API as OpenAPI 3.1",
    answer: z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) }),
  },
} as const satisfies Record<string, Endpoint>;
