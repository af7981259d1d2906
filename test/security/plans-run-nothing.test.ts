import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Role } from "../../shared/model/identity.js";
import { tokenFor } from "../e2e/api-caller.js";
import { type Caller, callerIn, newWorkspace } from "../e2e/source-workspaces.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { job, runsOver, startSluice, type TestSluice } from "../servers/sluice.js";

const SECRET = "the-salary-of-ada";
let sluice: TestSluice;
let db: ScratchDatabase;
let workspace: string;
const as: Partial<Record<Role, Caller>> = {};

beforeAll(async () => {
  [sluice, db] = await Promise.all([startSluice(), scratchDatabase()]);
  await db.query("CREATE TABLE people (id VARCHAR(40) CHARACTER SET ascii PRIMARY KEY, note TEXT)");
  await db.query("INSERT INTO people VALUES (?, 'x'), ('zoe', 'y')", [SECRET]);
  await db.query("CREATE FUNCTION tidy() RETURNS INT MODIFIES SQL DATA BEGIN DELETE FROM people; RETURN 1; END");
  const own = await newWorkspace(sluice, "basic");
  workspace = own.name;
  const signal = "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = words";
  await db.query(
    `CREATE FUNCTION tell(words VARCHAR(40)) RETURNS INT BEGIN IF words > 'a' THEN ${signal}; END IF; RETURN 1; END`,
  );
  for (const role of ["viewer", "developer", "operator"] as const)
    as[role] = callerIn(sluice, workspace, await tokenFor(sluice, role, { workspace }));
  const properties = db.source;
  expect((await own.call("POST", "/v1/data-sources", { name: "db", type: "mysql", properties })).status).toBe(201);
});
afterAll(async () => {
  await sluice.close();
  await db.drop();
});

function call(role: Role): Caller {
  return as[role] ?? expect.fail(`no ${role}`);
}

const reading = (more: object) => ({
  script: job(["mysql", { datasource: "db", table: ["people"], column: ["id"], ...more }], ["stream", {}]),
});

async function people(): Promise<number> {
  return Number((await db.query("SELECT COUNT(*) FROM people"))[0]?.[0]);
}

/** Makes the server say in an error what somebody's function reads. */
const tells = "tell(id) = 1";

describe("a plan in a basic workspace, where there is production only", () => {
  it.each(["developer", "operator"] as const)("runs no statement for a %s but SET", async (role) => {
    for (const session of ["DELETE FROM people", "SET @a = (SELECT MIN(id) FROM people)", "DO tidy()"]) {
      const { status, body } = await call(role)("POST", "/v1/plan", reading({ session: [session] }));
      expect({ status, code: body.code, path: body.path }, session).toEqual({
        ...{ status: 400, code: "UNSUPPORTED", path: "steps[0].parameter.session[0]" },
      });
      expect(body.detail).toContain("plan runs only SET");
    }
    const harmless = { session: ["SET sql_mode = 'ANSI_QUOTES'"] };
    expect((await call(role)("POST", "/v1/plan", reading(harmless))).status).toBe(200);
    expect(await people()).toBe(2);
  });

  it("changes nothing by functions that a filter calls", async () => {
    const { status, body } = await call("operator")("POST", "/v1/plan", reading({ where: "tidy() = 1" }));
    expect({ status, code: body.code }).toEqual({ status: 400, code: "SOURCE_REFUSED" });
    expect(body.detail).toMatch(/read.only/i);
    const asked = await call("developer")("POST", "/v1/plan", reading({ where: "tidy() = 1" }));
    // Servers differ in whether describing the statement already finds it.
    expect([200, 400], asked.text).toContain(asked.status);
    expect(await people()).toBe(2);
  });

  it("shows values of records to those alone who may run in production", async () => {
    const developer = await call("developer")("POST", "/v1/plan", reading({ where: "id > 'a'" }));
    expect(developer.status, developer.text).toBe(200);
    expect(developer.text).not.toContain(SECRET);
    expect(developer.text).not.toContain("zoe");
    expect(developer.body.splits[0].describe).toContain("split 1 of");
    expect(developer.text).toContain("where was checked and not run");
    const operator = await call("operator")("POST", "/v1/plan", reading({ where: tells }));
    expect(operator.body.detail).toContain(SECRET);
    const asked = await call("developer")("POST", "/v1/plan", reading({ where: tells }));
    expect(asked.text).not.toContain(SECRET);
    const query = { querySql: [`SELECT id FROM people WHERE ${tells}`] };
    expect((await call("developer")("POST", "/v1/plan", reading(query))).text).not.toContain(SECRET);
  });

  it("is kept in the audit trail with who asked and what was looked into, as are looks and tests", async () => {
    await call("developer")("GET", "/v1/data-sources/db/tables/people");
    await call("developer")("POST", "/v1/data-sources/db/test", {});
    await call("developer")("POST", "/v1/plan", reading({ session: ["DELETE FROM people"] }));
    const { body } = await callerIn(sluice, workspace)("GET", "/v1/audit?limit=3");
    const mysql = { type: "mysql", dataSources: ["db"] };
    const caller = { role: "developer" };
    expect(body.items).toMatchObject([
      { action: "plan", caller, after: { environment: "production", records: false, reader: mysql } },
      { action: "dataSource.test", caller, object: "data-source/db", after: { environment: "production" } },
      { action: "dataSource.look", caller, object: "data-source/db", after: { table: "people" } },
    ]);
  });

  it("is announced by validate", async () => {
    const { body } = await call("developer")("POST", "/v1/validate", reading({ session: ["DELETE FROM people"] }));
    expect(body.warnings).toMatchObject([
      { path: "steps[0].parameter.session[0]", message: expect.stringContaining("plan refuses it") },
    ]);
  });
});

describe("a run in production", () => {
  it("shows to viewers and developers neither values in its error, nor extents of splits, nor dirty records", async () => {
    const operator = call("operator");
    const { body: failed } = await operator("POST", "/v1/runs", reading({ where: tells }));
    const { ended } = runsOver(operator);
    expect((await ended(failed.id)).run).toMatchObject({
      state: "failed",
      error: { message: expect.stringContaining(SECRET) },
    });
    const { body: done } = await operator("POST", "/v1/runs", reading({}));
    expect((await ended(done.id)).splits[0]?.describe).toContain("SELECT");
    for (const role of ["viewer", "developer"] as const) {
      for (const path of ["/v1/runs", `/v1/runs/${failed.id}`, `/v1/runs/${done.id}`]) {
        const { status, text } = await call(role)("GET", path);
        expect(status).toBe(200);
        expect(text).not.toContain(SECRET);
        expect(text).not.toContain("withoutData");
      }
      expect((await call(role)("GET", `/v1/runs/${failed.id}`)).text).toContain("its own words may quote records");
      expect((await call(role)("GET", `/v1/runs/${done.id}/dirty`)).status).toBe(403);
      expect((await call(role)("GET", `/v1/runs/${done.id}/dirty/download`)).status).toBe(403);
    }
    expect((await operator("GET", `/v1/runs/${done.id}/dirty`)).status).toBe(200);
  });
});

describe("production of a standard workspace", () => {
  it("is looked into by those who may run there", async () => {
    const { name, call: root } = await newWorkspace(sluice, "standard");
    const half = { properties: db.source };
    const source = { name: "db", type: "mysql", definitions: { development: half, production: half } };
    expect((await root("POST", "/v1/data-sources", source)).status).toBe(201);
    const requests = [
      ["GET", "/v1/data-sources/db/tables?environment=ENV", undefined],
      ["GET", "/v1/data-sources/db/tables/people?environment=ENV", undefined],
      ["POST", "/v1/data-sources/db/test", { environment: "ENV" }],
    ] as const;
    const inEnvironment = (environment: string, body: object | undefined) => body && { ...body, environment };
    for (const role of ["developer", "operator"] as const) {
      const caller = callerIn(sluice, name, await tokenFor(sluice, role, { workspace: name }));
      for (const [method, path, body] of requests)
        for (const environment of ["development", "production"]) {
          const { status } = await caller(method, path.replace("ENV", environment), inEnvironment(environment, body));
          const isOpen = role === "operator" || environment === "development";
          expect({ role, path, environment, status }).toEqual({ role, path, environment, status: isOpen ? 200 : 403 });
        }
    }
  });
});
