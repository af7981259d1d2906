// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of scripts.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { someMysql } from "../e2e/source-workspaces.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

let sluice: TestSluice;
beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice.close());

describe("names of uploads", () => {
  it("end a run before anything is connected to, when they could end a text in SQL", async () => {
    await sluice.register("lake", "mysql", someMysql);
    const script = (where: string) =>
      job(
        ["stream", { column: [{ value: "a", type: "string" }], sliceRecordCount: 1 }],
        [
          "mysql",
          { datasource: "lake", table: "orders", column: ["id"], preSql: [`delete from orders where ${where}`] },
        ],
      );
    const subscription = { bucket: "sluice-dev-landing", prefix: "landing/", suffix: "" };
    const bare = await sluice.call("PUT", "/v1/jobs/loads", { script: script("id = ${oss.key}"), subscription });
    expect([bare.status, bare.body.code]).toEqual([400, "SCRIPT_INVALID"]);
    const quoted = await sluice.call("PUT", "/v1/jobs/loads", { script: script("file = '${oss.key}'"), subscription });
    expect([quoted.status, quoted.body.warnings]).toEqual([
      201,
      expect.arrayContaining([
        expect.objectContaining({
          message: expect.stringContaining("whoever uploads chooses the value of ${oss.key}"),
        }),
      ]),
    ]);
    const landing = await sluice.bucket("sluice-dev-landing");
    await landing.put("landing/x' or ''='.csv", Buffer.from("x"));
    const runs = async () => (await sluice.call("GET", "/v1/runs?job=loads")).body.items;
    await expect.poll(async () => (await runs())[0]?.state, { timeout: 60_000 }).toBe("failed");
    const [run] = await runs();
    // Had it tried to connect, it would tell that there is no such host.
    expect(run.error).toMatchObject({
      code: "SCRIPT_INVALID",
      message: expect.stringContaining("the run does not start"),
    });
  });
});
