import { describe, expect, it } from "vitest";
import type { JobNode } from "../../../../shared/dependencies/edges.js";
import { findCircle, oddEdge } from "../../../../shared/dependencies/job-graph.js";
import { holding } from "../../../../shared/schedule/instances/standing.js";
import { before, itself, jobNodes, on } from "./job-nodes.js";

describe("jobs that wait for each other", () => {
  it("are found with the way round", () => {
    expect(
      findCircle(
        new Map([
          ["a", [on("b")]],
          ["b", [on("c")]],
          ["c", [on("a")]],
        ]),
      ),
    ).toEqual(["a", "b", "c", "a"]);
    expect(
      findCircle(
        new Map([
          ["x", [on("a")]],
          ["a", [on("b")]],
          ["b", [on("a")]],
        ]),
      ),
    ).toEqual(["a", "b", "a"]);
    expect(findCircle(new Map([["a", [on("a")]]]))).toEqual(["a", "a"]);
  });

  it("may do so over earlier cycles, and share what they wait for", () => {
    expect(
      findCircle(
        new Map([
          ["a", [on("b"), itself]],
          ["b", [before("a")]],
        ]),
      ),
    ).toBeNull();
    expect(
      findCircle(
        new Map([
          ["a", [on("b"), on("c")]],
          ["b", [on("d")]],
          ["c", [on("d")]],
          ["d", []],
        ]),
      ),
    ).toBeNull();
  });

  it("may be many in a row, each looked at once", () => {
    const chain = new Map(Array.from({ length: 20_000 }, (_, i) => [`j${i}`, [on(`j${i + 1}`), on(`j${i + 2}`)]]));
    expect(findCircle(chain)).toBeNull();
    expect(findCircle(new Map([...chain, ["j20000", [on("j19998")]]]))).toEqual(["j19998", "j20000", "j19998"]);
  });
});

describe("an odd edge", () => {
  const zones = ["Asia/Shanghai", "Asia/Shanghai"] as const;
  const nodes = jobNodes({
    last: { cycle: { every: "month", days: ["last"], at: "02:00" } },
    first: { cycle: { every: "quarter", day: "first", at: "02:00" } },
    end: { cycle: { every: "quarter", day: "last", at: "02:00" } },
    daily: { cycle: { every: "day", at: "02:00" } },
  });
  const odd = (down: string, up: string, both: readonly [string, string] = zones) =>
    oddEdge(nodes.get(down) as JobNode, nodes.get(up) as JobNode, { from: "2026-11-28", zones: both });

  it("is one between jobs that never meet", () => {
    expect(odd("last", "first")).toEqual([
      expect.stringContaining("last and first have no day in common within two years"),
    ]);
    expect([odd("last", "end"), odd("daily", "first"), odd("first", "daily")]).toEqual([[], [], []]);
  });

  it("is one between zones", () => {
    expect(odd("daily", "daily", ["Asia/Shanghai", "Europe/Berlin"])).toEqual([
      expect.stringContaining("their planned times are compared as the clocks show them"),
    ]);
  });
});

describe("what holds an instance", () => {
  const awaited = ["01:00", "02:00", "03:00"].map((time) => ({ job: "orders_load", label: `2026-11-28T${time}` }));

  it("is named with its state, the latest first", () => {
    const states = ["failed", "succeeded", null] as const;
    const reasons = holding(awaited, ({ label }) => states[awaited.findIndex((one) => one.label === label)] ?? null);
    expect(reasons.map(({ reason }) => reason)).toEqual([
      "waits for orders_load 2026-11-28T03:00, which is not due yet",
      "waits for orders_load 2026-11-28T01:00, which failed",
    ]);
  });

  it("is not what succeeded or was skipped, and all else", () => {
    const held = (
      ["waiting", "ready", "running", "failed", "cancelled", "frozen", "succeeded", "skipped"] as const
    ).filter((state) => holding(awaited, () => state).length > 0);
    expect(held).toEqual(["waiting", "ready", "running", "failed", "cancelled", "frozen"]);
  });
});
