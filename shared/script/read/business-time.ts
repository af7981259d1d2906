const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
// Scheduling times are those of Asia/Shanghai, which has kept UTC+8 without summer time since 1991.
const OFFSET_MS = 8 * HOUR_MS;

/** The values that a script may use without assigning them. */
export interface BuiltInValues {
  /** Business date, the day before the planned one: `yyyymmdd`. */
  readonly bizdate: string;
  /** Planned time: `yyyymmddhh24miss`. */
  readonly cyctime: string;
  /** Planned date: `yyyymmdd`. */
  readonly gmtdate: string;
  /** Month of the business date, or the one before while that is still the planned month: `yyyymm`. */
  readonly bizmonth: string;
}

/** Computes the built-in values for a planned time, in Asia/Shanghai. */
export function builtInValues(planned: Date): BuiltInValues {
  const cyctime = digits(planned.getTime() + OFFSET_MS);
  const bizdate = digits(planned.getTime() + OFFSET_MS - DAY_MS).slice(0, 8);
  const gmtdate = cyctime.slice(0, 8);
  const month = bizdate.slice(0, 6);
  return { bizdate, cyctime, gmtdate, bizmonth: month === gmtdate.slice(0, 6) ? monthBefore(month) : month };
}

function digits(ms: number): string {
  return new Date(ms).toISOString().replace(/\D/g, "").slice(0, 14);
}

function monthBefore(month: string): string {
  const index = Number(month.slice(0, 4)) * 12 + Number(month.slice(4)) - 2;
  return `${Math.floor(index / 12)}${String((index % 12) + 1).padStart(2, "0")}`;
}
