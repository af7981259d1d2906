import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";
import { newWorkspace } from "./source-workspaces.js";

let sluice: TestSluice;
let dev: ScratchDatabase;
let prod: ScratchDatabase;
beforeAll(async () => {
  [sluice, dev, prod] = await Promise.all([startSluice(), scratchDatabase(), scratchDatabase()]);
  for (const [database, rows] of [
    [dev, "(1, 'dev')"],
    [prod, "(1, 'prod'), (2, 'prod')"],
  ] as const) {
    await database.query("CREATE TABLE source (id INT PRIMARY KEY, name VARCHAR(20))");
    await database.query(`INSERT INTO source VALUES ${rows}`);
    await database.query("CREATE TABLE target (id INT PRIMARY KEY, name VARCHAR(20), day CHAR(8))");
  }
});
afterAll(() => Promise.all([sluice.close(), dev.drop(), prod.drop()]));

const both = () => ({ development: { properties: dev.source }, production: { properties: prod.source } });
const copy = (more: { read?: object; write?: object } = {}) => ({
  script: job(
    ["mysql", { datasource: "shop", table: "source", column: ["id", "name", "'${day}'"], ...more.read }],
    [
      "mysql",
      { datasource: "shop", table: "target", column: ["id", "name", "day"], writeMode: "replace", ...more.write },
    ],
  ),
  parameters: { day: "$bizdate" },
});

/** A standard workspace with a data source `shop` that is one database in development and another in production. */
async function studio(definitions: object = both()) {
  const workspace = await newWorkspace(sluice, "standard");
  const made = await workspace.call("POST", "/v1/data-sources", { name: "shop", type: "mysql", definitions });
  expect(made.status, made.text).toBe(201);
  const { call } = workspace;
  const put = async (body: object) => {
    const answer = await call("PUT", "/v1/jobs/copy", body);
    expect(answer.status, answer.text).toBeLessThan(300);
  };
  /** Why it is refused: the codes and the messages of all reasons, by submitting and by asking alike. */
  const refusal = async () => {
    const refused = await call("POST", "/v1/jobs/copy/submit");
    const { body } = await call("POST", "/v1/jobs/copy/submission-check");
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.body.issues).toEqual(body.reasons);
    expect((await call("GET", "/v1/jobs/copy")).body.production).toBeNull();
    return body.reasons.map(({ code, message }: { code: string; message: string }) => `${code} ${message}`) as string[];
  };
  return { ...workspace, put, refusal };
}

const rowsOf = (database: ScratchDatabase) => database.query("SELECT id, name, day FROM target ORDER BY id");

describe("a job of a standard workspace", () => {
  it("runs as a draft in the development database and, submitted, in the one of production", async () => {
    const { call, ended, put } = await studio();
    await put(copy());
    const run = async (body: object) => (await ended((await call("POST", "/v1/runs", body)).body.id)).run;
    const draft = await run({ job: "copy", parameters: { bizdate: "20261127" } });
    expect(draft).toMatchObject({ state: "succeeded", environment: "development", counters: { written: 1 } });
    expect(await rowsOf(dev)).toEqual([["1", "dev", "20261127"]]);
    expect(await rowsOf(prod)).toEqual([]);
    const submitted = await call("POST", "/v1/jobs/copy/submit", { note: "go" });
    expect(submitted.status, submitted.text).toBe(200);
    expect(submitted.body).toMatchObject({ production: { version: 1 }, changes: null, lastChange: { note: "go" } });
    await put({ ...copy({ read: { where: "id = 1" } }), description: "only one" });
    const inProduction = { job: "copy", environment: "production", parameters: { bizdate: "20261127" } };
    expect(await run(inProduction)).toMatchObject({ state: "succeeded", counters: { written: 2 } });
    expect(await rowsOf(prod)).toEqual([
      ["1", "prod", "20261127"],
      ["2", "prod", "20261127"],
    ]);
    expect(await rowsOf(dev)).toEqual([["1", "dev", "20261127"]]);
    const { body } = await call("POST", "/v1/jobs/copy/submission-check");
    expect(body).toMatchObject({ reasons: [], changes: { fields: [{ path: "description", after: "only one" }] } });
    expect(body.changes.script.diff).toMatch(/^\+ .*"where": "id = 1"/m);
    await call("POST", "/v1/jobs/copy/unsubmit");
    expect((await call("POST", "/v1/runs", inProduction)).status).toBe(409);
    expect((await call("GET", "/v1/jobs/copy/versions")).body.items).toHaveLength(4);
  });
});

describe("a submission is refused", () => {
  it("while a data source lacks a half, or is not there, and tells both at once", async () => {
    const { call, put, refusal } = await studio({ development: { properties: dev.source } });
    await call("PUT", "/v1/jobs/copy", copy({ write: { datasource: "nowhere" } }));
    expect(await refusal()).toEqual([
      'SOURCE_INCOMPLETE data source "shop" has no production definition',
      'SOURCE_INCOMPLETE data source "nowhere" does not exist',
    ]);
    await put({ ...copy({ write: { datasource: "nowhere" } }), parameters: {} });
    expect((await refusal()).at(-1)).toMatch(/^PARAMETER_MISSING .*day/);
  });

  it("while a data source is of another type than the step", async () => {
    const { call, put, refusal } = await studio();
    await call("POST", "/v1/data-sources", {
      ...{ name: "pg", type: "postgresql" },
      definitions: { development: { properties: dev.source }, production: { properties: dev.source } },
    });
    await put(copy({ write: { datasource: "pg" } }));
    expect(await refusal()).toEqual(
      expect.arrayContaining([expect.stringContaining("is of type postgresql, the step wants mysql")]),
    );
  });

  it("while a half cannot be reached", async () => {
    const wrong = { ...prod.source, password: "another" };
    const { put, refusal } = await studio({ ...both(), production: { properties: wrong } });
    await put(copy());
    expect(await refusal()).toEqual([
      expect.stringMatching(/^SOURCE_UNREACHABLE data source "shop" in production: login: /),
    ]);
  });

  it("while parameters have no value", async () => {
    const { put, refusal } = await studio();
    await put({ ...copy({ read: { where: "name = '${who}'" } }), parameters: {} });
    const [first = "", ...others] = await refusal();
    expect(first).toMatch(/^PARAMETER_MISSING .*(day.*who|who.*day)/);
    expect(others).toEqual([]);
  });

  it("while tables differ between the environments, and tells every difference", async () => {
    await dev.query("CREATE TABLE wide (id INT PRIMARY KEY, name VARCHAR(20), day CHAR(8))");
    await prod.query("CREATE TABLE wide (id BIGINT PRIMARY KEY, name VARCHAR(20) NOT NULL, day CHAR(8))");
    const { put, refusal } = await studio();
    await put(copy({ write: { table: "wide" } }));
    expect(await refusal()).toEqual([
      expect.stringMatching(
        /^CONFIG_INVALID column 1 of the writer, id, is int.* in development, bigint.* in production/,
      ),
      expect.stringMatching(/column 2 of the writer, name, may be null in development and takes no null in production/),
    ]);
    await prod.query("CREATE TABLE other (id INT, day CHAR(8))");
    await dev.query("CREATE TABLE other (id INT, name VARCHAR(20), day CHAR(8))");
    await put(copy({ write: { table: "other", column: ["*"] } }));
    expect((await refusal())[0]).toMatch(
      /the writer has 3 columns in development \(id, name, day\), 2 in production \(id, day\)/,
    );
  });

  it("while a table is missing in production", async () => {
    await dev.query("CREATE TABLE only_here (id INT, name VARCHAR(20), day CHAR(8))");
    const { put, refusal } = await studio();
    await put(copy({ write: { table: "only_here" } }));
    expect(await refusal()).toEqual([
      expect.stringMatching(/^SOURCE_OBJECT_MISSING in production: .*only_here does not exist/),
    ]);
  });

  it("while it waits for a job that is not there, or in a circle", async () => {
    const { call, put, refusal } = await studio();
    const daily = { ...copy(), schedule: { cron: "0 0 2 * * *" } };
    const waiting = (job: string) => ({ ...daily, dependencies: [{ on: "job", job, cycle: "same" }] });
    await put(waiting("nobody"));
    expect(await refusal()).toEqual(['CONFIG_INVALID dependencies: job "nobody" has no schedule in production']);
    await put(waiting("copy"));
    expect(await refusal()).toEqual([expect.stringContaining('job "copy" names itself')]);
    await put(daily);
    for (const [name, upstream] of [
      ["copy", null],
      ["third", "copy"],
      ["second", "third"],
    ] as const) {
      if (upstream !== null) await call("PUT", `/v1/jobs/${name}`, waiting(upstream));
      const answer = await call("POST", `/v1/jobs/${name}/submit`);
      expect(answer.status, answer.text).toBe(200);
    }
    await put(waiting("second"));
    const { status, body } = await call("POST", "/v1/jobs/copy/submit");
    expect([status, body.issues]).toEqual([400, [expect.objectContaining({ path: "dependencies" })]]);
    expect(body.issues[0].message).toMatch(
      /^dependencies: they wait for each other: (copy → second → third → copy|second → third → copy → second|third → copy → second → third)$/,
    );
  });

  it("for another version than the one that was seen", async () => {
    const { call, put } = await studio();
    await put(copy());
    await put(copy());
    const stale = await call("POST", "/v1/jobs/copy/submit", {}, { "if-match": '"1"' });
    expect(stale).toMatchObject({ status: 412, body: { code: "PRECONDITION_FAILED" } });
  });

  it("never for what only an upload tells", async () => {
    const { name, call, put } = await studio();
    const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
    const properties = { endpoint: sluice.cloud.endpoints.oss, bucket: "lake", accessId, accessKey };
    await sluice.bucket("lake");
    const definitions = { development: { properties }, production: { properties } };
    await call("POST", "/v1/data-sources", { name: "lake", type: "oss", definitions });
    const reader: [string, object] = [
      "oss",
      { datasource: "lake", object: ["${oss.key}"], fileFormat: "csv", column: ["*"] },
    ];
    const subscription = { bucket: "sluice-dev-landing", prefix: `landing/${name}/` };
    await put({ script: job(reader, ["stream", {}]), subscription });
    const { body } = await call("POST", "/v1/jobs/copy/submission-check");
    expect(body.reasons).toEqual([]);
    expect(body.warnings[0].message).toContain("told by each upload");
  });
});
