import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { startSluice, type TestSluice } from "../servers/sluice.js";
import { type Caller, callerIn, copyJob, newWorkspace, someMysql } from "./source-workspaces.js";

let sluice: TestSluice;
/** Where jobs that are submitted find what they name. */
let database: ScratchDatabase;
beforeAll(async () => {
  [sluice, database] = await Promise.all([startSluice(), scratchDatabase()]);
  await database.query("CREATE TABLE orders (id INT PRIMARY KEY, name VARCHAR(20))");
});
afterAll(() => Promise.all([sluice.close(), database.drop()]));

const mysql = (name: string, more: object = {}) => ({ name, type: "mysql", properties: someMysql, ...more });
const created = async (call: Caller, body: object) => {
  const answer = await call("POST", "/v1/data-sources", body);
  expect(answer.status, answer.text).toBe(201);
  return answer;
};
const names = ({ body }: { body: { items: { name: string }[] } }) => body.items.map(({ name }) => name);

describe("a data source in a basic workspace", () => {
  it("is production and complete, with its secret masked and an ETag", async () => {
    const { call } = await newWorkspace(sluice, "basic");
    const { body, headers } = await created(call, mysql("shop", { description: "orders", tags: ["a", "b", "a"] }));
    expect(body).toMatchObject({
      ...{ name: "shop", type: "mysql", description: "orders", tags: ["a", "b"], complete: true, missing: [] },
      ...{ applicableEnvironment: null, version: 1, sharedBy: null, connectivity: null },
      properties: { host: "db.example.com", password: "******" },
    });
    expect(Object.keys(body.definitions)).toEqual(["production"]);
    expect(headers.get("etag")).toBe('"1"');
  });

  it("cannot be configured for development", async () => {
    const { call } = await newWorkspace(sluice, "basic");
    const refused = await call("POST", "/v1/data-sources", mysql("shop", { environment: "development" }));
    expect(refused).toMatchObject({ status: 400, body: { code: "CONFIG_INVALID", path: "environment" } });
  });

  it("has a name of 1 to 60 letters, digits and underscores that is taken once", async () => {
    const { call } = await newWorkspace(sluice, "basic");
    for (const name of ["", "1st", "_x", "a-b", "a.b", "ä", "a".repeat(61)])
      expect(await call("POST", "/v1/data-sources", mysql(name))).toMatchObject({
        status: 400,
        body: { path: "name" },
      });
    await created(call, mysql("a".repeat(60)));
    await created(call, mysql("x"));
    expect(await call("POST", "/v1/data-sources", mysql("x"))).toMatchObject({
      status: 409,
      body: { code: "ALREADY_EXISTS" },
    });
  });

  it("is changed in part: what is not given stays, the secret too", async () => {
    const { call } = await newWorkspace(sluice, "basic");
    await created(call, mysql("shop", { description: "old", tags: ["t"] }));
    const renamed = await call("PUT", "/v1/data-sources/shop", { description: "new" });
    expect(renamed.body).toMatchObject({ description: "new", tags: ["t"], version: 2 });
    const { password, ...rest } = someMysql;
    const moved = await call("PUT", "/v1/data-sources/shop", { properties: { ...rest, host: "other" } });
    expect(moved.body.properties).toMatchObject({ host: "other", password: "******" });
    const masked = await call("PUT", "/v1/data-sources/shop", { properties: { ...rest, password: "******" } });
    expect(masked.status).toBe(200);
    expect(await call("PUT", "/v1/data-sources/shop", { type: "oss" })).toMatchObject({
      status: 400,
      body: { path: "type" },
    });
  });
});

describe("a data source as it is shown", () => {
  it("may be sent back as it is, and masks the secrets that are set only", async () => {
    const { call } = await newWorkspace(sluice, "basic");
    const { body } = await created(call, mysql("shop"));
    expect(Object.entries(body.properties).filter(([, value]) => value === "******")).toEqual([["password", "******"]]);
    const again = await call("PUT", "/v1/data-sources/shop", { properties: body.properties });
    expect(again).toMatchObject({ status: 200, body: { properties: body.properties } });
    const every = { ...body.properties, sslKey: "******" };
    expect((await call("PUT", "/v1/data-sources/shop", { properties: every })).status).toBe(200);
    const emptied = await call("PUT", "/v1/data-sources/shop", { properties: { ...body.properties, password: "" } });
    expect(emptied.body.properties.password).toBeUndefined();
    const guessed = await call("POST", "/v1/data-sources", mysql("other", { properties: every }));
    expect(guessed).toMatchObject({ status: 400, body: { path: "properties.password" } });
  });
});

describe("two writers of one data source", () => {
  it("do not overwrite each other: one wins, the other gets 412", async () => {
    const { call } = await newWorkspace(sluice, "basic");
    const etag = (await created(call, mysql("shop"))).headers.get("etag") ?? "";
    const write = (description: string) => call("PUT", "/v1/data-sources/shop", { description }, { "if-match": etag });
    const answers = await Promise.all(["one", "two"].map(write));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    const winner = answers.find(({ status }) => status === 200)?.body.description;
    const { body } = await call("GET", "/v1/data-sources/shop");
    expect(body).toMatchObject({ description: winner, version: 2 });
    expect(answers.find(({ status }) => status === 412)?.body).toMatchObject({ code: "PRECONDITION_FAILED" });
  });

  it("lose nothing when each changes another half without a condition", async () => {
    const { call } = await newWorkspace(sluice, "standard");
    const definitions = { development: { properties: someMysql }, production: { properties: someMysql } };
    await created(call, { name: "shop", type: "mysql", definitions });
    await Promise.all(
      ["development", "production"].map((environment) =>
        call("PUT", "/v1/data-sources/shop", { environment, description: environment }),
      ),
    );
    const { body } = await call("GET", "/v1/data-sources/shop");
    expect(body.version).toBe(3);
    expect(body.definitions).toMatchObject({
      development: { description: "development" },
      production: { description: "production" },
    });
  });
});

describe("a list of data sources", () => {
  it("pages stably and filters by type, name, tag, environment and connectivity", async () => {
    const { call } = await newWorkspace(sluice, "standard");
    for (const name of ["a1", "a2", "b1", "b2"])
      await created(
        call,
        mysql(name, { environment: name.endsWith("1") ? "development" : "production", tags: [name] }),
      );
    const endpoint = sluice.cloud.endpoints.oss;
    const unreachable = { endpoint, bucket: "nowhere", accessId: "x", accessKey: "y" };
    await created(call, { name: "lake", type: "oss", environment: "production", properties: unreachable });
    const list = (query: string) => call("GET", `/v1/data-sources?${query}`);
    const first = await list("limit=2");
    expect(names(first)).toEqual(["a1", "a2"]);
    await created(call, mysql("a0", { environment: "development" }));
    expect(names(await list(`limit=2&page=${first.body.nextPage}`))).toEqual(["b1", "b2"]);
    expect(names(await list("type=oss"))).toEqual(["lake"]);
    expect(names(await list("type=mariadb&name=B"))).toEqual(["b1", "b2"]);
    expect(names(await list("tag=a2"))).toEqual(["a2"]);
    expect(names(await list("environment=production"))).toEqual(["a2", "b2", "lake"]);
    const { body } = await call("POST", "/v1/data-sources/lake/test", { environment: "production" });
    expect(body.ok).toBe(false);
    expect(names(await list("connectivity=failed"))).toEqual(["lake"]);
    expect(names(await list("connectivity=unknown"))).not.toContain("lake");
    const lake = (await call("GET", "/v1/data-sources/lake")).body;
    expect(lake).toMatchObject({ version: 1, connectivity: { ok: false, at: expect.stringMatching(/^20/) } });
    expect((await list("limit=0")).status).toBe(400);
  });
});

describe("renaming a data source", () => {
  it("is refused while a job names it, and else keeps everything", async () => {
    const { call } = await newWorkspace(sluice, "basic");
    await created(call, mysql("shop", { tags: ["t"] }));
    await created(call, mysql("other"));
    await call("PUT", "/v1/jobs/nightly", copyJob("shop", "shop"));
    const refused = await call("POST", "/v1/data-sources/shop/rename", { to: "store" });
    // There is no forcing it.
    expect(refused.body.hint).not.toContain("force");
    expect(refused).toMatchObject({ status: 409, body: { code: "SOURCE_IN_USE", issues: [{ job: "nightly" }] } });
    await call("PUT", "/v1/jobs/nightly", copyJob("other", "other"));
    expect((await call("POST", "/v1/data-sources/shop/rename", { to: "other" })).status).toBe(409);
    const renamed = await call("POST", "/v1/data-sources/shop/rename", { to: "store" });
    expect(renamed).toMatchObject({ status: 200, body: { name: "store", tags: ["t"] } });
    expect((await call("GET", "/v1/data-sources/shop")).status).toBe(404);
    expect((await call("PUT", "/v1/data-sources/store", { description: "opens" })).status).toBe(200);
  });
});

describe("deleting a data source", () => {
  it("names the jobs and what happens to each, and can be taken back", async () => {
    const { call } = await newWorkspace(sluice, "standard");
    // What is submitted can be reached.
    const definitions = { development: { properties: database.source }, production: { properties: database.source } };
    await created(call, { name: "shop", type: "mysql", definitions });
    await call("PUT", "/v1/jobs/live", copyJob("shop", "shop"));
    expect((await call("POST", "/v1/jobs/live/submit")).status).toBe(200);
    await call("PUT", "/v1/jobs/sketch", copyJob("shop", "shop"));
    const consequences = ({ body }: { body: { issues: { job: string; consequence: string }[] } }) =>
      Object.fromEntries(body.issues.map(({ job, consequence }) => [job, consequence]));
    const development = await call("DELETE", "/v1/data-sources/shop?environment=development");
    expect(development).toMatchObject({ status: 409, body: { code: "SOURCE_IN_USE" } });
    expect(consequences(development)).toEqual({
      live: "the production job goes on; its draft loses the metadata and cannot run in development",
      sketch: "its draft loses the metadata and cannot run in development",
    });
    const production = await call("DELETE", "/v1/data-sources/shop?environment=production");
    expect(consequences(production)).toEqual({
      live: "the production job will fail at its next run; its draft can no longer be submitted",
      sketch: "its draft can no longer be submitted",
    });
    const both = consequences(await call("DELETE", "/v1/data-sources/shop"));
    expect(both.live).toContain("will fail at its next run");
    expect(both.live).toContain("can no longer be submitted");

    const forced = await call("DELETE", "/v1/data-sources/shop?environment=development&force=true");
    expect(forced).toMatchObject({ status: 200, body: { deleted: ["development"], affected: [{}, {}] } });
    expect((await call("GET", "/v1/data-sources/shop")).body).toMatchObject({
      applicableEnvironment: "production",
      missing: ["development"],
    });
    await call("DELETE", "/v1/data-sources/shop?force=true");
    expect((await call("GET", "/v1/data-sources/shop")).status).toBe(404);
    expect((await call("GET", "/v1/deleted-data-sources")).body.items).toHaveLength(2);
    await call("POST", "/v1/data-sources/shop/restore", { environment: "development" });
    const restored = await call("POST", "/v1/data-sources/shop/restore", {});
    expect(restored.body).toMatchObject({ applicableEnvironment: "both", complete: true });
    expect((await call("POST", "/v1/data-sources/shop/restore", {})).status).toBe(404);
  });

  it("is one of the lists that come by pages, as workspaces do", async () => {
    const { call } = await newWorkspace(sluice, "standard");
    for (const name of ["b", "a"]) {
      const definitions = { development: { properties: someMysql }, production: { properties: someMysql } };
      await created(call, { name, type: "mysql", definitions });
      await call("DELETE", `/v1/data-sources/${name}`);
    }
    for (const [path, caller] of [
      ["/v1/deleted-data-sources", call],
      ["/v1/workspaces", sluice.call],
    ] as const) {
      const { items: all, nextPage } = (await caller("GET", `${path}?limit=500`)).body;
      expect(nextPage).toBeNull();
      expect(all.length).toBeGreaterThan(1);
      const paged: object[] = [];
      for (let page: string | null = ""; page !== null; ) {
        const { body }: { body: { items: object[]; nextPage: string | null } } = await caller(
          ...(["GET", `${path}?limit=3&page=${encodeURIComponent(page)}`] as const),
        );
        paged.push(...body.items);
        page = body.nextPage;
      }
      expect(paged).toEqual(all);
    }
    expect((await call("GET", "/v1/deleted-data-sources?limit=0")).status).toBe(400);
  });

  it("lets the name be used again, and then refuses to restore over it", async () => {
    const { call } = await newWorkspace(sluice, "basic");
    await created(call, mysql("shop", { description: "old" }));
    expect((await call("DELETE", "/v1/data-sources/shop")).status).toBe(200);
    const anew = await created(call, mysql("shop", { description: "new" }));
    expect(anew.body.version).toBeGreaterThan(1);
    expect(await call("POST", "/v1/data-sources/shop/restore", {})).toMatchObject({ status: 409 });
    expect((await call("GET", "/v1/data-sources/shop")).body.description).toBe("new");
  });

  it("in a basic workspace lists jobs that will fail", async () => {
    const { call } = await newWorkspace(sluice, "basic");
    await created(call, mysql("shop"));
    await call("PUT", "/v1/jobs/nightly", copyJob("shop", "shop"));
    const { body } = await call("DELETE", "/v1/data-sources/shop");
    expect(body.issues[0].consequence).toBe("the job will fail at its next run");
  });
});

describe("many data sources at once", () => {
  it("are deleted and tested with a result each", async () => {
    const { call } = await newWorkspace(sluice, "basic");
    for (const name of ["free", "used"]) await created(call, mysql(name));
    await created(call, { name: "rows", type: "stream", properties: {} });
    await call("PUT", "/v1/jobs/nightly", copyJob("used", "used"));
    const tested = await call("POST", "/v1/data-source-batches/test", { names: ["rows", "ghost"] });
    expect(tested.status).toBe(200);
    expect(tested.body.items).toMatchObject([
      { name: "rows", ok: false, error: { code: "UNSUPPORTED" } },
      { name: "ghost", ok: false, error: { code: "NOT_FOUND" } },
    ]);
    const deleted = await call("POST", "/v1/data-source-batches/delete", { names: ["free", "used", "ghost"] });
    expect(deleted.body.items).toMatchObject([
      { name: "free", ok: true, deleted: ["production"] },
      { name: "used", ok: false, error: { code: "SOURCE_IN_USE", issues: [{ job: "nightly" }] } },
      { name: "ghost", ok: false, error: { code: "NOT_FOUND" } },
    ]);
    expect(names(await call("GET", "/v1/data-sources"))).toEqual(["rows", "used"]);
  });
});

describe("a data source that is shared", () => {
  it("is seen and used as workspace.name, never changed, and revoking shows the jobs it breaks", async () => {
    const owner = await newWorkspace(sluice, "standard");
    const guest = await newWorkspace(sluice, "standard");
    const definitions = { development: { properties: database.source }, production: { properties: database.source } };
    await created(owner.call, { name: "shop", type: "mysql", definitions });
    const shared = `${owner.name}.shop`;
    const grant = `/v1/data-sources/shop/grants/${guest.name}`;
    expect(
      (await owner.call("PUT", "/v1/data-sources/shop/grants/nobody", { environments: ["production"] })).status,
    ).toBe(404);
    await owner.call("PUT", grant, { environments: ["development"] });
    const seen = await guest.call("GET", `/v1/data-sources/${shared}`);
    expect(seen.body).toMatchObject({
      name: shared,
      sharedBy: owner.name,
      applicableEnvironment: "development",
      grants: [],
    });
    expect(seen.text).not.toContain(JSON.stringify(database.source.password));
    expect(names(await guest.call("GET", "/v1/data-sources?usableIn=development"))).toEqual([shared]);
    expect(names(await guest.call("GET", "/v1/data-sources?usableIn=production"))).toEqual([]);
    for (const [method, path, body] of [
      ["PUT", "", { description: "mine" }],
      ["DELETE", "", undefined],
      ["POST", "/rename", { to: "x" }],
    ] as const)
      expect((await guest.call(method, `/v1/data-sources/${shared}${path}`, body)).status).toBe(403);

    await guest.call("PUT", "/v1/jobs/borrow", copyJob(shared, shared));
    const early = await guest.call("POST", "/v1/jobs/borrow/submit");
    expect(early).toMatchObject({ status: 409, body: { code: "SOURCE_INCOMPLETE" } });
    await owner.call("PUT", grant, { environments: ["development", "production"] });
    expect((await guest.call("POST", "/v1/jobs/borrow/submit")).status).toBe(200);
    const revoke = await owner.call("DELETE", grant);
    expect(revoke).toMatchObject({ status: 409, body: { issues: [{ workspace: guest.name, job: "borrow" }] } });
    expect((await owner.call("POST", "/v1/data-sources/shop/rename", { to: "x" })).status).toBe(409);
    expect((await owner.call("DELETE", `${grant}?force=true`)).body.affected).toHaveLength(1);
    expect((await guest.call("GET", `/v1/data-sources/${shared}`)).status).toBe(404);
    expect(names(await guest.call("GET", "/v1/data-sources"))).toEqual([]);
  });

  it("comes back with its grants when its deletion is taken back, but not with one that was revoked before", async () => {
    const owner = await newWorkspace(sluice, "standard");
    const guest = await newWorkspace(sluice, "standard");
    const stranger = await newWorkspace(sluice, "basic");
    const definitions = { development: { properties: someMysql }, production: { properties: someMysql } };
    await created(owner.call, { name: "shop", type: "mysql", definitions });
    const grants = "/v1/data-sources/shop/grants";
    for (const { name } of [guest, stranger])
      await owner.call("PUT", `${grants}/${name}`, { environments: ["production"] });
    await owner.call("DELETE", "/v1/data-sources/shop?environment=development");
    await owner.call("DELETE", `${grants}/${stranger.name}`);
    await owner.call("DELETE", "/v1/data-sources/shop");
    expect((await guest.call("GET", `/v1/data-sources/${owner.name}.shop`)).status).toBe(404);
    for (const environment of ["development", "production"]) {
      const restored = await owner.call("POST", "/v1/data-sources/shop/restore", { environment });
      expect(restored.body.grants).toEqual([{ workspace: guest.name, environments: ["production"] }]);
    }
    expect((await guest.call("GET", `/v1/data-sources/${owner.name}.shop`)).status).toBe(200);
    expect((await stranger.call("GET", `/v1/data-sources/${owner.name}.shop`)).status).toBe(404);
    expect(names(await guest.call("GET", "/v1/data-sources"))).toEqual([`${owner.name}.shop`]);
  });

  it("passes no grants on to another one of its name", async () => {
    const owner = await newWorkspace(sluice, "basic");
    const guest = await newWorkspace(sluice, "basic");
    await created(owner.call, mysql("shop"));
    await owner.call("PUT", `/v1/data-sources/shop/grants/${guest.name}`, { environments: ["production"] });
    await owner.call("DELETE", "/v1/data-sources/shop");
    expect((await created(owner.call, mysql("shop"))).body.grants).toEqual([]);
    expect((await guest.call("GET", `/v1/data-sources/${owner.name}.shop`)).status).toBe(404);
  });

  it("is copied only with new secrets", async () => {
    const owner = await newWorkspace(sluice, "basic");
    const guest = await newWorkspace(sluice, "basic");
    await created(owner.call, mysql("shop"));
    await owner.call("PUT", `/v1/data-sources/shop/grants/${guest.name}`, { environments: ["production"] });
    const path = `/v1/data-sources/${owner.name}.shop/clone`;
    expect(await guest.call("POST", path, { to: "mine" })).toMatchObject({
      status: 400,
      body: { path: "properties.password" },
    });
    expect((await guest.call("POST", path, { to: "mine", properties: { password: "own" } })).status).toBe(201);
  });
});

describe("cloning", () => {
  it("copies a source, or one half into the other", async () => {
    const { call } = await newWorkspace(sluice, "standard");
    await created(call, mysql("shop", { environment: "production", tags: ["t"] }));
    const half = { to: "shop", fromEnvironment: "production", toEnvironment: "development" };
    const both = await call("POST", "/v1/data-sources/shop/clone", { ...half, properties: { host: "dev" } });
    expect(both.status, both.text).toBe(201);
    expect(both.body).toMatchObject({
      complete: true,
      definitions: {
        development: { properties: { host: "dev" } },
        production: { properties: { host: "db.example.com" } },
      },
    });
    expect((await call("POST", "/v1/data-sources/shop/clone", half)).status).toBe(409);
    const copy = await call("POST", "/v1/data-sources/shop/clone", { to: "copy" });
    expect(copy.body).toMatchObject({ name: "copy", complete: true, tags: ["t"] });
  });

  it("by a developer goes into development only, with secrets of the developer's own", async () => {
    const { name, call } = await newWorkspace(sluice, "standard");
    await created(call, mysql("shop", { environment: "production" }));
    const { body: token } = await call("POST", "/v1/tokens", { name: "dev", role: "developer" });
    const developer = callerIn(sluice, name, token.token);
    const clone = (body: object) => developer("POST", "/v1/data-sources/shop/clone", body);
    expect((await clone({ to: "copy" })).status).toBe(403);
    const half = { to: "shop", fromEnvironment: "production", toEnvironment: "development" };
    expect(await clone(half)).toMatchObject({ status: 400, body: { path: "properties.password" } });
    expect((await clone({ ...half, properties: { password: "own" } })).status).toBe(201);
  });

  it("by a developer borrows no secret or role that is kept elsewhere", async () => {
    const { name, call } = await newWorkspace(sluice, "standard");
    const { password: _none, ...account } = someMysql;
    const kept = { name: "shop", properties: { ...account, passwordEnv: `SLUICE_SECRET_${name}__SHOP` } };
    await created(call, mysql("shop", { ...kept, environment: "production" }));
    const lake = { endpoint: "https://oss-cn-beijing.aliyuncs.com", bucket: "lake", accessId: "id", accessKey: "key" };
    await created(call, { name: "lake", type: "oss", properties: lake, environment: "production" });
    const { body: token } = await call("POST", "/v1/tokens", { name: "dev", role: "developer" });
    const developer = callerIn(sluice, name, token.token);
    const clone = (source: string, properties: object) =>
      developer("POST", `/v1/data-sources/${source}/clone`, {
        ...{ to: source, fromEnvironment: "production", toEnvironment: "development", properties },
      });
    const elsewhere = { host: "elsewhere.example.com" };
    for (const properties of [{}, elsewhere, { passwordEnv: `SLUICE_SECRET_${name}__OTHER` }])
      expect(await clone("shop", properties)).toMatchObject({ status: 400, body: { path: "properties.passwordEnv" } });
    const role = { authType: "RamRole", accessKey: "new" };
    expect(await clone("lake", role)).toMatchObject({ status: 400, body: { path: "properties.authType" } });
    const own = await clone("shop", { ...elsewhere, passwordEnv: null, password: "own" });
    expect(own.body.definitions.development.properties).toMatchObject({ ...elsewhere, password: "******" });
  });
});

describe("a password in a variable of the functions", () => {
  it("is its workspace's own: who names another's gets it neither saved nor tested", async () => {
    const { name, call } = await newWorkspace(sluice, "basic");
    const { password: _none, ...account } = someMysql;
    const request = (variable: string) => mysql("shop", { properties: { ...account, passwordEnv: variable } });
    for (const foreign of ["SLUICE_SECRET_default__SHOP", "SLUICE_SECRET_SHOP", ` SLUICE_SECRET_x${name}__SHOP`]) {
      const refused = { status: 400, body: { code: "CONFIG_INVALID", path: "properties.passwordEnv" } };
      expect(await call("POST", "/v1/data-sources", request(foreign))).toMatchObject(refused);
      expect(await call("POST", "/v1/data-source-tests", request(foreign))).toMatchObject(refused);
    }
    await created(call, request(`SLUICE_SECRET_${name}__SHOP`));
    const changed = await call("PUT", "/v1/data-sources/shop", request("SLUICE_SECRET_default__SHOP"));
    expect(changed).toMatchObject({ status: 400, body: { path: "properties.passwordEnv" } });
  });
});
