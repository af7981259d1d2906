import { describe, expect, it } from "vitest";
import { sluiceAt } from "./sluice-at.js";

const stored = {
  ...{
    name: "nightly",
    folder: "",
    owner: "",
    description: "",
    parameters: { a: "1" },
    subscription: null,
    version: 3,
  },
  schedule: { cycle: { every: "day", at: "02:30" }, timeZone: "Asia/Shanghai", from: "2026-01-01" },
  dependencies: [{ on: "self" }],
  policies: { retries: 2 },
  script: "{}",
};
const api = { "GET /v1/jobs/nightly": { body: stored }, "PUT /v1/jobs/nightly": { body: stored } };

async function sent(...options: string[]): Promise<Record<string, unknown>> {
  const { code, err, seen } = await sluiceAt(api, ["job", "edit", "nightly", ...options]);
  expect([code, err]).toEqual([0, ""]);
  const put = seen.find(({ method }) => method === "PUT");
  return put?.body as Record<string, unknown>;
}

describe("sluice job edit", () => {
  it("keeps all that it is not told to change", async () => {
    const { schedule, dependencies, policies } = stored;
    expect(await sent("--owner", "ann")).toMatchObject({ owner: "ann", schedule, dependencies, policies });
  });

  it("puts a cron expression in place of a cycle, and leaves the dates of the schedule alone", async () => {
    const { schedule } = await sent("--cron", "0 0 3 * * *");
    expect(schedule).toEqual({ cron: "0 0 3 * * *", timeZone: "Asia/Shanghai", from: "2026-01-01" });
  });

  it("tells how often the job runs by its cycle", async () => {
    const { out } = await sluiceAt(api, ["job", "edit", "nightly", "--owner", "ann"]);
    expect(out).toContain("runs every day, at 02:30 (Asia/Shanghai)");
  });
});
