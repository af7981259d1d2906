import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes } from "../../functions/api/routes.js";
import { operationId } from "../../shared/http/openapi.js";
import { startSluice, type TestSluice } from "../servers/sluice.js";
import { callAs } from "./api-caller.js";

// Tests look into the document freely.
// biome-ignore lint/suspicious/noExplicitAny: the shape is what the test asserts
type Part = any;

let sluice: TestSluice;
let document: Part;
let text = "";

beforeAll(async () => {
  sluice = await startSluice();
  const answer = await callAs(sluice, { token: null }, ["GET", "/v1/openapi.json"]);
  document = answer.body;
  text = answer.text;
});
afterAll(() => sluice.close());

const operations = (): Part[] => Object.values(document.paths).flatMap((methods: Part) => Object.values(methods));

describe("GET /v1/openapi.json", () => {
  it("describes every route, and nothing else", () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
    expect(document.openapi).toBe("3.1.0");
  });

  it("tells of each route its role, summary, status and names in the path", () => {
    for (const route of routes) {
      const one = document.paths[route.path][route.method.toLowerCase()];
      expect(one).toMatchObject({
        summary: route.summary,
        "x-sluice-role": route.role,
        operationId: operationId(route),
      });
      const statuses = [route.status ?? 200, ...(route.newStatus === undefined ? [] : [route.newStatus])];
      expect(Object.keys(one.responses)).toEqual(expect.arrayContaining([...statuses.map(String), "4XX", "5XX"]));
      const named = one.parameters.filter((parameter: Part) => parameter.in === "path").map(({ name }: Part) => name);
      expect(named).toEqual([...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      expect(one.requestBody !== undefined).toBe(route.body !== undefined);
      if (route.body) expect(one.requestBody.required).toBe(!route.body.safeParse({}).success);
    }
  });

  it("tells of each route what it answers, and in which media type", () => {
    for (const route of routes) {
      const success = document.paths[route.path][route.method.toLowerCase()].responses[String(route.status ?? 200)];
      const types = Object.keys(success.content ?? {});
      expect(types, route.path).toEqual(route.answer === null ? [] : [route.answerType ?? "application/json"].flat());
      if (route.answer === null) expect(route.status).toBe(204);
      for (const { schema } of Object.values(success.content ?? {}) as Part[]) {
        const { $ref = "" } = schema;
        const named = document.components.schemas[$ref.split("/").at(-1)];
        // An empty schema would promise nothing.
        expect(named?.type ?? named?.$ref, `${route.method} ${route.path}`).toBeDefined();
      }
    }
  });

  it("has operation ids that are unique", () => {
    const ids = operations().map((one) => one.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("refers only to what it holds", () => {
    const refs = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? "");
    expect(refs.length).toBeGreaterThan(20);
    for (const ref of refs) {
      const found = ref
        .replace(/^#\//, "")
        .split("/")
        .reduce((part: Part, word) => part?.[word], document);
      expect(found, ref).toBeDefined();
    }
  });

  it("has schemas that a validator takes, and that refuse what the API refuses", () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ ...document, $id: "https://sluice.test/openapi.json" });
    const compiled = (name: string) =>
      ajv.compile({ $ref: `https://sluice.test/openapi.json#/components/schemas/${name}` });
    for (const name of Object.keys(document.components.schemas)) expect(compiled(name)).toBeTypeOf("function");
    expect(compiled("postTokensBody")({ name: "a", role: "viewer" })).toBe(true);
    expect(compiled("postTokensBody")({ name: "a", role: "king" })).toBe(false);
    expect(compiled("postRunsBody")({ parameters: { day: 1 } })).toBe(true);
    expect(compiled("postRunsBody")({ parameters: 1 })).toBe(false);
  });
});
