import { z } from "zod";
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
export function openApiDocument(routes: readonly DescribedRoute[], info: Part): Part {
  const schemas: Part = { Problem: problemSchema };
  const paths: Record<string, Part> = {};
  for (const route of routes) {
    const methods = paths[route.path] ?? {};
    methods[route.method.toLowerCase()] = operation(route, schemas);
    paths[route.path] = methods;
  }
  return {
    openapi: "3.1.0",
    info,
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas,
      parameters: headerParameters,
      responses: {
        Problem: { description: "Refused or failed", content: { [PROBLEM]: { schema: ref("schemas", "Problem") } } },
      },
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

const PROBLEM = "application/problem+json";

function operation(route: DescribedRoute, schemas: Part): Part {
  const id = operationId(route);
  const { method, status = 200, role } = route;
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const isCreation = method === "POST" && (status === 201 || status === 202);
  const answer = route.answer && { schema: component(route.answer, { name: `${id}Answer`, io: "output", schemas }) };
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
      ...(method === "PUT" || method === "DELETE" ? [ref("parameters", "IfMatch")] : []),
    ],
    ...(route.body && {
      requestBody: {
        // An empty body is an empty object.
        required: !route.body.safeParse({}).success,
        content: { "application/json": { schema: component(route.body, { name: `${id}Body`, io: "input", schemas }) } },
      },
    }),
    responses: {
      [status]: {
        description: "Done",
        ...(answer && { content: Object.fromEntries(answerTypesOf(route).map((type) => [type, answer])) }),
      },
      default: ref("responses", "Problem"),
    },
  };
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
    schema,
  }));
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

const headerParameters = {
  Workspace: {
    name: "x-sluice-workspace",
    in: "header",
    description: "The workspace the request is about",
    schema: { type: "string", default: "default" },
  },
  IdempotencyKey: {
    name: "idempotency-key",
    in: "header",
    description: "Requests with the same key are done once; for 24 h a repeat gets the first answer",
    schema: { type: "string", minLength: 1, maxLength: 200 },
  },
  IfMatch: {
    name: "if-match",
    in: "header",
    description: "The ETag of the version that the change is meant for",
    schema: { type: "string" },
  },
} satisfies Part;

/** RFC 9457, with our members. */
const problemSchema = z.toJSONSchema(
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    hint: z.string(),
    recovery: z.enum(["fix", "retry", "report"]),
    path: z.string().optional(),
    line: z.int().optional(),
    column: z.int().optional(),
    issues: z.array(z.record(z.string(), z.unknown())).optional(),
    requestId: z.string(),
  }),
  { io: "output" },
) as Part;
