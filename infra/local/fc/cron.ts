import { Cron } from "croner";
import { UserError } from "../../../shared/model/errors.js";

/** When a timer rings next: epoch ms, later than `afterMs`, on a whole second; null = never again. */
export type NextTime = (afterMs: number) => number | null;

const unitsMs = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** What each of the six fields may be made of; seconds are a plain number. */
const fields = [
  ["seconds", /^\d{1,2}$/],
  ["minutes", /^[\d,*/-]+$/],
  ["hours", /^[\d,*/-]+$/],
  ["day of month", /^[\d,*?/-]+$/],
  ["month", /^[\dA-Za-z,*/-]+$/],
  ["day of week", /^[1-7A-Za-z,*?/-]+$/],
] as const;

/**
 * Reads a timer expression of FC: `@every 5m`, or six fields beginning with seconds; UTC unless `CRON_TZ=zone` precedes.
 * Intervals are counted from the epoch, so that a restart does not shift them. Weekday 1 is Monday; names are clearer.
 *
 * @throws UserError CONFIG_INVALID with what is wrong
 */
export function readTimer(expression: string): NextTime {
  const text = expression.trim();
  return text.startsWith("@every") ? readInterval(text) : readFields(text);
}

function readInterval(text: string): NextTime {
  const [, amounts] = /^@every\s+((?:\d+[smh])+)$/.exec(text) ?? [];
  if (amounts === undefined) throw invalid(text, "expected @every with an amount such as 30s, 1m or 1h30m");
  let intervalMs = 0;
  for (const [, count, unit] of amounts.matchAll(/(\d+)([smh])/g)) {
    intervalMs += Number(count) * unitsMs[unit === "s" || unit === "m" ? unit : "h"];
  }
  if (intervalMs === 0) throw invalid(text, "the interval is zero");
  return (afterMs) => (Math.floor(afterMs / intervalMs) + 1) * intervalMs;
}

function readFields(text: string): NextTime {
  const [, zone = "UTC", pattern = ""] = /^(?:CRON_TZ=(\S+)\s+)?(.*)$/.exec(text) ?? [];
  const given = pattern.split(/\s+/);
  if (given.length !== fields.length)
    throw invalid(text, `expected six fields, beginning with seconds, not ${given.length}`);
  for (const [index, [name, allowed]] of fields.entries()) {
    if (!allowed.test(given[index] ?? "")) throw invalid(text, `the ${name} field is ${given[index]}`);
  }
  try {
    // FC's question mark stands for any day; the library's stands for the moment of its own start.
    const cron = new Cron(pattern.replaceAll("?", "*"), { timezone: zone, paused: true, mode: "6-part" });
    cron.nextRun(new Date(0));
    return (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() ?? null;
  } catch (cause) {
    throw invalid(text, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function invalid(expression: string, reason: string, cause?: unknown): UserError {
  return new UserError("CONFIG_INVALID", `timer expression "${expression}": ${reason}`, { cause });
}
