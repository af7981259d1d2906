import type { z } from "zod";
import { UserError } from "../model/errors.js";
import type { Role } from "../model/identity.js";
import { refusalText } from "../script/read/zod-issues.js";
import { MethodNotAllowed } from "./method-not-allowed.js";
import { type HttpRequest, jsonBody } from "./request.js";
import type { HttpResponse } from "./response.js";

/** One route. `path` is like `/v1/runs/{id}`; the handler gets the values of its names. */
export interface Route<C> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  /** Who may call it; `anyone` = without a token too. */
  readonly role: Role | "anyone";
  /** What it does, in a few words, for the OpenAPI document. */
  readonly summary: string;
  /** The schema that the handler parses the body with. */
  readonly body?: z.ZodType;
  /** The schema that the handler parses the query string with. */
  readonly query?: z.ZodType;
  /** Shape of the answer; null = it has no body. */
  readonly answer: z.ZodType | null;
  /** Media type of the answer, or those it may have; absent = JSON. */
  readonly answerType?: string | readonly string[];
  /** Status of the answer when all is well; absent = 200. A POST that answers 201 or 202 takes an idempotency key. */
  readonly status?: number;
  /** Status when the object was not there before; absent = the same. */
  readonly newStatus?: number;
  /** `answers`: the answer tells the object's version as `ETag`; `takes`: `If-Match` is heeded. */
  readonly version?: "answers" | "takes" | "both";
  /** Other headers of the answer and what they mean. */
  readonly answerHeaders?: Readonly<Record<string, string>>;
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
  const shown = `/${request.segments.join("/")}`;
  const methods = matching(routes, request)
    .map(({ route }) => route.method)
    .sort();
  if (methods.length > 0) throw new MethodNotAllowed(`${request.method} ${shown}`, methods);
  throw new UserError("NOT_FOUND", `there is no route ${shown}`, { path: "path" });
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
