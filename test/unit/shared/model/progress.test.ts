import { describe, expect, it } from "vitest";
import { batchOf, type DirtyRecord } from "../../../../shared/model/batch.js";
import { advance, noCounters, startOfSplit, sumCounters } from "../../../../shared/model/progress.js";

const dirty: DirtyRecord = { side: "reader", reason: "CONVERSION", message: "no", cells: ["x"] };
const columns = [{ name: "a", type: "string" }] as const;

describe("advance", () => {
  it("counts good, dirty and refused records and moves the checkpoint", () => {
    const batch = batchOf([["ab"], ["c"]], { columns, checkpoint: "c", dirty: [dirty] });
    expect(advance(startOfSplit, batch, 1)).toEqual({
      checkpoint: "c",
      counters: { read: 3, written: 1, dirty: 2, bytes: 3 },
    });
  });

  it("keeps what the writer staged", () => {
    const batch = batchOf([["ab"]], { columns, checkpoint: 1, dirty: [] });
    expect(advance({ ...startOfSplit, staged: { part: 1 } }, batch, 0).staged).toEqual({ part: 1 });
  });
});

describe("sumCounters", () => {
  it("adds up absolute counters", () => {
    const one = { read: 3, written: 2, dirty: 1, bytes: 10 };
    expect(sumCounters([one, noCounters, one])).toEqual({ read: 6, written: 4, dirty: 2, bytes: 20 });
    expect(sumCounters([])).toEqual(noCounters);
  });
});
