import { afterEach, describe, expect, it } from "vitest";
import { apiClient } from "../../../../infra/cli/client.js";
import { ApiProblem, Unreachable } from "../../../../infra/cli/failures.js";
import { freePort } from "../../../servers/server-process.js";
import { type FakeAnswer, fakeApi, type SeenRequest, sampleRun } from "./fake-api.js";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function clientOf(answer: (request: SeenRequest) => FakeAnswer) {
  const api = await fakeApi(answer);
  open.push(api);
  return { client: apiClient({ endpoint: `${api.endpoint}/`, token: "t0ken" }), seen: api.seen };
}

describe("the API client", () => {
  it("sends the token, leaves absent query values out and escapes names", async () => {
    const { client, seen } = await clientOf(() => ({ body: { items: [], nextPage: null } }));
    await client.runs({ job: "a b", state: undefined, limit: 5 });
    await client.job("a/b");
    expect(seen[0]).toMatchObject({ path: "/v1/runs", query: { job: "a b", limit: "5" }, token: "t0ken" });
    expect(seen[1]?.path).toBe("/v1/jobs/a%2Fb");
  });

  it("turns problem documents into errors with all their members", async () => {
    const { client } = await clientOf(() => ({
      status: 404,
      body: { title: "Not Found", status: 404, detail: "no run r9", code: "NOT_FOUND", hint: "Check.", requestId: "q" },
    }));
    const error = await client.run("r9").catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiProblem);
    expect(error).toMatchObject({ message: "no run r9", problem: { code: "NOT_FOUND", requestId: "q", status: 404 } });
  });

  it("repeats a call that met a busy API, with the same idempotency key", async () => {
    let calls = 0;
    const { client, seen } = await clientOf(() => (++calls < 3 ? { status: 503, body: {} } : { body: sampleRun() }));
    await client.startRun({ script: "{}", parameters: {}, idempotencyKey: "k" });
    expect(seen.map(({ body }) => body.idempotencyKey)).toEqual(["k", "k", "k"]);
  });

  it("waits as long as it is told to when it calls too often, also with what must not be done twice", async () => {
    let calls = 0;
    const busy = { status: 429, headers: { "retry-after": "1" }, body: { code: "RATE_LIMITED", detail: "too many" } };
    const { client, seen } = await clientOf(() => (++calls < 2 ? busy : { status: 201, body: { token: "slc_x" } }));
    const since = Date.now();
    await client.createToken({ name: "ci", role: "viewer", expiresAt: null });
    expect(seen).toHaveLength(2);
    expect(Date.now() - since).toBeGreaterThanOrEqual(990);
  });

  it("does not wait longer than half a minute", async () => {
    const busy = { status: 429, headers: { "retry-after": "31" }, body: { code: "RATE_LIMITED", detail: "too many" } };
    const { client, seen } = await clientOf(() => busy);
    await expect(client.runs({})).rejects.toThrow("too many");
    expect(seen).toHaveLength(1);
  });

  it("says that nobody answers, and why", async () => {
    const client = apiClient({ endpoint: `http://127.0.0.1:${await freePort()}`, token: "t" });
    const error = await client.run("r").catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Unreachable);
    expect(String(error)).toContain("ECONNREFUSED");
    await expect(apiClient({ endpoint: "not a url", token: "t" }).run("r")).rejects.toThrow("is not a web address");
  });

  it("calls nothing with an empty name, behind which lies another route", async () => {
    const { client } = await clientOf(() => ({ body: "{}" }));
    await expect(client.template("", "")).rejects.toThrow("a name is empty");
    await expect(client.run("")).rejects.toThrow("a name is empty");
  });

  it("recognises that something else answers", async () => {
    const { client } = await clientOf(({ path }) =>
      path.endsWith("a") ? { status: 404, body: "<html>" } : { body: "hello" },
    );
    await expect(client.run("a")).rejects.toThrow("that is not the Sluice API");
    await expect(client.run("b")).rejects.toThrow("that is not the Sluice API");
  });

  it("downloads dirty records page by page", async () => {
    const { client } = await clientOf(({ query }) =>
      query.page ? { body: "{3}\n" } : { body: "{1}\n{2}\n", headers: { "x-next-page": "p2" } },
    );
    const pages: string[] = [];
    for await (const page of client.dirtyLines("r1")) pages.push(page);
    expect(pages).toEqual(["{1}\n{2}\n", "{3}\n"]);
  });
});
