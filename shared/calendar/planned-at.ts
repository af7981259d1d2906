import type { JobSchedule } from "../model/job-schedule.js";
import { sideZone } from "../model/side-zone.js";
import { type Zone, zoneOf } from "../model/zones.js";
import { openSchedule } from "./due.js";
import { dueAt, readingAt } from "./due-at.js";
import { addDays } from "./label.js";
import { timeText } from "./timetable.js";

/** What is known of a run that no schedule starts. */
export interface HandRun {
  /** As they are given for this run alone. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Of the job, if it has one. */
  readonly schedule: JobSchedule | null;
  readonly workspaceZone: string;
  /** Epoch ms. */
  readonly nowMs: number;
}

/** What a run is for. */
export interface PlannedTime {
  /** ISO instant. */
  readonly plannedAt: string;
  /** As the run's clock shows it, `yyyy-MM-ddTHH:mm:ss`. */
  readonly plannedLocal: string;
}

/**
 * The planned time of a run that is started by hand or by an upload, by the clock of the job's schedule, else of its workspace.
 * Given business time decides: `cyctime` is the planned time; of `bizdate` it is the first one of the schedule on the day after, or
 * that midnight. Else it is the present.
 */
export function plannedTimeOf(run: HandRun): PlannedTime {
  const zone = knownZone(run.schedule?.timeZone ?? run.workspaceZone);
  const chosen = chosenTime(run);
  if (chosen === null)
    return { plannedAt: new Date(run.nowMs).toISOString(), plannedLocal: displayText(run.nowMs, zone) };
  const minute = dueAt(chosen.slice(0, 16), zone, "wall") ?? run.nowMs;
  return { plannedAt: new Date(minute + Number(chosen.slice(17)) * 1000).toISOString(), plannedLocal: chosen };
}

function chosenTime({ parameters, schedule }: HandRun): string | null {
  const cyctime = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(parameters.cyctime ?? "");
  if (cyctime) {
    const [, year, month, day, hour, minute, second] = cyctime;
    const reading = real(`${year}-${month}-${day}T${hour}:${minute}:${second}`);
    if (reading !== null) return reading;
  }
  const bizdate = /^(\d{4})(\d\d)(\d\d)$/.exec(parameters.bizdate ?? "");
  const business = bizdate && real(`${bizdate.slice(1).join("-")}T00:00:00`);
  if (business) {
    const [first = 0] = schedule ? openSchedule(schedule).timetable.times : [];
    return `${addDays(business.slice(0, 10), 1)}T${timeText(first)}:00`;
  }
  return null;
}

/** What the clock of a zone shows at an instant, `yyyy-MM-ddTHH:mm:ss`. */
export function readingText(instantMs: number, timeZone: string): string {
  return displayText(instantMs, knownZone(timeZone));
}

function displayText(instantMs: number, zone: Zone): string {
  return new Date(readingAt(instantMs, zone)).toISOString().slice(0, 19);
}

/** Stored zones were checked; workspaces take names that Java alone knows. */
function knownZone(timeZone: string): Zone {
  return zoneOf(sideZone(timeZone) ?? timeZone) ?? (() => 0);
}

/** The text, if there is such a day and time. */
function real(text: string): string | null {
  const ms = Date.parse(`${text}Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text) ? text : null;
}
