import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes } from "../../functions/api/routes.js";
import { includesRole, type Role, roles } from "../../shared/model/identity.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";
import { callAs, makeWorkspace, tokenFor } from "./api-caller.js";
import { fresh } from "./fresh.js";

let sluice: TestSluice;
const tokens = new Map<Role, string>();
let stranger = "";

beforeAll(async () => {
  // The walk is one caller's in a hurry.
  sluice = await startSluice({ environment: { SLUICE_RATE_LIMIT: "10000" } });
  for (const role of roles) tokens.set(role, await tokenFor(sluice, role));
  stranger = await tokenFor(sluice, "admin", { workspace: "elsewhere" });
});
afterAll(() => sluice.close());

/** A call of the route about objects that do not exist. */
function callOf({ method, path }: { method: string; path: string }): readonly [string, string] {
  return [method, path.replace(/\{\w+\}/g, "nobody")];
}

const closed = routes.filter(({ role }) => role !== "anyone");

describe.each(closed.map((route) => ({ ...route, title: `${route.method} ${route.path}` })))("$title", (route) => {
  const bodyOf = () => (route.method === "GET" || route.method === "DELETE" ? undefined : {});

  it.each(roles)("knows what a %s may do", async (role) => {
    const token = tokens.get(role) ?? "";
    const { status, body } = await callAs(sluice, { token }, callOf(route), bodyOf());
    if (includesRole(role, route.role as Role)) {
      // Refused for what it says, perhaps, but not for who says it.
      expect([401, 403, 429]).not.toContain(status);
      expect(status).toBeLessThan(500);
    } else expect({ status, code: body.code }).toEqual({ status: 403, code: "FORBIDDEN" });
  });

  it("refuses strangers, and admins of another workspace", async () => {
    for (const token of [null, "", "slc_wrong", "wrong", "a.b.c"])
      expect((await callAs(sluice, { token }, callOf(route), bodyOf())).status, String(token)).toBe(401);
    const foreign = await callAs(sluice, { token: stranger }, callOf(route), bodyOf());
    expect({ status: foreign.status, code: foreign.body.code }).toEqual({ status: 403, code: "FORBIDDEN" });
  });
});

describe("what is open to anyone", () => {
  it("is the description of the API alone", () => {
    expect(routes.filter(({ role }) => role === "anyone").map(({ path }) => path)).toEqual(["/v1/openapi.json"]);
  });
});

const script = JSON.stringify(
  job(["stream", { column: [{ value: "a", type: "string" }], sliceRecordCount: 1 }], ["stream", {}]),
);

describe("a developer in a basic workspace, where there is production only", () => {
  it("does not publish jobs", async () => {
    const token = tokens.get("developer") ?? "";
    const put = ["PUT", `/v1/jobs/${fresh("nightly")}`] as const;
    const refused = await callAs(sluice, { token }, put, { script });
    expect(refused).toMatchObject({ status: 403, body: { code: "FORBIDDEN" } });
    const operator = tokens.get("operator") ?? "";
    expect((await callAs(sluice, { token: operator }, put, { script })).status).toBe(201);
  });

  it("does not start runs", async () => {
    const token = tokens.get("developer") ?? "";
    const refused = await callAs(sluice, { token }, ["POST", "/v1/runs"], { script });
    expect(refused).toMatchObject({ status: 403, body: { code: "FORBIDDEN" } });
    const operator = tokens.get("operator") ?? "";
    expect((await callAs(sluice, { token: operator }, ["POST", "/v1/runs"], { script })).status).toBe(202);
  });
});

describe("a developer in a standard workspace", () => {
  it("stores drafts and runs them in development, and leaves production to operators", async () => {
    await makeWorkspace(sluice, "studio", "standard");
    const developer = { workspace: "studio", token: await tokenFor(sluice, "developer", { workspace: "studio" }) };
    const nightly = fresh("nightly");
    const operator = { workspace: "studio", token: await tokenFor(sluice, "operator", { workspace: "studio" }) };
    expect((await callAs(sluice, developer, ["PUT", `/v1/jobs/${nightly}`], { script })).status).toBe(201);
    expect((await callAs(sluice, developer, ["POST", "/v1/runs"], { job: nightly })).status).toBe(202);
    expect((await callAs(sluice, developer, ["POST", `/v1/jobs/${nightly}/submit`])).status).toBe(403);
    expect((await callAs(sluice, operator, ["POST", `/v1/jobs/${nightly}/submit`])).status).toBe(200);
    const production = { job: nightly, environment: "production" };
    expect((await callAs(sluice, developer, ["POST", "/v1/runs"], production)).status).toBe(403);
    const { status, body } = await callAs(sluice, operator, ["POST", "/v1/runs"], production);
    expect(status).toBe(202);
    expect((await callAs(sluice, developer, ["POST", `/v1/runs/${body.id}/cancel`])).status).toBe(403);
  });
});
