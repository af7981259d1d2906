import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";
import { fresh, nextMinute } from "./fresh.js";
import { newWorkspace } from "./source-workspaces.js";

let sluice: TestSluice;
beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice.close());

const column = [
  { type: "long", value: "7" },
  { type: "string", random: "5,10" },
];
const script = (setting: object = {}, records = 1000) =>
  job(["stream", { sliceRecordCount: records, column }], ["stream", { print: false }], setting);

describe("a job over HTTP", () => {
  it("runs from request to report", async () => {
    const { run, splits } = await sluice.run(script({ speed: { concurrent: 3 } }));
    expect(run).toMatchObject({
      state: "succeeded",
      concurrent: 3,
      counters: { read: 3000, written: 3000, dirty: 0 },
      error: null,
    });
    expect(splits.map(({ state }) => state)).toEqual(["done", "done", "done"]);
  });

  it("is one run however often the same key asks for it", async () => {
    const idempotencyKey = fresh("morning");
    const request = { script: script(), idempotencyKey };
    const ids = await Promise.all([1, 2, 3].map(() => sluice.start(request)));
    expect(new Set(ids).size).toBe(1);
    expect((await sluice.ended(ids[0]!)).run.counters.read).toBe(1000);
    const other = await sluice.call("POST", "/v1/runs", { script: script({}, 5), idempotencyKey });
    expect(other).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
  });

  it("is refused with every problem of the script, and nothing is started", async () => {
    const bad = job(["stream", { sliceRecordCount: -1, column }], ["stream", { print: "maybe" }]);
    const { status, body } = await sluice.call("POST", "/v1/validate", { script: bad });
    expect(status).toBe(400);
    expect(body.code).toBe("SCRIPT_INVALID");
    expect(body.issues.map((issue: { path: string }) => issue.path)).toEqual([
      "steps[0].parameter.sliceRecordCount",
      "steps[1].parameter.print",
    ]);
  });

  it("is refused at its type when no connector answers to it, and the nearest is named", async () => {
    const bad = job(["strean", { sliceRecordCount: 1, column }], ["stream", { print: false }]);
    const { body } = await sluice.call("POST", "/v1/runs", { script: bad });
    expect(body.issues).toEqual([
      expect.objectContaining({
        path: "steps[0].stepType",
        message: 'unsupported step type "strean"; did you mean "stream"?',
      }),
    ]);
  });

  it("is cancelled long before its end", async () => {
    const slow = job(["stream", { sliceRecordCount: 2_000_000_000, column }], ["stream", { print: false }]);
    const id = await sluice.start({ script: slow });
    await expect
      .poll(async () => (await sluice.call("GET", `/v1/runs/${id}`)).body.run.counters.read)
      .toBeGreaterThan(0);
    const cancelled = await sluice.call("POST", `/v1/runs/${id}/cancel`);
    expect(cancelled).toMatchObject({ status: 202, body: { state: "aborting" } });
    const { run } = await sluice.ended(id);
    // Within seconds, says the benchmark: on any machine that is a small part of the hour that all of them take.
    expect(run.counters.read).toBeLessThan(2_000_000_000 / 10);
    expect(run).toMatchObject({ state: "cancelled", error: { code: "CANCELLED" } });
    expect((await sluice.call("POST", `/v1/runs/${id}/cancel`)).status).toBe(202);
  });

  it("keeps to its throttle", async () => {
    const rows = job(["stream", { sliceRecordCount: 100, column }], ["stream", { print: false }], {
      speed: { throttle: true, mbps: "1", concurrent: 1 },
    });
    expect((await sluice.run(rows)).run.state).toBe("succeeded");
  });

  it("lists runs newest first, page by page", async () => {
    const first = await sluice.call("GET", "/v1/runs?limit=2");
    expect(first.body.items).toHaveLength(2);
    const second = await sluice.call("GET", `/v1/runs?limit=2&page=${encodeURIComponent(first.body.nextPage)}`);
    const times = [...first.body.items, ...second.body.items].map((run: { createdAt: string }) => run.createdAt);
    expect(times).toEqual([...times].sort().reverse());
  });
});

describe("who may call", () => {
  it("nobody without the token", async () => {
    for (const authorization of ["", "Bearer wrong", `Basic ${sluice.token}`]) {
      const response = await fetch(`${sluice.cloud.endpoints.api}/v1/runs`, { headers: { authorization } });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ code: "UNAUTHORIZED", hint: expect.any(String) });
    }
  });
});

describe("starting by time", () => {
  it("goes by the workspace's zone where a schedule names none", async () => {
    const { name, call } = await newWorkspace(sluice, "basic");
    expect((await call("PUT", `/v1/workspaces/${name}/time-zone`, { timeZone: "Europe/Berlin" })).status).toBe(200);
    const zoneOf = async (schedule: object) =>
      (await call("PUT", "/v1/jobs/nightly", { script: script(), schedule })).body.schedule.timeZone;
    expect(await zoneOf({ cron: "0 30 2 * * *" })).toBe("Europe/Berlin");
    expect(await zoneOf({ cron: "0 30 2 * * *", timeZone: "UTC" })).toBe("UTC");
  });

  it("fires a due job once, however often the tick is delivered", async () => {
    const name = fresh("nightly");
    const stored = await sluice.call("PUT", `/v1/jobs/${name}`, {
      script: script(),
      schedule: { cron: "0 * * * * ?", timeZone: "UTC" },
    });
    expect(stored.status).toBe(201);
    const at = nextMinute();
    for (let i = 0; i < 3; i++) await sluice.cloud.tick("tick", at);
    const runs = async () => (await sluice.call("GET", `/v1/runs?job=${name}`)).body.items;
    await expect.poll(async () => (await runs())[0]?.state).toBe("succeeded");
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await runs()).map((run: { trigger: object }) => run.trigger)).toEqual([
      { kind: "timer", scheduledAt: at.toISOString(), label: at.toISOString().slice(0, 16) },
    ]);
    const [run] = await runs();
    const local = at.toISOString().slice(0, 19);
    expect(run).toMatchObject({ plannedAt: at.toISOString(), plannedLocal: local });
    expect(run.parameters["data.end"]).toBe(`${local}+00:00`);
  });
});
