import { describe, expect, it } from "vitest";
import type { SplitRow } from "../../../../../shared/model/split.js";
import { storeHeld } from "../../../../../shared/runs/work/claim.js";
import { plannedRun } from "../steps-in-memory.js";

const claimed: Partial<SplitRow> = { state: "claimed", owner: "shard", attempt: 2, leaseUntil: 1 };

async function heldSplit() {
  const { services } = await plannedRun("running", [claimed]);
  const [split] = await services.splits.all({ run: "r1", generation: 1 });
  if (!split) throw new Error("the split is missing");
  return { services, split };
}

describe("a word about a split that its shard holds", () => {
  it("is stored also behind one whose answer was lost", async () => {
    const { services, split } = await heldSplit();
    await services.splits.replace({ ...split, value: { ...split.value, leaseUntil: 2 } });
    const stored = await storeHeld(services, split, { ...split.value, state: "done" });
    expect(stored).toMatchObject({ value: { state: "done" }, version: split.version + 2 });
  });

  it.each<[string, Partial<SplitRow>]>([
    ["somebody else claimed", { attempt: 3, owner: "other" }],
    ["a second delivery of the same shard claimed", { attempt: 3 }],
    ["lies free again", { state: "pending" }],
  ])("is not stored for a split that %s", async (_, change) => {
    const { services, split } = await heldSplit();
    await services.splits.replace({ ...split, value: { ...split.value, ...change } });
    expect(await storeHeld(services, split, { ...split.value, state: "done" })).toBeUndefined();
    expect((await services.splits.reread(split))?.value).toMatchObject(change);
  });
});
