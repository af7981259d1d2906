import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import type { Endpoint } from "../../shared/api/endpoint.js";
import { endpoints } from "../../shared/api/endpoints.js";

const all = Object.values<Endpoint>(endpoints).map((endpoint) => ({
  endpoint,
  pattern: new RegExp(`^${endpoint.path.replace(/\{\w+\}/g, "[^/]+")}$`),
}));

/**
 * Holds an answer of the API to the shape that its call declares: nothing missing, nothing more.
 *
 * @param call  such as `GET /v1/runs/r1?limit=5`
 * @throws Error that tells both
 */
export function demandShape(call: string, body: unknown): void {
  const [method, url = ""] = call.split(" ");
  const [path = ""] = url.split("?");
  // A fixed word in a path wins over a name in its place.
  const [found] = all
    .filter(({ endpoint, pattern }) => endpoint.method === method && pattern.test(path))
    .sort((a, b) => a.endpoint.path.split("{").length - b.endpoint.path.split("{").length);
  if (found?.endpoint.answer) demandSchema(call, found.endpoint.answer, body);
}

/** Holds a body to a schema: nothing missing, nothing more; see {@link demandShape}. */
export function demandSchema(call: string, schema: z.ZodType, body: unknown): void {
  const parsed = schema.safeParse(body);
  const excerpt = JSON.stringify(body).slice(0, 2000);
  if (!parsed.success) throw new Error(`${call}: ${parsed.error.message} in ${excerpt}`);
  // Parsing drops what the schema does not name.
  if (!isDeepStrictEqual(parsed.data, body)) throw new Error(`${call}: more than the schema names in ${excerpt}`);
}
