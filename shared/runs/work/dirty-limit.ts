import { UserError } from "../../model/errors.js";
import type { RunRecord } from "../../model/run.js";
import type { Services } from "../../services.js";
import { splitSetOf } from "../wake.js";
import type { Heartbeat } from "./heartbeat.js";

/** Up to this limit a shard asks for the run's sum before it commits beside dirty records: that often at most, since each asks for one or more. */
const SMALL_LIMIT = 100;

type Limited = Pick<RunRecord, "errorLimit">;

/** The number of dirty records that a run may have, as far as a single split can tell; null = it cannot. */
export function dirtyLimitOf({ errorLimit }: Limited): number | null {
  // Of none at all a share is none either, whatever else is read.
  return errorLimit.record ?? (errorLimit.percentage === 0 ? 0 : null);
}

/**
 * Room for dirty records that the other splits of the run leave to one split. What the split has found by now is stored before the others are
 * looked at, so that of two that ask at the same time at least one sees the other.
 */
export function roomLeftBy(
  services: Services,
  record: RunRecord,
  { number, beat }: { readonly number: number; readonly beat: Heartbeat },
): () => Promise<number> {
  const limit = dirtyLimitOf(record);
  return async () => {
    // With none allowed the split's own say is enough.
    if (limit === null || limit === 0 || limit > SMALL_LIMIT || record.splits.total < 2) return Infinity;
    await beat.report();
    return limit - (await dirtyOfOthers(services, record, number));
  };
}

/** Why a run ends in which one split has found too many. */
export async function overLimitError(
  services: Services,
  record: RunRecord,
  split: { readonly number: number; readonly live: { readonly dirty: number } },
): Promise<UserError> {
  const all = split.live.dirty + (await dirtyOfOthers(services, record, split.number));
  const records = all === 1 ? "1 dirty record" : `${all} dirty records`;
  return new UserError("ERROR_LIMIT_EXCEEDED", `${records}; the job allows ${dirtyLimitOf(record) ?? 0}`);
}

async function dirtyOfOthers(services: Services, record: RunRecord, number: number): Promise<number> {
  const splits = await services.splits.all(splitSetOf(record));
  return splits.reduce((sum, { value }) => sum + (value.number === number ? 0 : value.live.dirty), 0);
}
