import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSluice, type TestSluice } from "../servers/sluice.js";
import { callAs } from "./api-caller.js";

let sluice: TestSluice;
beforeAll(async () => {
  // Failures have a tenth of the rate: one a second, two at once.
  sluice = await startSluice({ environment: { SLUICE_RATE_LIMIT: "10" } });
});
afterAll(() => sluice.close());

let tries = 0;
const listing = ["GET", "/v1/jobs"] as const;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("sign-ins that fail", () => {
  it("are not what callers without the right role do", async () => {
    const { body } = await callAs(sluice, {}, ["POST", "/v1/tokens"], { name: "low", role: "viewer" });
    for (let i = 0; i < 4; i++)
      expect((await callAs(sluice, { token: body.token }, ["GET", "/v1/audit"])).status).toBe(403);
  });

  it("are limited for the address they come from, which is heard again after a while", async () => {
    expect((await callAs(sluice, {}, listing)).status).toBe(200);
    // An earlier try has used up what is allowed at once.
    await pause(tries++ * 2000);
    const since = Date.now();
    const guesses: number[] = [];
    const refusal = async () => {
      for (const token of ["slc_guess", null, "slc_other", "slc_last"])
        guesses.push((await callAs(sluice, { token }, listing)).status);
      return callAs(sluice, {}, listing);
    };
    let refused = await refusal();
    // Where guessing takes seconds, it is allowed again meanwhile.
    for (let i = 0; i < 10 && refused.status !== 429; i++) refused = await refusal();
    expect(refused).toMatchObject({ status: 429, body: { code: "RATE_LIMITED", recovery: "retry" } });
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(guesses.slice(0, 2)).toEqual([401, 401]);
    const heard = guesses.filter((status) => status === 401).length;
    expect(heard).toBeLessThanOrEqual(2 + Math.floor((Date.now() - since) / 1000));
    expect(guesses.filter((status) => status === 429)).toHaveLength(guesses.length - heard);
    await pause(1100);
    expect((await callAs(sluice, {}, listing)).status).toBe(200);
  });
});
