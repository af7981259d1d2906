import { createConfig, lintFromString } from "@redocly/openapi-core";
import { describe, expect, it } from "vitest";
import { openApiRoute } from "../../../../functions/api/openapi.js";
import { routes } from "../../../../functions/api/routes.js";

// Tests look into the document freely.
// biome-ignore lint/suspicious/noExplicitAny: the shape is what the test asserts
type Part = any;

async function servedText(): Promise<string> {
  const answer = await openApiRoute(() => routes).handle({} as never, {}, {} as never);
  return answer.body;
}

async function problemsOf(source: string): Promise<string[]> {
  const config = await createConfig({ extends: ["recommended-strict"] });
  const problems = await lintFromString({ source, absoluteRef: "openapi.json", config });
  return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer ?? ""}`);
}

const parametersOf = (operation: Part) =>
  operation.parameters.map((one: Part) => one.name ?? one.$ref.split("/").at(-1)) as string[];

describe("the OpenAPI page", () => {
  it("passes the strictest rules that a linter recommends", async () => {
    const source = await servedText();
    expect(await problemsOf(source)).toEqual([]);
    // The linter would tell.
    expect((await problemsOf(source.replaceAll('"in":"path"', '"in":"query"'))).join()).toMatch(/path-parameters/);
    expect((await problemsOf(source.replace('"summary":"Register', '"sumary":"Register'))).join()).toMatch(/struct/);
  });

  it("tells of versions: who answers an ETag, who heeds If-Match", async () => {
    const { paths } = JSON.parse(await servedText()) as Part;
    const { get, put, delete: remove } = paths["/v1/data-sources/{name}"];
    expect(Object.keys(get.responses[200].headers)).toEqual(["x-request-id", "etag"]);
    expect(parametersOf(get)).toEqual(["name", "Workspace"]);
    expect(Object.keys(put.responses)).toEqual(["200", "401", "403", "412", "429", "4XX", "5XX"]);
    expect(parametersOf(put)).toEqual(["name", "Workspace", "IfMatch"]);
    expect(parametersOf(remove)).toEqual(["name", "environment", "force", "Workspace", "IfMatch"]);
    expect(remove.responses[200].headers.etag).toBeUndefined();
    // A change without versions.
    expect(parametersOf(paths["/v1/workspaces/{name}/time-zone"].put)).not.toContain("IfMatch");
  });

  it("tells both statuses of what makes an object or changes it, and of an answer that may be a repeat", async () => {
    const { paths } = JSON.parse(await servedText()) as Part;
    expect(Object.keys(paths["/v1/jobs/{name}"].put.responses)).toEqual(expect.arrayContaining(["200", "201"]));
    const created = paths["/v1/data-sources"].post.responses;
    expect(created[200]).toBeUndefined();
    expect(Object.keys(created[201].headers)).toEqual(["x-request-id", "etag", "idempotency-replayed"]);
  });

  it("tells how lists are paged: by parameters, and for a download by a header", async () => {
    const { paths, servers } = JSON.parse(await servedText()) as Part;
    const [limit, page] = paths["/v1/runs"].get.parameters;
    expect(limit).toMatchObject({ name: "limit", in: "query", description: expect.stringContaining("at most") });
    expect(page).toMatchObject({ name: "page", in: "query", description: expect.stringContaining("nextPage") });
    expect(paths["/v1/runs/{id}/dirty/download"].get.responses[200].headers["x-next-page"].description).toContain(
      "page",
    );
    expect(servers).toEqual([{ url: "/", description: "This installation" }]);
  });
});
