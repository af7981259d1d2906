import { nextTime } from "../../jobs/publish-schedule.js";
import { UserError } from "../../model/errors.js";
import type { ScheduleMode } from "../../model/job-schedule.js";
import { isoNow, type Services } from "../../services.js";
import type { JobRef } from "../../store/job-key.js";
import type { ScheduleRecord } from "../../store/schedules-store.js";

/**
 * Pauses, freezes or resumes the schedule of a job, from now on: what was made stays as it is. What falls into a pause is
 * never made, and nobody waits for it.
 *
 * @throws UserError NOT_FOUND when nothing of the job that a schedule starts is in production
 */
export async function changeMode(services: Services, ref: JobRef, mode: ScheduleMode): Promise<ScheduleMode> {
  const now = isoNow(services);
  const next = (row: ScheduleRecord): ScheduleRecord => {
    const isResumed = row.mode === "paused" && mode !== "paused";
    const after = isResumed && now > row.after ? now : row.after;
    const nextAt = mode === "paused" ? null : nextTime(row.schedule, ref, Date.parse(after));
    return { ...row, mode, after, nextAt, owed: mode === "paused" || isResumed ? [] : row.owed };
  };
  const found = await services.schedules.find(ref);
  if (!found?.value.isPublished || !found.value.schedule)
    throw new UserError("NOT_FOUND", `job "${ref.job}" has no schedule in production`);
  // The hints first: between the two there is one too many.
  const { nextAt } = next(found.value);
  if (nextAt !== null) await services.due.note({ at: nextAt, hint: { kind: "job", ...ref } });
  await services.due.note({ at: now, hint: { kind: "wake", ...ref } });
  await services.schedules.update(ref, next);
  return mode;
}
