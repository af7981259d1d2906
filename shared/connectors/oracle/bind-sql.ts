import { UserError } from "../../model/errors.js";
import { own } from "../../model/own.js";
import type { RowsTarget } from "../sql/write/system.js";
import { quoteOracleName, toDateSql, toMomentSql } from "./sql-text.js";
import { type OracleTarget, oracleOwn } from "./target-column.js";
import type { OracleTypes } from "./types.js";

/** What statements are made from. */
export type OracleRowsTarget = RowsTarget<OracleTypes>;

const moment = toMomentSql;

/** How a text becomes a value of its column; the driver would make numbers of texts that are none, and has no texts for dates. */
const conversions: Readonly<Record<string, (bind: string, column: OracleTarget) => string>> = {
  number: (bind) => `TO_NUMBER(${bind})`,
  float: (bind) => `TO_NUMBER(${bind})`,
  binary_float: (bind) => `TO_BINARY_FLOAT(${bind})`,
  binary_double: (bind) => `TO_BINARY_DOUBLE(${bind})`,
  date: toDateSql,
  ...{ timestamp: moment, "timestamp with time zone": moment, "timestamp with local time zone": moment },
  "interval year to month": (bind) => `TO_YMINTERVAL(${bind})`,
  "interval day to second": (bind) => `TO_DSINTERVAL(${bind})`,
  ...{ rowid: (bind) => `CHARTOROWID(${bind})`, xmltype: (bind) => `XMLTYPE(${bind})` },
  // Compared with a text of another length, a blank-padded one would be another.
  char: (bind, { declared }) => `CAST(${bind} AS ${declared})`,
  nchar: (bind, { declared }) => `CAST(${bind} AS ${declared})`,
};

/** Columns whose values may be longer than any text within SQL. */
export function isLargeColumn({ dataType }: Pick<OracleTarget, "dataType">): boolean {
  return /lob$|^long|^xmltype$|^json$/.test(dataType);
}

/** Columns in the order of their binds, without those that are left out: large ones last, as the server wants them (ORA-24816). */
export function boundColumns(columns: readonly OracleTarget[], without: ReadonlySet<number>): number[] {
  const kept = [...columns.keys()].filter((at) => !without.has(at));
  const isLarge = (at: number) => isLargeColumn(columns[at] as OracleTarget); // within the list
  return [...kept.filter((at) => !isLarge(at)), ...kept.filter(isLarge)];
}

const none: ReadonlySet<number> = new Set();

/** The statement that takes one row, in the plan's mode; `without` are columns for which their default is taken. */
export function oracleRowSql(table: OracleRowsTarget, without: ReadonlySet<number> = none): string {
  const { sqlName, columns, mode } = table;
  const places = boundColumns(columns, without);
  const value = (at: number, place: number): string => {
    const column = columns[at] as OracleTarget; // within the list
    const bind = `:SLUICE_${place + 1}`;
    return own(conversions, column.dataType)?.(bind, column) ?? bind;
  };
  if (mode === "update" || mode === "replace") return mergeSql(table, places, value);
  const names = places.map((at) => quoteOracleName(columns[at]?.name ?? "")).join(", ");
  return `INSERT INTO ${sqlName} (${names}) VALUES (${places.map(value).join(", ")})`;
}

function mergeSql(
  table: OracleRowsTarget,
  places: readonly number[],
  value: (at: number, place: number) => string,
): string {
  const { sqlName, columns, mode, updateColumns } = table;
  const name = (at: number) => quoteOracleName(columns[at]?.name ?? "");
  const key = keyPositions(table);
  const changed = new Set(mode === "replace" ? columns.map((column) => column.name) : updateColumns);
  const changes = [
    ...places
      .filter((at) => !key.includes(at) && changed.has(columns[at]?.name ?? ""))
      .map((at) => `d.${name(at)} = s.C${at}`),
    ...(mode === "replace" ? oracleOwn(table.own).others.map((other) => `d.${quoteOracleName(other)} = DEFAULT`) : []),
  ];
  const rows = places.map((at, place) => `${value(at, place)} AS C${at}`).join(", ");
  const on = key.map((at) => `d.${name(at)} = s.C${at}`).join(" AND ");
  const update = changes.length === 0 ? "" : ` WHEN MATCHED THEN UPDATE SET ${changes.join(", ")}`;
  const insert = `WHEN NOT MATCHED THEN INSERT (${places.map(name).join(", ")}) VALUES (${places.map((at) => `s.C${at}`).join(", ")})`;
  return `MERGE INTO ${sqlName} d USING (SELECT ${rows} FROM DUAL) s ON (${on})${update} ${insert}`;
}

/**
 * The key by which rows are taken for the same.
 *
 * @throws UserError CONFIG_INVALID when there is none
 */
function keyPositions({ keys, mode, sqlName }: OracleRowsTarget): readonly number[] {
  const [key] = keys;
  if (key) return key.positions;
  const message = `${sqlName} has no primary or unique key whose columns are all written, so that nobody can tell which row to ${mode}`;
  throw new UserError("CONFIG_INVALID", message, { path: "writeMode", hint: "Write the columns of the key." });
}
