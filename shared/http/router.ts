import type { z } from "zod";
import type { Endpoint } from "../api/endpoint.js";
import { UserError } from "../model/errors.js";
import { refusalText } from "../script/read/zod-issues.js";
import { MethodNotAllowed } from "./method-not-allowed.js";
import { type HttpRequest, jsonBody } from "./request.js";
import type { HttpResponse } from "./response.js";

/** One route: a call of the API, and who answers it. The handler gets the values of the names in its path. */
export interface Route<C> extends Endpoint {
  handle(request: HttpRequest, names: Readonly<Record<string, string>>, context: C): Promise<HttpResponse>;
}

/** A route that fits a request, and the values of the names in its path. */
export interface FoundRoute<C> {
  readonly route: Route<C>;
  readonly names: Readonly<Record<string, string>>;
}

/** The route that fits a request, if there is one. */
export function matchRoute<C>(routes: readonly Route<C>[], request: HttpRequest): FoundRoute<C> | undefined {
  return matching(routes, request).find(({ route }) => route.method === request.method);
}

/**
 * Finds the route of a request.
 *
 * @throws UserError NOT_FOUND when no route has this path; MethodNotAllowed when none of those takes this method
 */
export function findRoute<C>(routes: readonly Route<C>[], request: HttpRequest): FoundRoute<C> {
  const found = matchRoute(routes, request);
  if (found) return found;
  const path = `/${request.segments.join("/")}`;
  const methods = matching(routes, request)
    .map(({ route }) => route.method)
    .sort();
  if (methods.length > 0) throw new MethodNotAllowed(`${request.method} ${path}`, methods);
  throw new UserError("NOT_FOUND", `there is no route ${path}`, { path: "path" });
}

function matching<C>(routes: readonly Route<C>[], request: HttpRequest): FoundRoute<C>[] {
  return routes.flatMap((route) => {
    const names = match(route.path, request.segments);
    return names ? [{ route, names }] : [];
  });
}

function match(path: string, segments: readonly string[]): Record<string, string> | undefined {
  const parts = path.split("/").slice(1);
  if (parts.length !== segments.length) return undefined;
  const names: Record<string, string> = {};
  for (const [i, part] of parts.entries()) {
    const segment = segments[i] ?? "";
    if (part.startsWith("{")) names[part.slice(1, -1)] = segment;
    else if (part !== segment) return undefined;
  }
  return names;
}

/**
 * Parses a JSON body with a schema.
 *
 * @throws UserError CONFIG_INVALID naming the field
 */
export function parseBody<T>(request: HttpRequest, schema: z.ZodType<T>): T {
  return parseWith(schema, jsonBody(request), "body");
}

/** Parses the query string with a schema whose inputs are texts. */
export function parseQuery<T>(request: HttpRequest, schema: z.ZodType<T>): T {
  return parseWith(schema, request.query, "query");
}

function parseWith<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = (issue?.path ?? []).map(String).join(".") || where;
  const why = issue ? refusalText(issue, { whole: value, path }) : "invalid";
  throw new UserError("CONFIG_INVALID", `${path}: ${why}`, { path });
}
