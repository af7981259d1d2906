import { monthsLater } from "./date-expression.js";

const DAY_MS = 86_400_000;

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

/**
 * Computes the built-in values of a run.
 *
 * @param plannedMs  the planned time as its clock shows it, as if it were UTC, epoch ms
 */
export function builtInValues(plannedMs: number): BuiltInValues {
  const cyctime = digits(plannedMs);
  const gmtdate = cyctime.slice(0, 8);
  const business = plannedMs - DAY_MS;
  const bizdate = digits(business).slice(0, 8);
  const month = bizdate.slice(0, 6);
  const isPlannedMonth = month === gmtdate.slice(0, 6);
  return {
    bizdate,
    cyctime,
    gmtdate,
    bizmonth: isPlannedMonth ? digits(monthsLater(business, -1)).slice(0, 6) : month,
  };
}

function digits(ms: number): string {
  return new Date(ms).toISOString().replace(/\D/g, "").slice(0, 14);
}
