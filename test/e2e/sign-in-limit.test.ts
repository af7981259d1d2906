import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSluice, type TestSluice } from "../servers/sluice.js";
import { callAs } from "./api-caller.js";

let sluice: TestSluice;
beforeAll(async () => {
  // Failures have a tenth of the rate: one a second, two at once.
  sluice = await startSluice({ environment: { SLUICE_RATE_LIMIT: "10" } });
});
afterAll(() => sluice.close());

const listing = ["GET", "/v1/jobs"] as const;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("sign-ins that fail", () => {
  it("are limited for the address they come from, which is heard again after a while", async () => {
    expect((await callAs(sluice, {}, listing)).status).toBe(200);
    const statuses: number[] = [];
    for (const token of ["slc_guess", null, "slc_other", "slc_last"])
      statuses.push((await callAs(sluice, { token }, listing)).status);
    expect(statuses).toEqual([401, 401, 429, 429]);
    const refused = await callAs(sluice, {}, listing);
    expect(refused).toMatchObject({ status: 429, body: { code: "RATE_LIMITED", recovery: "retry" } });
    expect(refused.headers.get("retry-after")).toBe("1");
    await pause(1100);
    expect((await callAs(sluice, {}, listing)).status).toBe(200);
  });

  it("are not what callers without the right role do", async () => {
    await pause(2000);
    const { body } = await callAs(sluice, {}, ["POST", "/v1/tokens"], { name: "low", role: "viewer" });
    for (let i = 0; i < 4; i++)
      expect((await callAs(sluice, { token: body.token }, ["GET", "/v1/audit"])).status).toBe(403);
  });
});
