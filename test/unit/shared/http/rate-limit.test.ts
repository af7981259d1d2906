import { describe, expect, it } from "vitest";
import { createRateLimit, RateLimited } from "../../../../shared/http/rate-limit.js";
import { problem } from "../../../../shared/http/response.js";

describe("the rate limit", () => {
  it("takes a burst of twice the rate, then as many as flow in", () => {
    let now = 0;
    const limit = createRateLimit(() => now);
    for (let i = 0; i < 20; i++) limit.take("a", 10);
    expect(() => limit.take("a", 10)).toThrow(RateLimited);
    now += 100;
    limit.take("a", 10);
    expect(() => limit.take("a", 10)).toThrow(RateLimited);
  });

  it("counts every caller alone", () => {
    const limit = createRateLimit(() => 0);
    limit.take("a", 0.5);
    expect(() => limit.take("a", 0.5)).toThrow(RateLimited);
    limit.take("b", 0.5);
  });

  it("says when to come again", () => {
    const limit = createRateLimit(() => 0);
    limit.take("a", 0.5);
    try {
      limit.take("a", 0.5);
      expect.unreachable();
    } catch (error) {
      const answer = problem(error, "q");
      expect(answer).toMatchObject({ statusCode: 429, headers: { "retry-after": "2" } });
      expect(JSON.parse(answer.body)).toMatchObject({ code: "RATE_LIMITED", recovery: "retry" });
    }
  });

  it("refuses without counting, where only failures count", () => {
    let now = 0;
    const limit = createRateLimit(() => now);
    for (let i = 0; i < 5; i++) limit.check("a", 1);
    limit.take("a", 1);
    limit.take("a", 1);
    expect(() => limit.check("a", 1)).toThrow(RateLimited);
    now += 1000;
    limit.check("a", 1);
  });

  it("survives a clock that goes back", () => {
    let now = 1_000_000;
    const limit = createRateLimit(() => now);
    limit.take("a", 1);
    now = 0;
    limit.take("a", 1);
    expect(() => limit.take("a", 1)).toThrow(RateLimited);
  });
});
