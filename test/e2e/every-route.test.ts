import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { routes } from "../../functions/api/routes.js";
import type { AuditRecord } from "../../shared/model/identity.js";
import { patience } from "../servers/pace.mjs";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";
import { callAs, makeWorkspace } from "./api-caller.js";
import { nextMinute } from "./fresh.js";

/** A call of a route that goes through. */
interface Example {
  readonly url: string;
  readonly body?: unknown;
  readonly workspace?: string;
}

/** Routes that are no GET and yet change nothing that a user keeps. */
const unchanging: Readonly<Record<string, string>> = {
  "POST /v1/validate": "reads a script",
};

/** Routes that change nothing and yet leave a trace: they look into systems of others. */
const looking: readonly string[] = [
  ...["GET /v1/data-sources/{name}/tables", "GET /v1/data-sources/{name}/tables/{table}"],
  "GET /v1/templates/{reader}/{writer}",
];

let sluice: TestSluice;
let examples: Readonly<Record<string, Example>>;

const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;
const mysql = { host: "db.example.com", port: 3306, database: "shop", username: "sync", password: "s3cret-pw" };
const script = job(["stream", { column: [{ value: "a", type: "string" }], sliceRecordCount: 1 }], ["stream", {}]);
const endless = job(
  ["stream", { column: [{ value: "a", type: "string" }], sliceRecordCount: 2_000_000_000 }],
  ["stream", { print: false }],
);

/** What is called once cannot be called again: another try of a test begins with everything new. */
const tried = new Set<string>();
beforeAll(open);
beforeEach(async ({ task }) => {
  if (tried.has(task.id)) {
    await sluice.close();
    await open();
  }
  tried.add(task.id);
});
afterAll(() => sluice.close());

async function open(): Promise<void> {
  sluice = await startSluice();
  for (const name of ["guest", "mill"]) await makeWorkspace(sluice, name);
  // In a basic workspace there is nothing to submit.
  await makeWorkspace(sluice, "studio", "standard");
  const draft = await callAs(sluice, { workspace: "studio" }, ["PUT", "/v1/jobs/stored"], { script });
  expect(draft.status, draft.text).toBe(201);
  await makeTable();
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  const shop = { endpoint: sluice.cloud.endpoints.tablestore, instanceName: "shop", accessId, accessKey };
  await sluice.register("shop", "ots", shop);
  for (const name of ["changed", "renamed", "removed", "removed_too", "restored", "shared", "revoked"])
    await sluice.register(name, "mysql", mysql);
  await made("DELETE", "/v1/data-sources/restored");
  await made("PUT", "/v1/data-sources/revoked/grants/guest", { environments: ["production"] });
  for (const name of ["stored", "ended"]) await made("PUT", `/v1/jobs/${name}`, { script });
  await made("PUT", "/v1/members/bob", { role: "viewer" });
  const token = await made("POST", "/v1/tokens", { name: "old", role: "viewer" });
  const { run } = await sluice.run(script);
  const running = await sluice.start({ script: endless });
  const stopped = await sluice.start({ script: endless });
  await made("POST", `/v1/runs/${stopped}/cancel`);
  await sluice.ended(stopped);
  examples = {
    ...sourceExamples(shop),
    ...otherExamples({ run: run.id, running, stopped, token: token.id, label: await makeInstances() }),
  };
}

/** Jobs whose instances wait for a frozen one, but for two that were changed already. @returns their planned time */
async function makeInstances(): Promise<string> {
  const schedule = { cron: "0 * * * * *", timeZone: "UTC" };
  await made("PUT", "/v1/jobs/gate", { script, schedule });
  await made("POST", "/v1/jobs/gate/mode", { mode: "frozen" });
  const dependencies = [{ on: "job", job: "gate", cycle: "same" }];
  for (const end of ["", "_downstream", "_cancel", "_rerun", "_freeze", "_unfreeze", "_succeed"])
    await made("PUT", `/v1/jobs/timed${end}`, { script, schedule, dependencies });
  const tick = nextMinute();
  await sluice.cloud.tick("tick", tick);
  const label = new Date(tick).toISOString().slice(0, 16);
  const state = async () => (await callAs(sluice, {}, ["GET", `/v1/jobs/timed_rerun/instances/s/${label}`])).body.state;
  await vi.waitFor(async () => expect(await state()).toBe("waiting"), patience(10_000));
  await made("POST", `/v1/jobs/timed_rerun/instances/s/${label}/cancel`);
  await made("POST", `/v1/jobs/timed_unfreeze/instances/s/${label}/freeze`);
  return label;
}

async function makeTable(): Promise<void> {
  await sluice.tables().createTable({
    tableMeta: { tableName: "events", primaryKey: [{ name: "id", type: "INTEGER" }] },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1 },
    // The declarations want enum members where the SDK takes their names.
  } as never);
}

async function made(method: string, url: string, body?: unknown) {
  const answer = await sluice.call(method, url, body);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body;
}

function sourceExamples(shop: object): Record<string, Example> {
  const root = "/v1/data-sources";
  return {
    "POST /v1/data-sources": { url: root, body: { name: "fresh", type: "mysql", properties: mysql } },
    "GET /v1/data-sources": { url: root },
    "GET /v1/data-sources/{name}": { url: `${root}/shop` },
    "PUT /v1/data-sources/{name}": { url: `${root}/changed`, body: { description: "changed" } },
    "POST /v1/data-sources/{name}/rename": { url: `${root}/renamed/rename`, body: { to: "renamed_to" } },
    "POST /v1/data-sources/{name}/clone": { url: `${root}/changed/clone`, body: { to: "copy" } },
    "DELETE /v1/data-sources/{name}": { url: `${root}/removed` },
    "GET /v1/deleted-data-sources": { url: "/v1/deleted-data-sources" },
    "POST /v1/data-sources/{name}/restore": { url: `${root}/restored/restore`, body: {} },
    "POST /v1/data-source-batches/delete": {
      url: "/v1/data-source-batches/delete",
      body: { names: ["removed_too", "nobody"] },
    },
    "POST /v1/data-sources/{name}/test": { url: `${root}/shop/test`, body: {} },
    "POST /v1/data-source-tests": { url: "/v1/data-source-tests", body: { type: "ots", properties: shop } },
    "POST /v1/data-source-batches/test": {
      url: "/v1/data-source-batches/test",
      body: { names: ["shop", "nobody"] },
    },
    "GET /v1/data-sources/{name}/grants": { url: `${root}/revoked/grants` },
    "PUT /v1/data-sources/{name}/grants/{workspace}": {
      url: `${root}/shared/grants/guest`,
      body: { environments: ["production"] },
    },
    "DELETE /v1/data-sources/{name}/grants/{workspace}": { url: `${root}/revoked/grants/guest` },
    "GET /v1/data-sources/{name}/tables": { url: `${root}/shop/tables` },
    "GET /v1/data-sources/{name}/tables/{table}": { url: `${root}/shop/tables/events` },
    "POST /v1/data-source-imports": {
      url: "/v1/data-source-imports",
      body: { format: "csv", content: "type,name\nstream,imported\nnobody,other\n" },
    },
    "GET /v1/data-source-imports/template/{type}": { url: "/v1/data-source-imports/template/mysql" },
    "GET /v1/data-source-exports": { url: "/v1/data-source-exports" },
    "GET /v1/connectors": { url: "/v1/connectors" },
    "GET /v1/connectors/{type}": { url: "/v1/connectors/mysql" },
  };
}

function instanceExamples(label: string): Record<string, Example> {
  const path = "/v1/jobs/{name}/instances/{origin}/{label}";
  // Each leaves a state that the next one takes.
  const calls = [
    "GET ",
    "GET /downstream",
    "POST /cancel",
    "POST /rerun",
    "POST /freeze",
    "POST /unfreeze",
    "POST /succeed",
  ];
  return Object.fromEntries(
    calls.map((call) => {
      const [method = "", verb = ""] = call.split(" ");
      const job = `timed${verb.replace("/", "_")}`;
      const body = verb === "/rerun" ? { body: {} } : {};
      return [`${method} ${path}${verb}`, { url: `/v1/jobs/${job}/instances/s/${label}${verb}`, ...body }];
    }),
  );
}

function otherExamples(
  ids: Readonly<Record<"run" | "running" | "stopped" | "token" | "label", string>>,
): Record<string, Example> {
  return {
    "POST /v1/workspaces": { url: "/v1/workspaces", body: { name: "made" } },
    "GET /v1/workspaces": { url: "/v1/workspaces" },
    "PUT /v1/workspaces/{name}/time-zone": {
      url: "/v1/workspaces/mill/time-zone",
      workspace: "mill",
      body: { timeZone: "UTC" },
    },
    "GET /v1/workspaces/{name}": { url: "/v1/workspaces/default" },
    "GET /v1/workspaces/{name}/quotas": { url: "/v1/workspaces/mill/quotas" },
    "PUT /v1/workspaces/{name}/quotas": { url: "/v1/workspaces/mill/quotas", body: { jobs: 10 } },
    "POST /v1/workspaces/{name}/upgrade": { url: "/v1/workspaces/mill/upgrade", workspace: "mill" },
    "PUT /v1/workspaces/{name}/upload-grants": {
      url: "/v1/workspaces/mill/upload-grants",
      body: { bucket: "sluice-dev-landing", prefix: "landing/shared/" },
    },
    "DELETE /v1/workspaces/{name}/upload-grants": {
      url: "/v1/workspaces/mill/upload-grants?bucket=sluice-dev-landing&prefix=landing/shared/",
    },
    "PUT /v1/jobs/{name}": { url: "/v1/jobs/nightly", body: { script } },
    "POST /v1/jobs/{name}/submit": { url: "/v1/jobs/stored/submit", workspace: "studio" },
    "POST /v1/jobs/{name}/submission-check": { url: "/v1/jobs/stored/submission-check", workspace: "studio" },
    "POST /v1/jobs/{name}/unsubmit": { url: "/v1/jobs/ended/unsubmit" },
    "GET /v1/jobs/{name}/versions": { url: "/v1/jobs/stored/versions" },
    "GET /v1/jobs/{name}/versions/{version}": { url: "/v1/jobs/stored/versions/1" },
    "POST /v1/jobs/{name}/versions/{version}/restore": { url: "/v1/jobs/stored/versions/1/restore" },
    "GET /v1/jobs/{name}/diff": { url: "/v1/jobs/stored/diff?from=1&to=draft" },
    "GET /v1/jobs": { url: "/v1/jobs" },
    "GET /v1/jobs/{name}": { url: "/v1/jobs/stored" },
    "GET /v1/jobs/{name}/calendar": { url: "/v1/jobs/stored/calendar?count=3" },
    "POST /v1/jobs/{name}/mode": { url: "/v1/jobs/timed/mode", body: { mode: "active" } },
    "GET /v1/jobs/{name}/graph": { url: `/v1/jobs/timed/graph?date=${ids.label.slice(0, 10)}` },
    "GET /v1/instances": { url: `/v1/instances?date=${ids.label.slice(0, 10)}` },
    ...instanceExamples(ids.label),
    "POST /v1/runs": { url: "/v1/runs", body: { job: "stored" } },
    "GET /v1/runs": { url: "/v1/runs" },
    "GET /v1/runs/{id}": { url: `/v1/runs/${ids.run}` },
    "POST /v1/runs/{id}/cancel": { url: `/v1/runs/${ids.running}/cancel` },
    "POST /v1/runs/{id}/resume": { url: `/v1/runs/${ids.stopped}/resume` },
    "GET /v1/runs/{id}/dirty": { url: `/v1/runs/${ids.run}/dirty` },
    "GET /v1/runs/{id}/dirty/download": { url: `/v1/runs/${ids.run}/dirty/download` },
    "POST /v1/validate": { url: "/v1/validate", body: { script } },
    "POST /v1/mapping": { url: "/v1/mapping", body: { job: "stored" } },
    "POST /v1/preview": { url: "/v1/preview", body: { job: "stored" } },
    "POST /v1/plan": { url: "/v1/plan", body: { script } },
    "GET /v1/templates/{reader}/{writer}": { url: "/v1/templates/stream/stream" },
    "POST /v1/tokens": { url: "/v1/tokens", body: { name: "new", role: "viewer" } },
    "GET /v1/tokens": { url: "/v1/tokens" },
    "POST /v1/tokens/{id}/revoke": { url: `/v1/tokens/${ids.token}/revoke` },
    "GET /v1/members": { url: "/v1/members" },
    "PUT /v1/members/{subject}": { url: "/v1/members/ada", body: { role: "viewer" } },
    "DELETE /v1/members/{subject}": { url: "/v1/members/bob" },
    "GET /v1/audit": { url: "/v1/audit" },
    "GET /v1/openapi.json": { url: "/v1/openapi.json" },
  };
}

async function tracesOf(requestId: string | null, workspace = "default"): Promise<AuditRecord[]> {
  const { body } = await callAs(sluice, { workspace }, ["GET", "/v1/audit?limit=500"]);
  return body.items.filter((entry: AuditRecord) => entry.requestId === requestId);
}

describe.each(routes.map((route) => ({ ...route, title: nameOf(route) })))("$title", (route) => {
  it("answers in the shape that it declares, and leaves a trace in the audit trail if it changes something or looks into a system", async () => {
    const example = examples[route.title];
    if (!example) throw new Error("a new route needs an example here");
    const as = example.workspace === undefined ? {} : { workspace: example.workspace };
    const stale = { ...as, headers: { "if-match": '"999999"' } };
    const takesVersion = route.version === "takes" || route.version === "both";
    const call = (who: object) => callAs(sluice, who, [route.method, example.url], example.body);
    if (takesVersion) expect((await call(stale)).status).toBe(412);
    const answer = await call(takesVersion ? as : stale);
    // Every example makes something that is new.
    expect(answer.status, answer.text).toBe(route.newStatus ?? route.status ?? 200);
    expect(answer.headers.get("etag") !== null).toBe(route.version === "answers" || route.version === "both");
    if (route.answer === null) expect(answer.text).toBe("");
    // Parsing drops what the schema does not name.
    else expect(route.answer.parse(answer.body)).toEqual(answer.body);
    const looksInto = looking.includes(route.title) && /Source=|data-sources/.test(example.url);
    const isKept = looksInto || (route.method !== "GET" && !(route.title in unchanging));
    const traces = await tracesOf(answer.headers.get("x-request-id"), example.workspace);
    expect(traces.length > 0, JSON.stringify(traces)).toBe(isKept);
    expect(JSON.stringify(traces)).not.toContain(mysql.password);
  });
});

describe("the exceptions", () => {
  it("are routes that there are", () => {
    expect(routes.map(nameOf)).toEqual(expect.arrayContaining([...Object.keys(unchanging), ...looking]));
  });
});
