import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditRecord } from "../../shared/model/identity.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";
import { callAs, tokenFor } from "./api-caller.js";
import { fresh } from "./fresh.js";

let sluice: TestSluice;

beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice.close());

async function trail(query = "", workspace = "default"): Promise<AuditRecord[]> {
  const { status, body, text } = await callAs(sluice, { workspace }, ["GET", `/v1/audit?limit=500${query}`]);
  expect(status, text).toBe(200);
  return body.items;
}

const script = job(["stream", { column: [{ value: "a", type: "string" }], sliceRecordCount: 1 }], ["stream", {}]);

describe("the audit trail", () => {
  it("tells who did what to which object when, in which request", async () => {
    const since = new Date().toISOString();
    const admin = await tokenFor(sluice, "admin");
    const nightly = fresh("nightly");
    const answer = await callAs(sluice, { token: admin }, ["PUT", `/v1/jobs/${nightly}`], { script });
    expect(answer.status).toBe(201);
    const [entry] = await trail(`&object=job/${nightly}`);
    expect(entry).toMatchObject({
      action: "job.store",
      object: `job/${nightly}`,
      caller: { id: expect.stringMatching(/^token\//), name: "a admin", role: "admin" },
      requestId: answer.headers.get("x-request-id"),
    });
    expect(Date.parse(entry?.at ?? "")).toBeGreaterThanOrEqual(Date.parse(since));
  });

  it("knows data sources, runs, tokens and members, newest first", async () => {
    const kept = fresh("kept");
    await sluice.register(kept, "stream", {});
    const run = await sluice.start({ script });
    await sluice.ended(run);
    const { body: token } = await callAs(sluice, {}, ["POST", "/v1/tokens"], { name: "t", role: "viewer" });
    await callAs(sluice, {}, ["POST", `/v1/tokens/${token.id}/revoke`]);
    await callAs(sluice, {}, ["PUT", "/v1/members/ada"], { role: "operator" });
    await callAs(sluice, {}, ["PUT", "/v1/members/ada"], { role: "viewer" });
    await callAs(sluice, {}, ["DELETE", "/v1/members/ada"]);
    const entries = await trail();
    expect(entries.slice(0, 7).map(({ action, object }) => `${action} ${object}`)).toEqual([
      "member.remove member/ada",
      "member.store member/ada",
      "member.store member/ada",
      `token.revoke token/${token.id}`,
      `token.create token/${token.id}`,
      `run.start run/${run}`,
      `dataSource.create data-source/${kept}`,
    ]);
    expect(entries[1]).toMatchObject({ before: { role: "operator" }, after: { role: "viewer" } });
    expect(entries[3]).toMatchObject({ before: { state: "active" }, after: { state: "revoked" } });
    expect(entries.map(({ at }) => at)).toEqual(
      entries
        .map(({ at }) => at)
        .sort()
        .reverse(),
    );
  });

  it("never holds a secret", async () => {
    const password = "hunter2-in-the-clear";
    const name = fresh("with_secret");
    await sluice.register(name, "mysql", { host: "db.test", database: "d", username: "u", password });
    const text = JSON.stringify(await trail());
    expect(text).toContain(name);
    expect(text).not.toContain(password);
    expect(text).not.toMatch(/slc_[\w-]{20}/);
  });

  it("is filtered by caller, action, object and time", async () => {
    const all = await trail();
    expect(await trail("&caller=root")).toEqual(all.filter(({ caller }) => caller.id === "root"));
    expect(await trail("&action=member")).toEqual(all.filter(({ action }) => action.startsWith("member.")));
    expect(await trail("&action=member.store")).toEqual(all.filter(({ action }) => action === "member.store"));
    expect(await trail("&action=mem")).toEqual([]);
    const object = all.at(-1)?.object ?? "";
    const ofObject = all.filter((entry) => entry.object === object);
    expect(await trail(`&object=${encodeURIComponent(object)}`)).toEqual(ofObject);
    expect(ofObject.length).toBeLessThan(all.length);
    const middle = all[Math.floor(all.length / 2)]?.at ?? "";
    const at = encodeURIComponent(middle);
    expect(await trail(`&from=${at}`)).toEqual(all.filter((entry) => entry.at >= middle));
    expect(await trail(`&to=${at}`)).toEqual(all.filter((entry) => entry.at < middle));
    expect((await callAs(sluice, {}, ["GET", "/v1/audit?from=yesterday"])).body).toMatchObject({ path: "from" });
  });

  it("is paged without gaps or repeats", async () => {
    const all = await trail();
    const seen: AuditRecord[] = [];
    let page: string | null = null;
    do {
      const mark: string = page === null ? "" : `&page=${encodeURIComponent(page)}`;
      const { body } = await callAs(sluice, {}, ["GET", `/v1/audit?limit=2${mark}`]);
      expect(body.items.length).toBeLessThanOrEqual(2);
      seen.push(...body.items);
      page = body.nextPage;
    } while (page !== null);
    expect(seen).toEqual(all);
  });

  it("belongs to its workspace", async () => {
    const workspace = fresh("team");
    await tokenFor(sluice, "viewer", { workspace });
    expect(await trail("", workspace)).toMatchObject([{ action: "token.create" }]);
  });
});

describe("a member", () => {
  it("is changed only as last seen, when the caller says so", async () => {
    const bob = fresh("bob");
    const change = ["PUT", `/v1/members/${bob}`] as const;
    const made = await callAs(sluice, {}, change, { role: "viewer" });
    const tag = { headers: { "if-match": made.headers.get("etag") ?? "" } };
    expect((await callAs(sluice, tag, change, { role: "operator" })).status).toBe(200);
    const late = await callAs(sluice, tag, change, { role: "admin" });
    expect(late).toMatchObject({ status: 412, body: { code: "PRECONDITION_FAILED" } });
    const { body } = await callAs(sluice, {}, ["GET", "/v1/members"]);
    expect(body.items).toContainEqual(expect.objectContaining({ subject: bob, role: "operator", version: 2 }));
  });
});
