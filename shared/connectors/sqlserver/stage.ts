import { quoteSqlserverName as quote } from "./sql-text.js";
import type { SqlserverTarget, SqlserverWrittenTable } from "./target-column.js";
import { comparedSql, convertedSql, zoneVariable } from "./write-sql.js";

/** The table of a session that rows are loaded into before they become what the target holds. */
export const stageTable = "#sluice_stage";

/** Makes the stage, or empties it: text as it came, bytes as they are. */
export function makeStageSql({ columns }: Pick<SqlserverWrittenTable, "columns">): string {
  const list = columns.map(({ takesBytes }, at) => `c${at} ${takesBytes ? "varbinary" : "nvarchar"}(max) NULL`);
  return `IF OBJECT_ID(N'tempdb..${stageTable}') IS NOT NULL TRUNCATE TABLE ${stageTable}
    ELSE CREATE TABLE ${stageTable} (sluice_row int NOT NULL, ${list.join(", ")})`;
}

/** The offset of dates without one. */
export function zoneSql(zone: string): string {
  return `DECLARE ${zoneVariable} varchar(6) = '${/^[+-]\d\d:\d\d$/.test(zone) ? zone : "+00:00"}'; `;
}

/** What is wrong with a staged row: a null where there may be none, or a value that the column cannot hold. */
export interface StagedFault {
  readonly row: number;
  /** Position of the column. */
  readonly at: number;
  readonly isNull: boolean;
}

/**
 * Finds the rows that the target cannot take, by set: `TRY_CONVERT` says what a conversion, which would end the whole transaction,
 * would refuse. The first line is how many rows there are, at row -1.
 */
export function faultsSql({ columns }: Pick<SqlserverWrittenTable, "columns">): string {
  const cases = columns.flatMap((column, at) => faultCases(column, at));
  const count = `SELECT -1 AS sluice_row, COUNT(*) AS fault FROM ${stageTable}`;
  if (cases.length === 0) return count;
  return `${count} UNION ALL SELECT sluice_row, fault FROM (SELECT sluice_row, CASE ${cases.join(" ")} END AS fault
    FROM ${stageTable}) AS looked WHERE fault IS NOT NULL`;
}

function faultCases(column: SqlserverTarget, at: number): string[] {
  const { isNullable, dataType, codePage, collation, takesBytes } = column;
  const cases = isNullable ? [] : [`WHEN c${at} IS NULL THEN ${2 * at + 1}`];
  const converted = convertedSql(column, `c${at}`, "TRY_CONVERT");
  if (converted !== `c${at}`) return [...cases, `WHEN c${at} IS NOT NULL AND ${converted} IS NULL THEN ${2 * at}`];
  if (takesBytes || codePage === null || !/char$|text$/.test(dataType)) return cases;
  const there = `CONVERT(nvarchar(max), CONVERT(varchar(max), c${at} COLLATE ${collation}))`;
  return [
    ...cases,
    `WHEN c${at} COLLATE Latin1_General_100_BIN2 <> ${there} COLLATE Latin1_General_100_BIN2 THEN ${2 * at}`,
  ];
}

/** Reads what {@link faultsSql} answers. */
export function stagedFaults(rows: readonly (readonly (string | null)[])[]): { count: number; faults: StagedFault[] } {
  const faults: StagedFault[] = [];
  let count = 0;
  for (const [row, fault] of rows) {
    const code = Number(fault);
    if (row === "-1") count = code;
    else faults.push({ row: Number(row), at: code >> 1, isNull: code % 2 === 1 });
  }
  return { count, faults: faults.sort((a, b) => a.row - b.row) };
}

/** Takes rows off the stage. */
export function unstageSql(rows: readonly number[]): string {
  return `DELETE FROM ${stageTable} WHERE sluice_row IN (${rows.join(", ")})`;
}

/** Staged rows whose key stands in the target, or in an earlier staged row: those over which a load was refused. */
export function duplicatesSql(table: SqlserverWrittenTable): string {
  const selects = table.keys.flatMap(({ positions }) => {
    const of = (prefix: string) => positions.map((at) => keySqlOf(table.columns[at], `${prefix}c${at}`));
    const on = positions.map((at, i) => `t.${quote(table.columns[at]?.name ?? "")} = ${of("s.")[i]}`).join(" AND ");
    const place = `ROW_NUMBER() OVER (PARTITION BY ${of("").join(", ")} ORDER BY sluice_row)`;
    return [
      `SELECT s.sluice_row FROM ${stageTable} AS s WHERE EXISTS (SELECT 1 FROM ${table.sqlName} AS t WHERE ${on})`,
      `SELECT sluice_row FROM (SELECT sluice_row, ${place} AS sluice_place FROM ${stageTable}) AS p WHERE sluice_place > 1`,
    ];
  });
  return selects.join(" UNION ");
}

function keySqlOf(column: SqlserverTarget | undefined, from: string): string {
  return column ? comparedSql(column, convertedSql(column, from)) : from;
}
