import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callAs, makeWorkspace, tokenFor } from "../e2e/api-caller.js";
import { fresh } from "../e2e/fresh.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

let sluice: TestSluice;
beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice.close());

const script = job(["stream", { column: [{ type: "string", value: "x" }], sliceRecordCount: 1 }], ["stream", {}]);
const start = ["POST", "/v1/runs"] as const;

describe("the key of a run", () => {
  it("belongs to one caller: another one's run is not shown for it", async () => {
    const idempotencyKey = fresh("key");
    const [mine, other] = [await tokenFor(sluice, "operator"), await tokenFor(sluice, "operator")];
    const first = await callAs(sluice, { token: mine }, start, { script, idempotencyKey });
    const second = await callAs(sluice, { token: other }, start, { script, idempotencyKey });
    const again = await callAs(sluice, { token: mine }, start, { script, idempotencyKey });
    expect([first.status, second.status, again.status]).toEqual([202, 202, 202]);
    expect(second.body.id).not.toBe(first.body.id);
    expect(again.body.id).toBe(first.body.id);
  });

  it("stands for the whole request, in the body as in the header", async () => {
    const key = fresh("whole");
    const header = { headers: { "idempotency-key": key } };
    const first = await callAs(sluice, {}, start, { script, parameters: { day: "1" }, idempotencyKey: key });
    expect(first.status, first.text).toBe(202);
    for (const [as, body] of [
      [{}, { script, parameters: { day: "2" }, idempotencyKey: key }],
      [header, { script, parameters: { day: "2" } }],
      [{}, { script: `${JSON.stringify(script)} `, parameters: { day: "1" }, idempotencyKey: key }],
    ] as const) {
      expect(await callAs(sluice, as, start, body)).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
    }
    const same = await callAs(sluice, header, start, { script, parameters: { day: "1" } });
    expect(same.body.id).toBe(first.body.id);
    const other = { headers: { "idempotency-key": fresh("other") } };
    const two = await callAs(sluice, other, start, { script, idempotencyKey: `${key}2` });
    expect(two).toMatchObject({ status: 400, body: { code: "CONFIG_INVALID", path: "idempotencyKey" } });
  });
});

describe("what is too long", () => {
  it.each([
    ["PUT", "/v1/jobs/a", { script, schedule: { cron: `0 0 3 * * ?${" ".repeat(500)}` } }, "schedule.cron", "200"],
    ["PUT", "/v1/jobs/a", { script, parameters: { ["n".repeat(300)]: "x" } }, "parameters", "200"],
    ["POST", "/v1/runs", { script, parameters: { day: "x".repeat(70_000) } }, "parameters.day", "65536"],
    ["POST", "/v1/data-sources", { name: "n".repeat(3000), type: "stream" }, "name", "200"],
    ["GET", `/v1/runs?job=${"x".repeat(3000)}`, undefined, "job", "200"],
  ] as const)("is refused with its field and the limit: $3", async (method, url, body, path, limit) => {
    const answer = await callAs(sluice, {}, [method, url], body);
    expect(answer).toMatchObject({ status: 400, body: { code: "CONFIG_INVALID", path } });
    expect(answer.body.detail).toContain(limit);
  });

  it("is no name of the language's own", async () => {
    const body = '{"name":"a","type":"stream","properties":{"__proto__":{"x":1}}}';
    expect(await callAs(sluice, {}, ["POST", "/v1/data-sources"], body)).toMatchObject({
      status: 400,
      body: { code: "CONFIG_INVALID" },
    });
  });
});

describe("the rate limit", () => {
  it("counts a caller who invents workspaces as one", async () => {
    const strict = await startSluice({ environment: { SLUICE_RATE_LIMIT: "1" } });
    try {
      const statuses: number[] = [];
      for (let i = 0; i < 12 && statuses.at(-1) !== 429; i++)
        statuses.push((await callAs(strict, { workspace: `invented${i}` }, ["GET", "/v1/jobs"])).status);
      expect(statuses.at(-1)).toBe(429);
      expect(statuses[0]).toBe(404);
      await new Promise((resolve) => setTimeout(resolve, 1100));
      await makeWorkspace(strict, "real");
      expect((await callAs(strict, { workspace: "real" }, ["GET", "/v1/jobs"])).status).toBe(200);
    } finally {
      await strict.close();
    }
  });
});
