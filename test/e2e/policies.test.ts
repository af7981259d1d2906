import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  forbiddenCalls,
  type Permission,
  permissionFor,
  permissions,
  roleOfFunction,
} from "../../infra/deploy/allowed-calls.js";
import { patience } from "../servers/pace.mjs";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";
import { nextMinute } from "./fresh.js";
import { openOdps } from "./odps-place.js";
import { callerIn, copyJob, someMysql } from "./source-workspaces.js";

const installation = { stage: "dev", instance: "sluice-dev", bucket: "sluice-dev" };

/** What no call of the local cloud shows to be needed, with the reason why it is allowed all the same. */
const uncalled: readonly { reason: string; fits: (permission: Permission) => boolean }[] = [
  { reason: "the local cloud has no KMS: it seals with a master key", fits: ({ action }) => action.startsWith("kms:") },
  { reason: "the local cloud has no STS: sources there have keys", fits: ({ action }) => action === "sts:AssumeRole" },
  { reason: "the platform writes logs, with the function's role", fits: ({ action }) => action.startsWith("log:") },
  {
    reason: "reads a row back when the answer to its write was lost",
    fits: ({ role, action, resource }) =>
      action === "ots:GetRow" &&
      permissions().some(
        (other) => other.role === role && other.action === "ots:PutRow" && other.resource === resource,
      ),
  },
  {
    reason: "the platform calls the failure destination, with the role of the function that failed",
    fits: ({ role, resource }) => /^(shard|planner)/.test(role) && resource.endsWith("-dispatcher"),
  },
  {
    reason: "ticks go by what is published where whoever published it died before they did",
    fits: ({ role, action, resource }) =>
      role === "dispatcher" &&
      ((action === "ots:PutRow" && resource.endsWith("/sluice_schedules")) ||
        (action === "ots:BatchWriteRow" && resource.endsWith("/sluice_dependants"))),
  },
  {
    reason: "lists who was frozen or cancelled by hand; test/e2e/every-route.test.ts does both",
    fits: ({ role, action, resource }) =>
      role === "api" && action === "ots:BatchWriteRow" && resource.endsWith("/sluice_instance_index"),
  },
  {
    reason: "a tick hands more than 500 looks of one part to a call of its own",
    fits: ({ role, resource }) => role === "dispatcher" && resource.endsWith("-dispatcher"),
  },
  {
    reason: "reads rows back when the answer to a batch of writes was lost",
    fits: ({ role, action, resource }) =>
      action === "ots:BatchGetRow" &&
      permissions().some(
        (other) => other.role === role && other.action === "ots:BatchWriteRow" && other.resource === resource,
      ),
  },
  {
    reason: "runs stand in the queue while all slots are taken; those of test/security/hanging-servers.test.ts do",
    fits: ({ role, resource }) =>
      resource.endsWith("/sluice_planning_queue") ||
      (/^(shard-group|planner)$/.test(role) && resource.endsWith("-planner")),
  },
  {
    reason: "a shard starts its successor near its time limit of hours",
    fits: ({ role, resource }) => role === "shard" && resource.endsWith("-shard"),
  },
  {
    reason: "removes what a broken-off attempt had kept; the chaos tests lose attempts",
    fits: ({ action }) => action === "oss:DeleteObject",
  },
  {
    reason: "the sweep takes a run off the active list when the reducer died just before it could",
    fits: ({ role, action, resource }) =>
      role === "dispatcher" && action === "ots:DeleteRow" && resource.endsWith("/sluice_active_runs"),
  },
  {
    reason:
      "the sweep takes over what a shard left that died, and asks for one that has not come; the chaos tests kill some",
    fits: ({ role, action, resource }) =>
      role === "dispatcher" && (action === "fc:GetAsyncTask" || resource.endsWith("-reducer")),
  },
  {
    reason: "drops versions of jobs beyond the last 500",
    fits: ({ action, resource }) => action === "ots:DeleteRow" && resource.endsWith("/sluice_job_versions"),
  },
  {
    reason: "forgets a broken-off run a day later",
    fits: ({ role, resource }) => role === "dispatcher" && resource.endsWith("/sluice_resumables"),
  },
  {
    reason: "asks what became of a shard that a resumed run had called before it broke off, and that never came",
    fits: ({ role, action }) => role === "planner" && action === "fc:GetAsyncTask",
  },
  {
    reason: "forgets a second entry of an index of runs, which two deliveries at the same moment make",
    fits: ({ action, resource }) => action === "ots:DeleteRow" && /\/sluice_(run_index|runs_by)$/.test(resource),
  },
  {
    reason: "the sweep tells of the end of a run whose reducer died before it could, and does what hangs on it",
    fits: ({ role, resource }) => role === "dispatcher" && /\/sluice_(run_ends|throttles)$/.test(resource),
  },
];

let sluice: TestSluice;
beforeEach(async () => {
  sluice = await startSluice({ environment: { SLUICE_RESOURCE_GROUPS: "default=4,vpc=2" }, timers: false });
});
afterEach(() => sluice.close());

const column = [{ type: "long", value: "7" }];
const out = ["stream", { print: false }] as [string, object];
const rows = (count: number, setting: object = {}) =>
  job(["stream", { sliceRecordCount: count, column }], out, setting);
const inGroup = (script: object) => ({ ...script, extend: { resourceGroup: "vpc" } });

/** Registers the local Tablestore, with a table that refuses some of the records. */
async function tableSource(): Promise<object> {
  await sluice.tables().createTable({
    tableMeta: { tableName: "small", primaryKey: [{ name: "id", type: "INTEGER" }] },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1 },
    // The declarations want enum members where the SDK takes their names.
  } as never);
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  const endpoint = sluice.cloud.endpoints.tablestore;
  await sluice.register("shop", "ots", { endpoint, instanceName: "shop", accessId, accessKey });
  const reader = ["stream", { sliceRecordCount: 20, column: [{ type: "string", value: "no number" }] }] as [
    string,
    object,
  ];
  const target = { datasource: "shop", table: "small", primaryKey: [{ name: "id", type: "INT" }], column: [] };
  return job(reader, ["ots", { ...target, writeMode: "PutRow" }], { errorLimit: { record: "100" } });
}

/** Partitions that records tell: splits agree on a session for each. */
async function partitionJob(): Promise<object> {
  const odps = await openOdps(sluice);
  await odps.sql("create table daily (id bigint) partitioned by (pt string)");
  const read = { sliceRecordCount: 5, column: [...column, { type: "string", value: "p1" }] };
  return job(["stream", read], ["odps", { datasource: "mc", table: "daily", truncate: true, column: ["id", "pt"] }]);
}

/** Tests a data source from each network, and for a workspace that it is shared with. */
async function lookAround(): Promise<void> {
  for (const resourceGroup of [null, "vpc"]) {
    await sluice.call("PUT", "/v1/data-sources/shop", { resourceGroup });
    expect((await sluice.call("POST", "/v1/data-sources/shop/test", {})).body).toMatchObject({ ok: true });
    expect((await sluice.call("GET", "/v1/data-sources/shop/tables/small")).status).toBe(200);
    const borrowed = await callerIn(sluice, "guest")("POST", "/v1/data-sources/default.shop/test", {
      environment: "production",
    });
    expect(borrowed.body).toMatchObject({ ok: true });
  }
  await sluice.call("PUT", "/v1/data-sources/shop", { resourceGroup: null });
}

async function worksFor(id: string): Promise<void> {
  const read = async () => (await sluice.call("GET", `/v1/runs/${id}`)).body.run.counters.read;
  await expect.poll(read).toBeGreaterThan(0);
}

/** Waits until somebody else works on what a killed shard has left. */
async function isTakenOver(id: string): Promise<void> {
  const attempts = async (): Promise<number[]> =>
    (await sluice.call("GET", `/v1/runs/${id}`)).body.splits.map(({ attempt }: { attempt: number }) => attempt);
  await expect.poll(async () => Math.max(...(await attempts()))).toBeGreaterThan(1);
}

async function runJobs(): Promise<void> {
  const throttled = rows(500, { speed: { concurrent: 3, throttle: true, mbps: "10" } });
  for (const script of [throttled, inGroup(throttled)])
    expect((await sluice.run(script)).run).toMatchObject({ state: "succeeded", error: null });
  const daily = await partitionJob();
  for (const script of [daily, inGroup(daily)])
    expect((await sluice.run(script)).run).toMatchObject({ state: "succeeded", counters: { written: 5 } });
  const dirty = await tableSource();
  await sluice.call("PUT", "/v1/data-sources/shop/grants/guest", { environments: ["production"] });
  for (const script of [dirty, inGroup(dirty)]) {
    const borrowed = JSON.parse(JSON.stringify(script).replace('"shop"', '"default.shop"'));
    const { body } = await callerIn(sluice, "guest")("POST", "/v1/runs", { script: borrowed });
    expect(body.id).toBeDefined();
    const { run } = await sluice.run(script);
    expect(run.counters.dirty).toBe(20);
    expect(await sluice.dirty(run.id)).toHaveLength(20);
    const failing = { ...script, setting: { errorLimit: { record: "0" }, speed: { concurrent: 1 } } };
    await sluice.run(failing);
    // Below the limit in each split, above it in sum.
    await sluice.run({ ...script, setting: { errorLimit: { record: "25" }, speed: { concurrent: 2 } } });
  }
  for (const script of [rows(2_000_000_000), inGroup(rows(2_000_000_000))]) {
    const id = await sluice.start({ script });
    await worksFor(id);
    sluice.cloud.killInstances("sluice-dev-shard");
    sluice.cloud.killInstances("sluice-dev-shard-vpc");
    await isTakenOver(id);
    for (const isLast of [false, true]) {
      await sluice.call("POST", `/v1/runs/${id}/cancel`);
      await sluice.ended(id);
      if (isLast) break;
      expect((await sluice.call("POST", `/v1/runs/${id}/resume`)).status).toBe(202);
      await expect.poll(async () => (await sluice.call("GET", `/v1/runs/${id}`)).body.run.state).toBe("running");
    }
  }
}

async function manageEverything(): Promise<void> {
  for (const name of ["owner", "guest"]) {
    const { status } = await sluice.call("POST", "/v1/workspaces", { name, mode: "basic" });
    expect(status).toBe(201);
  }
  const call = callerIn(sluice, "owner");
  const guest = callerIn(sluice, "guest");
  await sluice.call("GET", "/v1/workspaces");
  await sluice.call("POST", "/v1/workspaces/guest/upgrade");
  for (const name of ["db", "other", "gone"])
    await call("POST", "/v1/data-sources", { name, type: "mysql", properties: someMysql });
  await call("GET", "/v1/data-sources");
  await call("PUT", "/v1/data-sources/db", { description: "changed" });
  await call("PUT", "/v1/data-sources/db/grants/guest", { environments: ["production"] });
  await guest("GET", "/v1/data-sources?usableIn=production");
  await call("PUT", "/v1/jobs/nightly", copyJob("db", "other"));
  await call("POST", "/v1/jobs/nightly/submit");
  await call("GET", "/v1/jobs");
  await call("PUT", "/v1/jobs/nightly", { note: "again" });
  await call("GET", "/v1/jobs/nightly/versions");
  await sluice.call("PUT", "/v1/workspaces/owner/quotas", { jobs: 100 });
  await call("DELETE", "/v1/data-sources/db/grants/guest?force=true");
  await call("POST", "/v1/data-sources/other/rename", { to: "third" });
  await call("PUT", "/v1/jobs/nightly", copyJob("db", "db"));
  expect((await call("POST", "/v1/runs", { job: "nightly" })).status).toBe(202);
  await call("GET", "/v1/runs");
  await call("POST", "/v1/data-sources/gone/rename", { to: "went" });
  await call("DELETE", "/v1/data-sources/went?force=true");
  await call("GET", "/v1/deleted-data-sources");
  await call("POST", "/v1/data-sources/went/restore", {});
  await call("PUT", "/v1/members/ann", { role: "developer" });
  await call("GET", "/v1/members");
  await call("DELETE", "/v1/members/ann");
  const { body: token } = await call("POST", "/v1/tokens", { name: "dev", role: "developer" });
  await callerIn(sluice, "owner", token.token)("GET", "/v1/jobs");
  await call("GET", "/v1/tokens");
  await call("POST", `/v1/tokens/${token.id}/revoke`);
  await call("GET", "/v1/audit");
  const keyed = { "idempotency-key": "once" };
  for (const host of ["a", "b"]) {
    const source = { name: "keyed", type: "mysql", properties: { ...someMysql, host } };
    await call("POST", "/v1/data-sources", source, keyed);
  }
}

async function failEarly(): Promise<void> {
  expect((await sluice.run({ ...rows(1), extend: { resourceGroup: "mill" } })).run.state).toBe("failed");
  const call = callerIn(sluice, "owner");
  await call("POST", "/v1/data-sources", { name: "1", type: "mysql", properties: {} }, { "idempotency-key": "bad" });
}

async function changeByHand(): Promise<void> {
  const { items } = (await sluice.call("GET", "/v1/runs?job=timed")).body;
  const { label } = items[0].instance;
  await sluice.call("GET", `/v1/instances?date=${label.slice(0, 10)}`);
  await sluice.call("GET", `/v1/jobs/timed/graph?date=${label.slice(0, 10)}`);
  const instance = async (job: string) => (await sluice.call("GET", `/v1/jobs/${job}/instances/s/${label}`)).body;
  const succeeds = (job: string, attempt: number) =>
    expect.poll(() => instance(job), { timeout: patience(20_000) }).toMatchObject({ state: "succeeded", attempt });
  for (const job of ["timed", "follows"]) await succeeds(job, 1);
  const body = { downstream: true };
  const rerun = await sluice.call("POST", `/v1/jobs/timed/instances/s/${label}/rerun`, body);
  expect(rerun.body.downstream.map(({ job }: { job: string }) => job)).toContain("follows");
  await succeeds("follows", 2);
  await sluice.call("POST", "/v1/jobs/timed/mode", { mode: "paused" });
}

async function startByThemselves(): Promise<void> {
  const schedule = { cron: "0 * * * * ?", timeZone: "UTC" };
  const subscription = { bucket: "sluice-dev-landing", prefix: "landing/" };
  await sluice.call("PUT", "/v1/jobs/timed", { script: rows(10), schedule });
  await sluice.call("PUT", "/v1/jobs/loads", { script: rows(10), subscription });
  const dependencies = [{ on: "job", job: "timed", cycle: "same" }, { on: "children" }];
  await sluice.call("PUT", "/v1/jobs/follows", { script: rows(10), schedule, dependencies });
  for (const name of ["timed", "loads", "follows"]) await sluice.call("POST", `/v1/jobs/${name}/submit`);
  const bucket = await sluice.bucket("sluice-dev-landing");
  await bucket.put("landing/a.csv", Buffer.from("x"));
  // The same object again is the same run, and so is a request with the same key.
  await bucket.put("landing/a.csv", Buffer.from("x"));
  for (let i = 0; i < 2; i++) await sluice.start({ script: rows(10), idempotencyKey: "again" });
  for (let i = 0; i < 2; i++) await sluice.cloud.tick("tick", nextMinute());
  for (const name of ["timed", "loads", "follows"]) {
    const state = async () => (await sluice.call("GET", `/v1/runs?job=${name}`)).body.items[0]?.state;
    await expect.poll(state).toBe("succeeded");
  }
  await changeByHand();
  await sluice.call("PUT", "/v1/jobs/loads", { script: rows(10) });
  await sluice.call("POST", "/v1/jobs/loads/submit");
}

describe("the roles' policies", () => {
  it("allow every call that functions make, and nothing that none makes", async () => {
    await manageEverything();
    await runJobs();
    await lookAround();
    await failEarly();
    await startByThemselves();
    const calls = sluice.cloud.calls();
    expect(forbiddenCalls(calls, installation)).toEqual([]);
    const used = new Set(
      calls.flatMap((call) => {
        const role = call.caller === null ? null : roleOfFunction(call.caller, "dev");
        return role === null ? [] : [JSON.stringify(permissionFor(call, role, installation))];
      }),
    );
    const superfluous = permissions()
      .filter((permission) => !used.has(JSON.stringify(permission)))
      .filter((permission) => !uncalled.some(({ fits }) => fits(permission)));
    expect(superfluous.map(({ role, action, resource }) => `${role} ${action} ${resource}`)).toEqual([]);
  });
});
