import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type DescribedRoute, openApiDocument, operationId } from "../../../../shared/http/openapi.js";

const thing = z.object({ name: z.string(), more: z.json() }).meta({ id: "Thing" });
const routes: DescribedRoute[] = [
  {
    method: "POST",
    path: "/v1/things",
    role: "admin",
    summary: "Make a thing",
    status: 201,
    body: z.object({ name: z.string(), n: z.coerce.number().int().min(1).default(1) }),
    answer: thing,
  },
  {
    method: "GET",
    path: "/v1/things/{name}",
    role: "anyone",
    summary: "Show a thing",
    query: z.object({ deep: z.string().optional(), page: z.string().nullable().default(null) }),
    answer: thing,
  },
];
// Tests look into the document freely.
// biome-ignore lint/suspicious/noExplicitAny: the shape is what the test asserts
const document = openApiDocument(routes, { title: "t", version: "1" }) as any;

describe("the OpenAPI document", () => {
  it("shows what a caller sends: what has a default may be left out", () => {
    const { requestBody } = document.paths["/v1/things"].post;
    expect(requestBody.content["application/json"].schema.$ref).toBe("#/components/schemas/postThingsBody");
    expect(document.components.schemas.postThingsBody.required).toEqual(["name"]);
  });

  it("names a schema once, and leads its definitions to the components", () => {
    const { Thing, ...others } = document.components.schemas;
    expect(Thing.properties.more.$ref).toMatch(/^#\/components\/schemas\/\w+$/);
    expect(Object.keys(others)).toContain(Thing.properties.more.$ref.split("/").at(-1));
    expect(JSON.stringify(document)).not.toContain("$defs");
  });

  it("lists names of the path, the query, and the headers that count", () => {
    const get = document.paths["/v1/things/{name}"].get.parameters.map((one: { name: string }) => one.name);
    expect(get).toEqual(["name", "deep", "page"]);
    const post = document.paths["/v1/things"].post.parameters.map((one: { $ref: string }) =>
      one.$ref.split("/").at(-1),
    );
    expect(post).toEqual(["Workspace", "IdempotencyKey"]);
  });

  it("tells the role, and that nobody needs a token where anyone may call", () => {
    expect(document.paths["/v1/things"].post["x-sluice-role"]).toBe("admin");
    expect(document.paths["/v1/things/{name}"].get.security).toEqual([]);
  });
});

describe("an operation id", () => {
  it("is made of method and path", () => {
    expect(operationId({ method: "POST", path: "/v1/data-sources/{name}/test" })).toBe("postDataSourcesByNameTest");
  });
});
