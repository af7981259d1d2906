import { describe, expect, it } from "vitest";
import { timeText } from "../../../../shared/calendar/timetable.js";
import { awaitedBy } from "../../../../shared/dependencies/awaited.js";
import { edgesAmong } from "../../../../shared/dependencies/chosen-edges.js";
import type { Cycle } from "../../../../shared/model/cycle.js";
import { awaited, before, itself, jobNodes, type NodeOptions, on } from "./job-nodes.js";

const hourly: Cycle = { every: "hour" };
const day = (at: string): Cycle => ({ every: "day", at });
const monday: Cycle = { every: "week", days: ["MON"], at: "03:00" };
const quarters: Cycle = { every: "minute", step: 15 };
const hours = (date: string, from = 0, to = 23) =>
  Array.from({ length: to - from + 1 }, (_, i) => `A ${date}T${timeText((from + i) * 60)}`);

type Jobs = Readonly<Record<string, NodeOptions>>;
const pair = (a: Partial<NodeOptions> & { cycle: Cycle }, cycle: Cycle, edge = on("A")): Jobs => ({
  A: a,
  B: { cycle, edges: [edge] },
});

/** By number of the reference: jobs, then what a label of B waits for. 28 November 2026 is a Saturday. */
const vectors: readonly (readonly [string, Jobs, Readonly<Record<string, readonly string[]>>])[] = [
  [
    "D1",
    pair({ cycle: { every: "hour", from: "00:59" } }, { every: "hour", from: "00:10" }),
    { "28T03:10": ["A 28T03:59"] },
  ],
  [
    "D2",
    pair({ cycle: hourly }, { every: "hour", step: 2 }),
    { "28T04:00": hours("28", 3, 4), "28T00:00": hours("28", 0, 0) },
  ],
  [
    "D3",
    pair({ cycle: { every: "hour", step: 2 } }, hourly),
    { "28T05:00": hours("28", 4, 4), "28T04:00": hours("28", 4, 4) },
  ],
  [
    "D4",
    pair({ cycle: { every: "hour", from: "08:00", to: "20:00" } }, hourly),
    { "28T03:00": hours("28", 8, 8), "28T10:00": hours("28", 10, 10), "28T23:00": hours("28", 20, 20) },
  ],
  ["D5", pair({ cycle: quarters }, hourly), { "28T10:00": ["A 28T09:15", "A 28T09:30", "A 28T09:45", "A 28T10:00"] }],
  ["D6", pair({ cycle: hourly }, quarters), { "28T10:30": ["A 28T10:00"] }],
  ["D7", pair({ cycle: hourly }, day("05:00")), { "28T05:00": hours("28") }],
  ["D8", pair({ cycle: hourly, edges: [itself] }, day("05:00")), { "28T05:00": ["A 28T05:00"] }],
  ["D8 at 04:59", pair({ cycle: hourly, edges: [itself] }, day("04:59")), { "28T04:59": ["A 28T04:00"] }],
  ["D9", pair({ cycle: day("02:00") }, hourly), { "28T00:00": ["A 28T02:00"], "28T23:00": ["A 28T02:00"] }],
  [
    "D10",
    {
      C: { cycle: day("01:00") },
      A: { cycle: monday, edges: [on("C")] },
      B: { cycle: day("04:00"), edges: [on("A")] },
    },
    { "28T04:00": ["C 28T01:00"], "30T04:00": ["A 30T03:00"] },
  ],
  ["D11", pair({ cycle: day("02:00") }, monday), { "30T03:00": ["A 30T02:00"] }],
  [
    "D11 with a window",
    pair({ cycle: day("02:00") }, monday, { on: "job", job: "A", window: { from: "-7d", to: "0" } }),
    { "30T03:00": ["24", "25", "26", "27", "28", "29", "30"].map((date) => `A ${date}T02:00`) },
  ],
  ["D12", pair({ cycle: hourly }, hourly, before("A")), { "28T02:00": ["A 28T01:00"], "28T00:00": ["A 27T23:00"] }],
  ["D13", pair({ cycle: hourly }, day("05:00"), before("A")), { "28T05:00": hours("27") }],
  [
    "D13 on itself",
    pair({ cycle: hourly, edges: [itself] }, day("05:00"), before("A")),
    { "28T05:00": ["A 27T23:00"] },
  ],
  [
    "D14",
    { B: { cycle: hourly, edges: [itself], madeUpTo: "2026-11-28T08:30" } },
    { "28T09:00": [], "28T10:00": ["B 28T09:00"] },
  ],
  [
    "D15",
    pair({ cycle: hourly, madeUpTo: "2026-11-28T12:30" }, day("05:00")),
    { "29T05:00": hours("29"), "28T05:00": hours("28", 13) },
  ],
  [
    "D18",
    pair(
      {
        cycle: day("02:00"),
        made: hours("28", 0, 11).map((one) => one.replace("A ", "2026-11-")),
        madeUpTo: "2026-11-28T11:00",
      },
      day("05:00"),
    ),
    { "28T05:00": hours("28", 0, 11), "29T05:00": ["A 29T02:00"] },
  ],
];

describe("an instance waits for", () => {
  it.each([...vectors])("%s: what the matrix says", (_id, jobs, labels) => {
    for (const [label, expected] of Object.entries(labels))
      expect(awaited(jobs, "B", `2026-11-${label}`), label).toEqual(expected);
  });

  it("D16: chosen jobs only, in a backfill, and through those that are left out", () => {
    const edges: Record<string, ReturnType<typeof on>[]> = { B: [on("A"), on("X")], X: [on("A"), on("Y")] };
    const edgesOf = (job: string) => edges[job] ?? [];
    const jobs = new Set(["A", "B"]);
    expect(edgesAmong({ jobs, excluded: new Set(), edgesOf }, "B")).toEqual([on("A")]);
    edges.B = [on("X"), itself];
    expect(edgesAmong({ jobs, excluded: new Set(["X"]), edgesOf }, "B")).toEqual([on("A"), itself]);
  });

  it("its children's cycle before", () => {
    const jobs: Jobs = {
      A: { cycle: day("02:00"), edges: [{ on: "children" }], dependants: ["B", "gone"] },
      B: { cycle: day("03:00"), edges: [on("A")] },
    };
    expect(awaited(jobs, "A", "2026-11-28T02:00")).toEqual(["B 27T03:00"]);
  });

  it("each once, and nothing of jobs that are gone or before their first label", () => {
    const jobs: Jobs = {
      A: { cycle: day("02:00") },
      B: { cycle: day("03:00"), edges: [on("A"), on("A"), on("gone")] },
    };
    expect(awaited(jobs, "B", "2026-11-28T03:00")).toEqual(["A 28T02:00"]);
    const later: Jobs = { ...jobs, A: { cycle: day("02:00"), madeUpTo: "2026-11-28T12:00" } };
    expect(awaited(later, "B", "2026-11-28T03:00")).toEqual([]);
  });

  it("labels on hours that come twice as the clock shows them", () => {
    const jobs = pair({ cycle: hourly, clock: "elapsed" }, hourly);
    expect(awaited(jobs, "B", "2026-10-25T02:00")).toEqual(["A 2026-10-25T02:00", "A 2026-10-25T02b:00"]);
    expect(awaited(jobs, "B", "2026-10-25T03:00")).toEqual(["A 2026-10-25T03:00"]);
    // In spring the clock skips it.
    expect(awaited(jobs, "B", "2026-03-29T02:00")).toEqual([]);
  });

  it("labels in step after an edit that leaves as many", () => {
    const made = hours("28", 0, 11).map((one) => `2026-11-${one.slice(2, 5)}${one.slice(5, 8)}59`);
    const edited = { cycle: { every: "hour", from: "00:30" }, made, madeUpTo: "2026-11-28T11:59" } as const;
    const jobs = pair(edited, { every: "hour", from: "00:10" });
    expect(awaited(jobs, "B", "2026-11-28T03:10")).toEqual(["A 28T03:59"]);
    expect(awaited(jobs, "B", "2026-11-28T13:10")).toEqual(["A 28T13:30"]);
  });

  it("something in each pair of cycles, of one day or the day before, whatever the pair", () => {
    const cycles: readonly Cycle[] = [
      quarters,
      hourly,
      day("02:00"),
      monday,
      { every: "month", days: [30], at: "02:00" },
      { every: "year", months: [11], days: [30], at: "02:00" },
    ];
    for (const down of cycles)
      for (const up of cycles)
        for (const edge of [on("A"), before("A")]) {
          const nodes = jobNodes(pair({ cycle: up }, down, edge));
          const node = nodes.get("B");
          const label = node?.occurrences.on("2026-11-30").at(-1)?.label ?? "";
          const found = node ? awaitedBy(node, label, (name) => nodes.get(name)) : [];
          const isRare = !["minute", "hour", "day"].includes(up.every);
          // Rare jobs have none the day before, and are seen through.
          if (!isRare || edge === on("A")) expect(found.length, `${down.every} on ${up.every}`).toBeGreaterThan(0);
          for (const one of found) expect(one.label >= "2026-11-29" && one.label < "2026-12-01").toBe(true);
        }
  });
});
