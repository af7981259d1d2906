import type { SplitRow } from "../model/split.js";
import type { Stored } from "../platform/documents.js";
import type { Services } from "../services.js";

/**
 * Stores what a shard has to say about the split it holds. An earlier word that arrived although its answer was lost has
 * moved the version on: that is no reason to let go.
 *
 * @param split  as last stored, as far as this shard knows
 * @returns the split as stored now; undefined when it is somebody else's, or in nobody's hands
 */
export async function storeHeld(
  services: Pick<Services, "splits">,
  split: Stored<SplitRow>,
  value: SplitRow,
): Promise<Stored<SplitRow> | undefined> {
  const known = await replaced(services, { ...split, value });
  if (known) return known;
  const found = await services.splits.reread(split);
  return found && isSameClaim(found.value, split.value) ? replaced(services, { ...found, value }) : undefined;
}

async function replaced(
  { splits }: Pick<Services, "splits">,
  split: Stored<SplitRow>,
): Promise<Stored<SplitRow> | undefined> {
  return (await splits.replace(split)) ? { ...split, version: split.version + 1 } : undefined;
}

function isSameClaim(found: SplitRow, own: SplitRow): boolean {
  return found.state === "claimed" && found.owner === own.owner && found.attempt === own.attempt;
}
