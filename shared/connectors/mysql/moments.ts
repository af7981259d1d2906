import type { Column } from "../../model/batch.js";
import { quoteMysqlName } from "./sql-text.js";

/** The clock of moments that are read without the session's zone. */
export const MOMENT_CLOCK = "+00:00";

/**
 * The moment in a TIMESTAMP column as a date on the clock of UTC, whatever the session's zone: exact also in an hour that comes twice,
 * where the column's own text is the same for two moments. The zero date, which has no moment, stays.
 */
export function momentSql(column: string): string {
  const name = quoteMysqlName(column);
  const seconds = `UNIX_TIMESTAMP(${name})`;
  return `IF(${seconds} = 0, CAST(${name} AS CHAR), TIMESTAMP'1970-01-01 00:00:00' + INTERVAL ${seconds} SECOND)`;
}

/** A column that is read by {@link momentSql}. */
export function momentColumn(name: string): Column {
  return { name, type: "date", nativeType: "timestamp", clock: MOMENT_CLOCK, isMoment: true };
}

/**
 * A statement of the job with its TIMESTAMPs read as moments; null when that cannot be: columns that share a name, or no plain SELECT.
 *
 * @param columns  of the statement's result
 */
export function momentQuery(sql: string, columns: readonly Column[]): string | null {
  const names = columns.map(({ name }) => name.toLowerCase());
  if (new Set(names).size < names.length || !/^\s*(?:SELECT|WITH)\b/i.test(sql)) return null;
  const list = columns.map(({ name, nativeType }) =>
    nativeType === "timestamp" ? `${momentSql(name)} AS ${quoteMysqlName(name)}` : quoteMysqlName(name),
  );
  return `SELECT ${list.join(", ")} FROM (${sql}\n) AS sluice_query`;
}
