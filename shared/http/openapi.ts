import { z } from "zod";
import { problemAnswer } from "../api/problem.js";
import { answerHeaders, headerParameters, problemResponses } from "./openapi-headers.js";
import type { Route } from "./router.js";

/** A part of an OpenAPI document: plain JSON. */
type Part = Record<string, unknown>;

/** What of a route the document tells: everything but how it works. */
export type DescribedRoute = Omit<Route<never>, "handle">;

/**
 * Describes routes as an OpenAPI 3.1 document, from the very schemas that parse their requests.
 *
 * @param info  title, version and description of the API
 */
export function openApiDocument(
  routes: readonly DescribedRoute[],
  info: Part,
): Part & { readonly openapi: string; readonly paths: Part } {
  const schemas: Part = { Problem: z.toJSONSchema(problemAnswer, { io: "output" }) };
  const paths: Record<string, Part> = {};
  for (const route of routes) {
    const methods = paths[route.path] ?? {};
    methods[route.method.toLowerCase()] = operation(route, schemas);
    paths[route.path] = methods;
  }
  return {
    openapi: "3.1.0",
    info,
    // Wherever the document itself comes from.
    servers: [{ url: "/", description: "This installation" }],
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas,
      parameters: headerParameters,
      responses: problemResponses,
      securitySchemes: { bearer: { type: "http", scheme: "bearer", description: "A token of Sluice, or a JWT" } },
    },
  };
}

/** A stable name of a route, such as `postDataSourcesByNameTest`. */
export function operationId({ method, path }: Pick<Route<never>, "method" | "path">): string {
  const words = path
    .split("/")
    .slice(2)
    .flatMap((part) => (part.startsWith("{") ? ["by", part.slice(1, -1)] : part.split(/[-.]/)));
  return [method.toLowerCase(), ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join("");
}

function operation(route: DescribedRoute, schemas: Part): Part {
  const id = operationId(route);
  const { method, status = 200, newStatus, role, version } = route;
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const isCreation = method === "POST" && (status === 201 || status === 202);
  const answer = route.answer && { schema: component(route.answer, { name: `${id}Answer`, io: "output", schemas }) };
  const success = {
    description: route.result ?? "Done",
    headers: answerHeaders(route),
    ...(answer && { content: Object.fromEntries(answerTypesOf(route).map((type) => [type, answer])) }),
  };
  return {
    operationId: id,
    summary: route.summary,
    "x-sluice-role": role,
    ...(role === "anyone" ? { security: [] } : {}),
    parameters: [
      ...names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } })),
      ...queryParameters(route, schemas),
      ...(role === "anyone" ? [] : [ref("parameters", "Workspace")]),
      ...(isCreation ? [ref("parameters", "IdempotencyKey")] : []),
      ...(version === "takes" || version === "both" ? [ref("parameters", "IfMatch")] : []),
    ],
    ...(route.body && {
      requestBody: {
        // An empty body is an empty object.
        required: !route.body.safeParse({}).success,
        content: { "application/json": { schema: component(route.body, { name: `${id}Body`, io: "input", schemas }) } },
      },
    }),
    responses: {
      [status]: success,
      ...(newStatus !== undefined && { [newStatus]: { ...success, description: "Done, and it is new" } }),
      ...Object.fromEntries(problemStatuses(route).map((one) => [one, ref("responses", one)])),
    },
  };
}

/** Statuses of refusals and failures, beside those that any request may get. */
function problemStatuses({ role, version }: DescribedRoute): string[] {
  return [
    ...(role === "anyone" ? [] : ["401", "403"]),
    ...(version === "takes" || version === "both" ? ["412"] : []),
    ...["429", "4XX", "5XX"],
  ];
}

function answerTypesOf({ answerType = "application/json" }: DescribedRoute): readonly string[] {
  return typeof answerType === "string" ? [answerType] : answerType;
}

function queryParameters({ query, ...route }: DescribedRoute, schemas: Part): Part[] {
  if (!query) return [];
  const name = `${operationId(route)}Query`;
  const { properties = {}, required = [] } = jsonSchema(query, { name, io: "input", schemas });
  return Object.entries(properties as Part).map(([one, schema]) => ({
    name: one,
    in: "query",
    required: (required as string[]).includes(one),
    ...describedSchema(schema as Part),
  }));
}

/** The description of a parameter stands beside its schema. */
function describedSchema({ description, ...schema }: Part): Part {
  return description === undefined ? { schema } : { description, schema };
}

interface Place {
  /** What the component is called if the schema has no id of its own. */
  readonly name: string;
  readonly io: "input" | "output";
  readonly schemas: Part;
}

/** Puts a schema among the components and refers to it; one with an id of its own is there under that. */
function component(schema: z.ZodType, place: Place): Part {
  const part = jsonSchema(schema, place);
  if ("$ref" in part) return part;
  place.schemas[place.name] = part;
  return ref("schemas", place.name);
}

/** The JSON schema of a zod schema, its own definitions moved to the components. */
function jsonSchema(schema: z.ZodType, { name, io, schemas }: Place): Part {
  const { $schema, $defs = {}, id, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Part;
  const nameOf = (definition: string) => definition.replace(/^__s/, `${name}S`);
  for (const [definition, { id: _own, ...part }] of Object.entries($defs as Record<string, Part>))
    schemas[nameOf(definition)] ??= relinked(part, name, nameOf);
  return relinked(rest, name, nameOf) as Part;
}

/** Points references at the components: inside a document, `#` is no longer the schema itself. */
function relinked(part: unknown, root: string, nameOf: (definition: string) => string): unknown {
  if (Array.isArray(part)) return part.map((one) => relinked(one, root, nameOf));
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => {
      if (key !== "$ref" || typeof value !== "string") return [key, relinked(value, root, nameOf)];
      const definition = value.replace(/^#(\/\$defs\/)?/, "");
      return [key, `#/components/schemas/${definition === "" ? root : nameOf(definition)}`];
    }),
  );
}

function ref(kind: "schemas" | "parameters" | "responses", name: string): Part {
  return { $ref: `#/components/${kind}/${name}` };
}
