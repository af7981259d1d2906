import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";
import { nextMinute } from "./fresh.js";
import { copyJob, newWorkspace, someMysql } from "./source-workspaces.js";

let sluice: TestSluice;
beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice.close());

const names = ({ body }: { body: { items: { name: string }[] } }) => body.items.map(({ name }) => name);

/** A standard workspace whose data source `lake` is one bucket in development and another in production. */
async function twoLakes() {
  const workspace = await newWorkspace(sluice, "standard");
  const suffix = workspace.name.slice(1);
  const dev = await sluice.bucket(`dev-${suffix}`);
  const prod = await sluice.bucket(`prod-${suffix}`);
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  const at = (bucket: string) => ({
    properties: { endpoint: sluice.cloud.endpoints.oss, bucket, accessId, accessKey },
  });
  const definitions = { development: at(`dev-${suffix}`), production: at(`prod-${suffix}`) };
  const keys = async (bucket: typeof dev) =>
    ((await bucket.list({ prefix: "out", "max-keys": 100 }, {})).objects ?? []).length;
  return { ...workspace, definitions, counts: async () => [await keys(dev), await keys(prod)] };
}

const rows = ["stream", { sliceRecordCount: 3, column: [{ type: "string", value: "x" }] }] as [string, object];
const toLake = (prefix: string, datasource = "lake") =>
  job(rows, ["oss", { datasource, object: prefix, fileFormat: "csv", writeMode: "truncate" }]);

describe("a run in a standard workspace", () => {
  it("uses development for scripts and drafts, and production for what was submitted", async () => {
    const { call, ended, definitions, counts } = await twoLakes();
    await call("POST", "/v1/data-sources", { name: "lake", type: "oss", definitions });
    const start = async (body: object) => {
      const answer = await call("POST", "/v1/runs", body);
      expect(answer.status, answer.text).toBe(202);
      return (await ended(answer.body.id)).run;
    };
    expect(await start({ script: toLake("out-script") })).toMatchObject({
      state: "succeeded",
      environment: "development",
    });
    expect(await counts()).toEqual([1, 0]);
    await call("PUT", "/v1/jobs/fill", { script: toLake("out-one") });
    expect(await call("POST", "/v1/runs", { job: "fill", environment: "production" })).toMatchObject({
      status: 409,
      body: { code: "CONFLICT" },
    });
    expect((await start({ job: "fill" })).environment).toBe("development");
    expect(await counts()).toEqual([2, 0]);
    const submitted = await call("POST", "/v1/jobs/fill/submit");
    expect(submitted.body).toMatchObject({ production: { version: 1 }, version: 2 });
    await call("PUT", "/v1/jobs/fill", { script: toLake("out-two") });
    expect((await start({ job: "fill", environment: "production" })).environment).toBe("production");
    expect(await counts()).toEqual([2, 1]);
    expect(await call("POST", "/v1/runs", { script: toLake("x"), environment: "production" })).toMatchObject({
      status: 400,
      body: { path: "environment" },
    });
  });

  it("by schedule uses the submitted version and production, never the draft", async () => {
    const { call, ended, definitions, counts } = await twoLakes();
    await call("POST", "/v1/data-sources", { name: "lake", type: "oss", definitions });
    const schedule = { cron: "0 * * * * *", timeZone: "UTC" };
    await call("PUT", "/v1/jobs/minutely", { script: toLake("out-draft"), schedule });
    await sluice.cloud.tick("tick", nextMinute());
    expect((await call("GET", "/v1/runs")).body.items).toEqual([]);
    await call("POST", "/v1/jobs/minutely/submit");
    await sluice.cloud.tick("tick", nextMinute());
    await expect.poll(async () => (await call("GET", "/v1/runs")).body.items.length).toBe(1);
    const [{ id }] = (await call("GET", "/v1/runs")).body.items;
    expect((await ended(id)).run).toMatchObject({ state: "succeeded", environment: "production" });
    expect(await counts()).toEqual([0, 1]);
  });
});

describe("a data source of one environment", () => {
  it("of development is offered and runs there, but its job cannot be submitted", async () => {
    const { call, ended, definitions } = await twoLakes();
    const { properties } = definitions.development;
    const made = await call("POST", "/v1/data-sources", {
      name: "lake",
      type: "oss",
      environment: "development",
      properties,
    });
    expect(made.body).toMatchObject({ applicableEnvironment: "development", complete: false, missing: ["production"] });
    expect(names(await call("GET", "/v1/data-sources?usableIn=development"))).toEqual(["lake"]);
    const { body } = await call("POST", "/v1/runs", { script: toLake("out") });
    expect((await ended(body.id)).run.state).toBe("succeeded");
    await call("PUT", "/v1/jobs/fill", { script: toLake("out") });
    const refused = await call("POST", "/v1/jobs/fill/submit");
    expect(refused).toMatchObject({ status: 409, body: { code: "SOURCE_INCOMPLETE" } });
    expect(refused.body.detail).toContain('data source "lake" has no production definition');
    const added = await call("PUT", "/v1/data-sources/lake", { environment: "production", ...definitions.production });
    expect(added.body).toMatchObject({ applicableEnvironment: "both", complete: true });
    expect((await call("POST", "/v1/jobs/fill/submit")).status).toBe(200);
  });

  it("of production is neither offered to a draft nor usable by it", async () => {
    const { call, ended, definitions } = await twoLakes();
    await call("POST", "/v1/data-sources", {
      ...{ name: "lake", type: "oss", environment: "production" },
      ...definitions.production,
    });
    expect(names(await call("GET", "/v1/data-sources?usableIn=development"))).toEqual([]);
    expect(names(await call("GET", "/v1/data-sources?usableIn=production"))).toEqual(["lake"]);
    const draft = await call("PUT", "/v1/jobs/fill", { script: toLake("out") });
    expect(draft.body.warnings[0].message).toContain("only production can use it");
    const { body } = await call("POST", "/v1/runs", { job: "fill" });
    expect((await ended(body.id)).run).toMatchObject({ state: "failed", error: { code: "SOURCE_INCOMPLETE" } });
    expect(await call("POST", "/v1/plan", { script: toLake("out") })).toMatchObject({
      status: 409,
      body: { code: "SOURCE_INCOMPLETE" },
    });
    expect((await call("POST", "/v1/jobs/fill/submit")).status).toBe(409);
  });

  it("must name its environment, and is of one type in both", async () => {
    const { call } = await newWorkspace(sluice, "standard");
    const body = { name: "shop", type: "mysql", properties: someMysql };
    expect(await call("POST", "/v1/data-sources", body)).toMatchObject({ status: 400, body: { path: "environment" } });
    await call("POST", "/v1/data-sources", { ...body, environment: "production" });
    const other = { type: "stream", environment: "development", properties: {} };
    expect(await call("PUT", "/v1/data-sources/shop", other)).toMatchObject({ status: 400, body: { path: "type" } });
  });
});

describe("upgrading a workspace", () => {
  it("leaves development halves to configure, lists them, and cannot be repeated", async () => {
    const { name, call } = await newWorkspace(sluice, "basic");
    for (const source of ["shop", "store"])
      await call("POST", "/v1/data-sources", { name: source, type: "mysql", properties: someMysql });
    const saved = await call("PUT", "/v1/jobs/nightly", copyJob("shop", "store"));
    expect(saved.body.production).toMatchObject({ version: 1, dataSources: ["shop", "store"] });
    expect((await call("POST", "/v1/jobs/nightly/submit")).status).toBe(409);
    const upgraded = await call("POST", `/v1/workspaces/${name}/upgrade`);
    expect(upgraded).toMatchObject({
      status: 200,
      body: {
        mode: "standard",
        incomplete: [
          { name: "shop", missing: ["development"] },
          { name: "store", missing: ["development"] },
        ],
      },
    });
    expect((await call("GET", "/v1/data-sources/shop")).body).toMatchObject({
      applicableEnvironment: "production",
      complete: false,
      missing: ["development"],
    });
    expect((await call("GET", "/v1/jobs/nightly")).body.production).toMatchObject({ version: 1 });
    expect((await call("POST", `/v1/workspaces/${name}/upgrade`)).status).toBe(409);
    await call("PUT", "/v1/data-sources/shop", { environment: "development", properties: someMysql });
    expect((await call("GET", `/v1/workspaces/${name}`)).body.incomplete).toEqual([
      { name: "store", missing: ["development"] },
    ]);
  });

  it("is for one's own workspace", async () => {
    const { call } = await newWorkspace(sluice, "basic");
    expect((await call("POST", "/v1/workspaces/default/upgrade")).status).toBe(404);
    expect((await call("POST", "/v1/workspaces", { name: "another" })).status).toBe(403);
    expect((await sluice.call("POST", "/v1/workspaces", { name: "not ok" })).status).toBe(400);
    expect((await sluice.call("POST", "/v1/workspaces", { name: "default" })).status).toBe(409);
  });
});
