import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { routes } from "../../../../functions/api/routes.js";
import { dirtyPages } from "../../../../infra/cli/dirty-pages.js";
import { createClient } from "../../../../shared/api/client/client.js";
import { ApiProblem, Unreachable } from "../../../../shared/api/client/failures.js";
import { endpoints } from "../../../../shared/api/endpoints.js";
import { freePort } from "../../../servers/server-process.js";
import { type FakeAnswer, fakeApi, type SeenRequest, sampleRun } from "../../infra/cli/fake-api.js";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function clientOf(answer: (request: SeenRequest) => FakeAnswer) {
  const api = await fakeApi(answer);
  open.push(api);
  return { client: createClient({ endpoint: `${api.endpoint}/`, token: "t0ken" }), seen: api.seen };
}

describe("the API client", () => {
  it("sends the token, leaves absent query values out and escapes names", async () => {
    const { client, seen } = await clientOf(() => ({ body: { items: [], nextPage: null } }));
    await client.runs({ query: { job: "a b", state: undefined, limit: 5 } });
    await client.job({ name: "a/b" });
    expect(seen[0]).toMatchObject({ path: "/v1/runs", query: { job: "a b", limit: "5" }, token: "t0ken" });
    expect(seen[1]?.path).toBe("/v1/jobs/a%2Fb");
  });

  it("turns problem documents into errors with all their members", async () => {
    const { client } = await clientOf(() => ({
      status: 404,
      body: { title: "Not Found", status: 404, detail: "no run r9", code: "NOT_FOUND", hint: "Check.", requestId: "q" },
    }));
    const error = await client.run({ id: "r9" }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiProblem);
    expect(error).toMatchObject({ message: "no run r9", problem: { code: "NOT_FOUND", requestId: "q", status: 404 } });
  });

  it("repeats a call that met a busy API, with the same idempotency key", async () => {
    let calls = 0;
    const { client, seen } = await clientOf(() => (++calls < 3 ? { status: 503, body: {} } : { body: sampleRun() }));
    await client.startRun({ body: { script: "{}", idempotencyKey: "k" } });
    expect(seen.map(({ body }) => body.idempotencyKey)).toEqual(["k", "k", "k"]);
  });

  it("waits as long as it is told to when it calls too often, also with what must not be done twice", async () => {
    let calls = 0;
    const busy = { status: 429, headers: { "retry-after": "1" }, body: { code: "RATE_LIMITED", detail: "too many" } };
    const { client, seen } = await clientOf(() => (++calls < 2 ? busy : { status: 201, body: { token: "slc_x" } }));
    const since = Date.now();
    await client.createToken({ body: { name: "ci", role: "viewer" } });
    expect(seen).toHaveLength(2);
    expect(Date.now() - since).toBeGreaterThanOrEqual(990);
  });

  it("does not wait longer than half a minute", async () => {
    const busy = { status: 429, headers: { "retry-after": "31" }, body: { code: "RATE_LIMITED", detail: "too many" } };
    const { client, seen } = await clientOf(() => busy);
    await expect(client.runs()).rejects.toThrow("too many");
    expect(seen).toHaveLength(1);
  });

  it("says that nobody answers, and why", async () => {
    const client = createClient({ endpoint: `http://127.0.0.1:${await freePort()}`, token: "t" });
    const error = await client.run({ id: "r" }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Unreachable);
    expect(String(error)).toContain("ECONNREFUSED");
    await expect(createClient({ endpoint: "not a url", token: "t" }).run({ id: "r" })).rejects.toThrow(
      "is not a web address",
    );
  });

  it("calls nothing with an empty name, behind which lies another route", async () => {
    const { client } = await clientOf(() => ({ body: "{}" }));
    await expect(client.template({ reader: "", writer: "" })).rejects.toThrow("a name is empty");
    await expect(client.run({ id: "" })).rejects.toThrow("a name is empty");
  });

  it("recognises that something else answers", async () => {
    const { client } = await clientOf(({ path }) =>
      path.endsWith("a") ? { status: 404, body: "<html>" } : { body: "hello" },
    );
    await expect(client.run({ id: "a" })).rejects.toThrow("that is not the Sluice API");
    await expect(client.run({ id: "b" })).rejects.toThrow("that is not the Sluice API");
  });

  it("trusts what it is answered, or holds it to its schema if it is made so", async () => {
    const api = await fakeApi(() => ({ body: { items: [{ type: "mysql" }] } }));
    open.push(api);
    const address = { endpoint: api.endpoint, token: "t" };
    expect(await createClient(address).connectors()).toEqual({ items: [{ type: "mysql" }] });
    await expect(createClient(address, { checksAnswers: true }).connectors()).rejects.toThrow(
      "answered GET /v1/connectors in another shape",
    );
  });

  it("asks about the workspace it is told, and sends the version that a change is for", async () => {
    const { client, seen } = await clientOf(() => ({ body: {} }));
    await client.changeDataSource({ name: "shop", body: { description: "x" }, ifMatch: 7, inWorkspace: "mill" });
    expect(seen[0]).toMatchObject({ method: "PUT", path: "/v1/data-sources/shop", body: { description: "x" } });
    expect(seen[0]?.headers).toMatchObject({ "if-match": '"7"', "x-sluice-workspace": "mill" });
  });

  it("has a call for every route, and routes for all its calls", () => {
    const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;
    expect(Object.values(endpoints).map(nameOf).sort()).toEqual(routes.map(nameOf).sort());
  });

  it("needs nothing that a browser has not", () => {
    const seen = new Set<string>();
    const importsOf = (file: string): string[] =>
      [...readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type )[^;]*?from "([^"]+)";$/gm)].map(
        ([, name = ""]) => name,
      );
    const foreign: string[] = [];
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const name of importsOf(file))
        if (name.startsWith(".")) visit(path.join(path.dirname(file), name.replace(/\.js$/, ".ts")));
        else foreign.push(name);
    };
    visit("shared/api/client/client.ts");
    expect(seen.size).toBeGreaterThan(20);
    expect([...new Set(foreign)]).toEqual(["zod"]);
  });

  it("downloads dirty records page by page", async () => {
    const { client } = await clientOf(({ query }) =>
      query.page ? { body: "{3}\n" } : { body: "{1}\n{2}\n", headers: { "x-next-page": "p2" } },
    );
    const pages: string[] = [];
    for await (const page of dirtyPages(client, "r1")) pages.push(page);
    expect(pages).toEqual(["{1}\n{2}\n", "{3}\n"]);
  });
});
