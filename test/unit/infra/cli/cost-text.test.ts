import { describe, expect, it } from "vitest";
import { costText } from "../../../../infra/cli/cost-text.js";

const cost = { vcpuSeconds: 2400, gbSeconds: 4800.04, requests: 10, usd: 0.0624015, pricesAsOf: "2024-08-27" };

describe("a cost for people", () => {
  it("names what was used and of when the prices are", () => {
    expect(costText(cost)).toBe("about USD 0.062 (2,400 vCPU s, 4,800 GB s, 10 requests; list prices of 2024-08-27)");
  });

  it("shows small sums in digits", () => {
    const small = { ...cost, vcpuSeconds: 0.3456, gbSeconds: 0.5, requests: 1, usd: 0.00000753 };
    expect(costText(small)).toBe("about USD 0.0000075 (0.35 vCPU s, 0.5 GB s, 1 request; list prices of 2024-08-27)");
    expect(costText({ ...cost, usd: 12.3456 })).toContain("USD 12.35 ");
  });
});
