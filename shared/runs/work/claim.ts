import type { SplitRow } from "../../model/split.js";
import type { Stored } from "../../platform/documents.js";
import { isoNow, type Services } from "../../services.js";
import type { SplitSet } from "../../store/splits-store.js";

/** A claim holds this long without a heartbeat. Heartbeats come every 2 s: a pause of several is survived. */
export const LEASE_MS = 15_000;

/** Attempts in a row that may end without progress before the run fails. */
export const MAX_FAILURES = 20;

/** True when nobody works on the split and somebody may. */
export function isClaimable(split: SplitRow, at: number): boolean {
  return (split.state === "pending" || split.state === "claimed") && split.leaseUntil <= at;
}

/** What a shard finds when it looks for work. */
export type Found =
  | { readonly kind: "claimed"; readonly split: Stored<SplitRow> }
  /** Nothing now, but a split waits to be tried again at `at` (epoch ms). */
  | { readonly kind: "later"; readonly at: number }
  /** Every split is done, failed or in somebody's hands. */
  | { readonly kind: "nothing" };

/** Hands out the splits of a run to one shard. */
export interface Claims {
  next(): Promise<Found>;
}

/** Who claims. */
export interface Claimer {
  readonly shard: string;
  /** Where in the list this shard begins to look, 0 to 1: keeps shards out of each other's way. */
  readonly start: number;
  /** Whether it has a seat at this moment: nobody else claims. */
  readonly mayClaim: () => boolean;
}

/** Makes the claims of one shard. */
export function createClaims(services: Services, set: SplitSet, { shard, start, mayClaim }: Claimer): Claims {
  let list: readonly Stored<SplitRow>[] = [];
  const claimFrom = async (): Promise<Stored<SplitRow> | undefined> => {
    for (let candidate = list[0]; candidate && mayClaim(); candidate = list[0]) {
      list = list.slice(1);
      const claimed = await claim(services, candidate, shard);
      if (claimed) return claimed;
    }
    return undefined;
  };
  return {
    async next() {
      const known = await claimFrom();
      if (known) return { kind: "claimed", split: known };
      const all = await services.splits.all(set);
      const open = all.filter(({ value }) => isClaimable(value, services.now()));
      const cut = Math.floor(open.length * start);
      list = [...open.slice(cut), ...open.slice(0, cut)];
      const fresh = await claimFrom();
      if (fresh) return { kind: "claimed", split: fresh };
      if (!mayClaim()) return { kind: "nothing" };
      const waiting = all.filter(({ value }) => value.state === "pending" && !isClaimable(value, services.now()));
      if (waiting.length === 0) return { kind: "nothing" };
      return { kind: "later", at: Math.min(...waiting.map(({ value }) => value.leaseUntil)) };
    },
  };
}

async function claim(
  services: Services,
  found: Stored<SplitRow>,
  shard: string,
): Promise<Stored<SplitRow> | undefined> {
  const { key, value, version } = found;
  const claimed: SplitRow = {
    ...value,
    state: "claimed",
    owner: shard,
    attempt: value.attempt + 1,
    // Still "claimed": its holder went away without a word.
    failures: value.state === "claimed" ? value.failures + 1 : value.failures,
    uncertain: value.uncertain || value.state === "claimed",
    leaseUntil: services.now() + LEASE_MS,
    startedAt: value.startedAt ?? isoNow(services),
  };
  const won = await services.splits.replace({ key, value: claimed, version });
  return won ? { key, value: claimed, version: version + 1 } : undefined;
}

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
