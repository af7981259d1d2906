import { describe, expect, it } from "vitest";
import { brokenOrders, orderColumns, ordersCsv } from "../../../../../infra/cli/demo/orders.js";

describe("the demo's orders", () => {
  it("are the same at every call, one line each under a header", () => {
    const csv = ordersCsv(5, 3, []);
    expect(ordersCsv(5, 3, [])).toBe(csv);
    const lines = csv.trimEnd().split("\n");
    expect(lines[0]).toBe(orderColumns.join(","));
    expect(lines.slice(1).map((line) => line.split(",")[0])).toEqual(["5", "6", "7"]);
  });

  it("have seven broken lines, each wrong in another way, and none beside them", () => {
    const good = ordersCsv(1, 200_000, []).split("\n");
    const spoiled = ordersCsv(1, 200_000, brokenOrders).split("\n");
    const different = good.flatMap((line, i) => (line === spoiled[i] ? [] : [i]));
    expect(different).toEqual(brokenOrders.map(({ order }) => order));
    expect(new Set(brokenOrders.map(({ what }) => what)).size).toBe(7);
  });
});
