import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Run } from "../../shared/model/run.js";
import { copy, count, digest, type MysqlStage, openMysqlStage, remake } from "./mysql-copies.js";

let stage: MysqlStage;
beforeAll(async () => {
  stage = await openMysqlStage();
  await stage.source.query("CREATE TABLE rows_0 (id INT PRIMARY KEY, v INT)");
  await stage.source.query("INSERT INTO rows_0 SELECT seq, seq FROM seq_1_to_20000");
});
afterAll(() => stage.close());

/** A table of its own like `rows_0` in both databases. */
async function fresh(table: string, body = "(id INT PRIMARY KEY, v INT)"): Promise<void> {
  await stage.inBoth(table, body);
  await stage.source.query(`INSERT INTO ${table} SELECT * FROM rows_0`);
}

/** A run that has failed in the middle: one key of its target was taken. */
async function failedRun(table: string, writer: object = {}): Promise<Run> {
  await fresh(table);
  await stage.target.query(`INSERT INTO ${table} VALUES (15000, 0)`);
  const { run } = await stage.sluice.run(copy(table, { errorLimit: { record: "0" } }, {}, writer));
  expect(run).toMatchObject({ state: "failed", error: { code: "ERROR_LIMIT_EXCEEDED" } });
  return run;
}

async function resume(id: string): Promise<{ status: number; message: string }> {
  const { status, body } = await stage.sluice.call("POST", `/v1/runs/${id}/resume`);
  return { status, message: status === 202 ? "" : body.detail };
}

const clear = (table: string) => stage.target.query(`DELETE FROM ${table} WHERE id = 15000`);

describe("a run that failed", () => {
  it("goes on where it stands: finished splits are not touched, and every row arrives once", async () => {
    const before = await failedRun("goes_on");
    const { splits: then } = await stage.sluice.ended(before.id);
    await clear("goes_on");
    expect(await resume(before.id)).toEqual({ status: 202, message: "" });
    const { run, splits } = await stage.sluice.ended(before.id);
    expect(run).toMatchObject({ state: "succeeded", error: null, resumes: 1, resumableUntil: null });
    expect(run.counters).toMatchObject({ read: 20_000, written: 20_000, dirty: 0 });
    expect(await digest(stage.target, "goes_on")).toBe(await digest(stage.source, "goes_on"));
    const done = then.filter(({ state }) => state === "done");
    expect(done.length).toBeGreaterThan(0);
    for (const { number, attempt } of done) expect(splits[number]).toMatchObject({ attempt });
    expect(await count(stage.target, `sluice_ledger WHERE run = '${before.id}'`)).toBe(0);
  });

  it("can fail and be resumed again, as long as the cause is there", async () => {
    const { id } = await failedRun("again");
    await resume(id);
    const { run } = await stage.sluice.ended(id);
    expect(run).toMatchObject({ state: "failed", error: { code: "ERROR_LIMIT_EXCEEDED" }, resumes: 1 });
    await clear("again");
    await resume(id);
    expect((await stage.sluice.ended(id)).run).toMatchObject({ state: "succeeded", resumes: 2, notes: [] });
    expect(await digest(stage.target, "again")).toBe(await digest(stage.source, "again"));
  });

  it("goes on without a ledger where rows may be written again", async () => {
    await fresh("replaced");
    await stage.target.query("ALTER TABLE replaced ADD CONSTRAINT few CHECK (id <> 15000)");
    const { run } = await stage.sluice.run(copy("replaced", {}, {}, { writeMode: "replace" }));
    expect(run).toMatchObject({ state: "failed", delivery: "idempotent" });
    await stage.target.query("ALTER TABLE replaced DROP CONSTRAINT few");
    await resume(run.id);
    expect((await stage.sluice.ended(run.id)).run).toMatchObject({ state: "succeeded", counters: { written: 20_000 } });
    expect(await digest(stage.target, "replaced")).toBe(await digest(stage.source, "replaced"));
  });

  it("goes on after its publishing failed", async () => {
    await fresh("published");
    const { run } = await stage.sluice.run(copy("published", {}, {}, { postSql: ["INSERT INTO later VALUES (1)"] }));
    expect(run).toMatchObject({ state: "failed" });
    await remake(stage.target, "later", "(n INT)");
    await resume(run.id);
    expect((await stage.sluice.ended(run.id)).run).toMatchObject({ state: "succeeded" });
    expect(await count(stage.target, "later")).toBe(1);
    expect(await count(stage.target, "published")).toBe(20_000);
  });
});

describe("a run that was cancelled", () => {
  it("goes on where it stands", async () => {
    await fresh("cancelled");
    const slow = { speed: { concurrent: 2, throttle: true, record: "4000" } };
    const id = await stage.sluice.start({ script: copy("cancelled", slow) });
    await expect.poll(() => count(stage.target, "cancelled")).toBeGreaterThan(0);
    await stage.sluice.call("POST", `/v1/runs/${id}/cancel`);
    expect((await stage.sluice.ended(id)).run).toMatchObject({ state: "cancelled" });
    const held = await count(stage.target, "cancelled");
    expect(held).toBeLessThan(20_000);
    await resume(id);
    expect((await stage.sluice.ended(id)).run).toMatchObject({ state: "succeeded", counters: { written: 20_000 } });
    expect(await digest(stage.target, "cancelled")).toBe(await digest(stage.source, "cancelled"));
  });
});

describe("what can not be resumed", () => {
  it.each([
    ["the target's columns", "the columns of the target are others", "target", "MODIFY v BIGINT"],
    ["the source's columns", "the columns of the source are others", "source", "MODIFY v BIGINT"],
    ["the source's key", "the source is not read by the key of before", "source", "DROP PRIMARY KEY, ADD KEY (v)"],
  ] as const)("where %s have changed it stays failed, and says so", async (what, why, side, change) => {
    const table = `changed_${what.replaceAll(/\W/g, "_")}`;
    const { id, counters } = await failedRun(table);
    await clear(table);
    await stage[side].query(`ALTER TABLE ${table} ${change}`);
    expect((await resume(id)).status).toBe(202);
    const { run } = await stage.sluice.ended(id);
    expect(run).toMatchObject({ state: "failed", error: { code: "CONFLICT" } });
    expect(run.error?.message).toContain(`cannot be resumed: ${why}`);
    expect(await count(stage.target, table)).toBe(counters.written);
  });

  it("a run that succeeded, or is not there", async () => {
    await fresh("fine");
    const { run } = await stage.sluice.run(copy("fine"));
    expect(await resume(run.id)).toMatchObject({ status: 409, message: expect.stringContaining("it has succeeded") });
    expect(await resume("r0")).toMatchObject({ status: 404 });
  });

  it("a run of a job that was changed since", async () => {
    await fresh("stored");
    await stage.target.query("INSERT INTO stored VALUES (15000, 0)");
    const save = (script: object) => stage.sluice.call("PUT", "/v1/jobs/nightly", { script });
    await save(copy("stored"));
    const id = await stage.sluice.start({ job: "nightly" });
    expect((await stage.sluice.ended(id)).run.state).toBe("failed");
    await save(copy("stored", {}, { where: "id > 10" }));
    const { status, message } = await resume(id);
    expect([status, message]).toEqual([409, expect.stringContaining('job "nightly" was changed')]);
  });
});
