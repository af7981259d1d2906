import TableStore from "tablestore";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storeTables } from "../../shared/store/tables.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";
import { callAs, tokenFor } from "./api-caller.js";
import { fresh } from "./fresh.js";

let sluice: TestSluice;

beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice.close());

const few = job(["stream", { column: [{ value: "a", type: "string" }], sliceRecordCount: 3 }], ["stream", {}]);

/** Everything that a table of ours holds, as text. */
async function contentOf(table: { name: string; key: readonly { name: string }[] }): Promise<string> {
  const { accessKeyId, accessKeySecret } = sluice.cloud.credentials;
  const client = new TableStore.Client({
    accessKeyId,
    secretAccessKey: accessKeySecret,
    endpoint: sluice.cloud.endpoints.tablestore,
    instancename: "sluice-dev",
    maxRetries: 0,
  });
  const all = (edge: unknown) => table.key.map(({ name }) => ({ [name]: edge }));
  const range = {
    tableName: table.name,
    direction: TableStore.Direction.FORWARD,
    inclusiveStartPrimaryKey: all(TableStore.INF_MIN),
    exclusiveEndPrimaryKey: all(TableStore.INF_MAX),
    limit: 1000,
  };
  return JSON.stringify(await client.getRange(range as never));
}

describe("a token", () => {
  it("opens the API for its role, is listed without its text, and is stored nowhere", async () => {
    const made = await callAs(sluice, {}, ["POST", "/v1/tokens"], { name: "ci", role: "viewer" });
    expect(made.status).toBe(201);
    expect(made.headers.get("cache-control")).toBe("no-store");
    const { token, ...view } = made.body;
    expect(token).toMatch(/^slc_[\w-]{43}$/);
    expect((await callAs(sluice, { token }, ["GET", "/v1/runs"])).status).toBe(200);

    const list = await callAs(sluice, {}, ["GET", "/v1/tokens?limit=500"]);
    const listed = list.body.items.find((one: { id: string }) => one.id === view.id);
    expect(listed).toMatchObject({ name: "ci", role: "viewer", state: "active", prefix: token.slice(0, 10) });
    expect(listed.lastUsedAt).toMatch(/:00:00\.000Z$/);

    const secret = token.slice(10);
    for (const table of [storeTables.tokens, storeTables.tokenIndex, storeTables.audit, storeTables.answers])
      expect(await contentOf(table)).not.toContain(secret);
    expect(list.text).not.toContain(secret);
    expect(sluice.logs.join("\n")).not.toContain(secret);
  });

  it("ends when it is revoked, at once and for good", async () => {
    const { body } = await callAs(sluice, {}, ["POST", "/v1/tokens"], { name: "gone", role: "admin" });
    const revoked = await callAs(sluice, {}, ["POST", `/v1/tokens/${body.id}/revoke`]);
    expect(revoked.body).toMatchObject({ id: body.id, state: "revoked" });
    const refused = await callAs(sluice, { token: body.token }, ["GET", "/v1/runs"]);
    expect(refused).toMatchObject({
      status: 401,
      body: { code: "UNAUTHORIZED", detail: "the bearer token is revoked" },
    });
    expect((await callAs(sluice, {}, ["POST", `/v1/tokens/${body.id}/revoke`])).status).toBe(200);
    expect((await callAs(sluice, {}, ["POST", "/v1/tokens/none/revoke"])).status).toBe(404);
  });

  it("ends when its time is over", async () => {
    const used = async (lifeMs: number) => {
      const endMs = Date.now() + lifeMs;
      const token = { name: "short", role: "viewer", expiresAt: new Date(endMs).toISOString() };
      const { body } = await callAs(sluice, {}, ["POST", "/v1/tokens"], token);
      const { status } = await callAs(sluice, { token: body.token }, ["GET", "/v1/runs"]);
      return { body, status, endMs, isInTime: Date.now() < endMs };
    };
    let one = await used(1500);
    // A busy machine may come too late to use it.
    for (let lifeMs = 3000; !one.isInTime && lifeMs < 60_000; lifeMs *= 2) one = await used(lifeMs);
    const { body, status, endMs } = one;
    expect(status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, endMs - Date.now() + 100));
    const refused = await callAs(sluice, { token: body.token }, ["GET", "/v1/runs"]);
    expect(refused).toMatchObject({ status: 401, body: { detail: "the bearer token is expired" } });
  });

  it("opens its own workspace only, and no run of another one is to be found", async () => {
    const stranger = await tokenFor(sluice, "admin", { workspace: "team" });
    const refused = await callAs(sluice, { token: stranger }, ["GET", "/v1/runs"]);
    expect(refused).toMatchObject({ status: 403, body: { code: "FORBIDDEN" } });
    const id = await sluice.start({ script: few });
    await sluice.ended(id);
    const calls = [
      ["GET", `/v1/runs/${id}`],
      ["GET", `/v1/runs/${id}/dirty`],
      ["GET", `/v1/runs/${id}/dirty/download`],
      ["POST", `/v1/runs/${id}/cancel`],
    ] as const;
    for (const call of calls)
      expect((await callAs(sluice, { token: stranger, workspace: "team" }, call)).status, call[1]).toBe(404);
    expect((await callAs(sluice, {}, ["GET", `/v1/runs/${id}`])).status).toBe(200);
  });

  it("is refused when its field is wrong, by name", async () => {
    const past = { name: "x", role: "viewer", expiresAt: "2020-01-01T00:00:00Z" };
    for (const [body, path] of [
      [{ role: "viewer" }, "name"],
      [{ name: "x", role: "king" }, "role"],
      [past, "expiresAt"],
      [{ ...past, expiresAt: "tomorrow" }, "expiresAt"],
    ] as const)
      expect(await callAs(sluice, {}, ["POST", "/v1/tokens"], body)).toMatchObject({
        status: 400,
        body: { code: "CONFIG_INVALID", path },
      });
  });
});

describe("every answer", () => {
  it("carries a request id, and errors are problem+json without a stack", async () => {
    const answers = [
      await callAs(sluice, {}, ["GET", "/v1/runs"]),
      await callAs(sluice, { token: null }, ["GET", "/v1/openapi.json"]),
      await callAs(sluice, { token: null }, ["GET", "/v1/runs"]),
      await callAs(sluice, {}, ["GET", "/v1/nowhere"]),
      await callAs(sluice, {}, ["POST", "/v1/runs"], "{"),
      await callAs(sluice, { workspace: "../x" }, ["GET", "/v1/runs"]),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 404, 400, 400]);
    for (const { headers, status, body, text } of answers) {
      expect(headers.get("x-request-id")).toMatch(/\S{8,}/);
      if (status < 400) continue;
      expect(headers.get("content-type")).toBe("application/problem+json");
      expect(body).toMatchObject({ status, requestId: headers.get("x-request-id") });
      expect(body.hint).not.toBe("");
      expect(text).not.toMatch(/\bat .*\.(js|ts):\d/);
    }
    expect(answers[2]?.headers.get("www-authenticate")).toContain("Bearer");
  });

  it("says so when there is no such workspace", async () => {
    const answer = await callAs(sluice, { workspace: "mistyped" }, ["GET", "/v1/runs"]);
    expect(answer).toMatchObject({
      status: 404,
      body: { code: "NOT_FOUND", detail: 'there is no workspace "mistyped"' },
    });
  });

  it("tells strangers nothing about which paths exist", async () => {
    for (const path of ["/v1/nowhere", "/v1/runs", "/"])
      expect((await callAs(sluice, { token: "slc_wrong" }, ["GET", path])).status, path).toBe(401);
  });

  it("refuses a body that is too large", async () => {
    const script = "x".repeat(4 * 1024 * 1024 + 1);
    expect(await callAs(sluice, {}, ["POST", "/v1/validate"], { script })).toMatchObject({
      status: 413,
      body: { code: "PAYLOAD_TOO_LARGE" },
    });
  });
});

describe("an idempotency key", () => {
  it("makes one data source of two requests, and refuses another body", async () => {
    const as = { headers: { "idempotency-key": fresh("key") } };
    const body = { name: fresh("once"), type: "stream", properties: {} };
    const first = await callAs(sluice, as, ["POST", "/v1/data-sources"], body);
    const second = await callAs(sluice, as, ["POST", "/v1/data-sources"], body);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(second.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
    const other = await callAs(sluice, as, ["POST", "/v1/data-sources"], { ...body, name: "other" });
    expect(other).toMatchObject({ status: 409, body: { code: "CONFLICT", path: "idempotency-key" } });
  });

  it("starts one run, also when two requests come at once", async () => {
    const as = { headers: { "idempotency-key": fresh("run") } };
    const start = () => callAs(sluice, as, ["POST", "/v1/runs"], { script: few });
    const pair = await Promise.all([start(), start()]);
    const third = await start();
    expect(third.status).toBe(202);
    for (const { status, body: one } of pair) {
      expect([202, 409]).toContain(status);
      if (status === 202) expect(one.id).toBe(third.body.id);
    }
    const { body: list } = await callAs(sluice, {}, ["GET", "/v1/runs?limit=500"]);
    expect(list.items.filter(({ id }: { id: string }) => id === third.body.id)).toHaveLength(1);
  });

  it("does not bring back a token", async () => {
    const as = { headers: { "idempotency-key": fresh("token") } };
    const asked = { name: "one", role: "viewer" };
    expect((await callAs(sluice, as, ["POST", "/v1/tokens"], asked)).status).toBe(201);
    const second = await callAs(sluice, as, ["POST", "/v1/tokens"], asked);
    expect(second).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
    expect(second.text).not.toContain("slc_");
  });
});

describe("the rate limit", () => {
  it("answers 429 with Retry-After, for one caller and not for others", async () => {
    const strict = await startSluice({ environment: { SLUICE_RATE_LIMIT: "1" } });
    try {
      const token = await tokenFor(strict, "viewer");
      const statuses: number[] = [];
      let refused = await callAs(strict, { token }, ["GET", "/v1/jobs"]);
      for (let i = 0; i < 20 && refused.status !== 429; i++) {
        statuses.push(refused.status);
        refused = await callAs(strict, { token }, ["GET", "/v1/jobs"]);
      }
      expect(new Set(statuses)).toEqual(new Set([200]));
      expect(refused).toMatchObject({ status: 429, body: { code: "RATE_LIMITED", recovery: "retry" } });
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
      expect((await callAs(strict, {}, ["GET", "/v1/jobs"])).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 1100));
      expect((await callAs(strict, { token }, ["GET", "/v1/jobs"])).status).toBe(200);
    } finally {
      await strict.close();
    }
  });
});
