import type { JobPolicies } from "../../model/job-schedule.js";
import type { ScheduleRecord } from "../../store/schedules-store.js";
import type { CatchUpRule } from "./catch-up.js";
import { defaultCatchUp } from "./catch-up.js";
import type { RerunPolicy, Retry } from "./transition.js";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** How missed firings of a job are made up. */
export function catchUpOf({ policies, usesBusinessTime }: ScheduleRecord): CatchUpRule {
  const { policy, windowMs, most } = defaultCatchUp({ usesBusinessTime });
  const { catchUp = policy, catchUpDays } = policies;
  return { policy: catchUp, windowMs: catchUpDays === undefined ? windowMs : catchUpDays * DAY_MS, most };
}

/** How often a failure is tried again by itself. */
export function retryOf({ retries = 0, retryPauseMinutes = 3 }: JobPolicies): Retry {
  return { most: retries, pauseMs: retryPauseMinutes * MINUTE_MS };
}

/** When an instance may be run again. */
export function rerunOf({ rerun = "always" }: JobPolicies): RerunPolicy {
  return rerun;
}

/** Longest time of a run; null = no end. */
export function timeoutOf({ timeoutMinutes }: JobPolicies): number | null {
  return timeoutMinutes === undefined ? null : timeoutMinutes * MINUTE_MS;
}
