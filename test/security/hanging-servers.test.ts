import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callerIn } from "../e2e/source-workspaces.js";
import { type HangingMysql, startHangingMysql } from "../servers/hanging-mysql.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

let sluice: TestSluice;
let server: HangingMysql;
beforeAll(async () => {
  [sluice, server] = await Promise.all([startSluice(), startHangingMysql()]);
});
afterAll(async () => {
  await sluice.close();
  server.close();
});

const HUNG = 50;
const small = job(["stream", { column: [{ type: "string", value: "x" }], sliceRecordCount: 1 }], ["stream", {}]);

/** Plans and catalogs end within what a request has, and say who did not answer. */
async function lookAt(call: ReturnType<typeof callerIn>, script: object): Promise<void> {
  const asked = [
    call("GET", "/v1/data-sources/db/tables"),
    call("GET", "/v1/data-sources/db/tables/t"),
    call("POST", "/v1/plan", { script }),
  ];
  for (const { status, body } of await Promise.all(asked)) {
    expect(status).toBe(503);
    expect(body).toMatchObject({
      code: "SOURCE_UNREACHABLE",
      recovery: "retry",
      hint: expect.stringContaining("list of processes"),
    });
    expect(body.detail).toMatch(/127\.0\.0\.1:\d+ .*did not answer within (20|35) s/);
  }
}

describe("a server that lets in and then says nothing", () => {
  it("holds runs of its own workspace only, and lets go of a run that is cancelled", { timeout: 300_000 }, async () => {
    expect((await sluice.call("POST", "/v1/workspaces", { name: "hung" })).status).toBe(201);
    const call = callerIn(sluice, "hung");
    const properties = { host: "127.0.0.1", port: server.port, database: "d", username: "u", password: "p" };
    await call("POST", "/v1/data-sources", { name: "db", type: "mysql", properties });
    const script = job(["mysql", { datasource: "db", table: ["t"], column: ["id"] }], ["stream", {}]);
    const requests = lookAt(call, script);
    const ids: string[] = [];
    for (let i = 0; i < HUNG; i++) ids.push((await call("POST", "/v1/runs", { script })).body.id);

    const states = async () =>
      (await call("GET", `/v1/runs?limit=${HUNG}`)).body.items.map((run: { state: string }) => run.state);
    await expect.poll(async () => (await states()).filter((state: string) => state === "planning").length).toBe(8);
    const { run } = await sluice.run(small);
    expect(run.state).toBe("succeeded");
    // It did not have to wait for all of them.
    expect(await states()).toContain("queued");

    const planning = async () =>
      (await call("GET", `/v1/runs?state=planning&limit=${HUNG}`)).body.items.map(({ id }: { id: string }) => id);
    const [first = ""] = await planning();
    expect((await call("POST", `/v1/runs/${first}/cancel`)).status).toBe(202);
    const state = async () => (await call("GET", `/v1/runs/${first}`)).body.run.state;
    await expect.poll(state, { timeout: 60_000 }).toBe("cancelled");
    // Its slot goes to the next one.
    await expect.poll(async () => (await planning()).length, { timeout: 60_000 }).toBe(8);
    for (const id of ids) await call("POST", `/v1/runs/${id}/cancel`);
    // Those whose sessions were not set up within a minute have failed by themselves.
    const underWay = async () => (await states()).filter((state: string) => !["cancelled", "failed"].includes(state));
    await expect.poll(underWay, { timeout: 200_000 }).toEqual([]);
    for (const { error } of (await call("GET", `/v1/runs?state=failed&limit=${HUNG}`)).body.items)
      expect(error).toMatchObject({
        code: "SOURCE_UNREACHABLE",
        message: expect.stringMatching(/127\.0\.0\.1:\d+ .*did not answer within 60 s/),
      });
    await requests;
    await expect.poll(() => server.open(), { timeout: 60_000 }).toBe(0);
  });
});
