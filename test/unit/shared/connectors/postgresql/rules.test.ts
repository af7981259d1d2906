import { expect, test } from "vitest";
import { postgresqlRuleOfPair } from "../../../../../shared/connectors/postgresql/rules.js";
import type { PostgresqlTarget } from "../../../../../shared/connectors/postgresql/target-column.js";
import type { ColumnType } from "../../../../../shared/model/batch.js";

const setting = { emptyAsNull: true, options: { timeZone: "+08:00" } };

/** What becomes of a cell in a column: itself, another text, or the reason why not. */
function into(type: ColumnType, dataType: string, cell: string | Buffer, over: Partial<PostgresqlTarget> = {}): string {
  const target = {
    ...{ name: "c", type: "string", dataType, declared: dataType, scale: null, maxLength: null, isMoment: false },
    ...{ takesBytes: dataType === "bytea", refusesEmpty: false, defaultForNull: false, refusesNull: false },
    ...{ isNullable: true, isAlwaysIdentity: false },
    ...over,
  } as PostgresqlTarget;
  const rule = postgresqlRuleOfPair({ name: "s", type }, target, setting);
  const bytes = Buffer.from(cell);
  if (!rule || bytes.length <= rule.fineBytes || rule.isFine(bytes, 0, bytes.length)) return cell.toString();
  const found = rule.convert(cell);
  return found.ok ? String(found.cell) : found.reason;
}

const scale = (digits: number) => ({ scale: digits });
const length = (most: number) => ({ maxLength: most });

test.each<[ColumnType, string, string | Buffer, string, Partial<PostgresqlTarget>?]>([
  ["long", "int2", "32767", "32767"],
  ["long", "int2", "32768", "OUT_OF_RANGE"],
  ["long", "int4", "-2147483648", "-2147483648"],
  ["long", "int4", "2147483648", "OUT_OF_RANGE"],
  ["long", "int8", "9223372036854775807", "9223372036854775807"],
  ["long", "int8", "18446744073709551615", "OUT_OF_RANGE"],
  ["long", "oid", "-1", "OUT_OF_RANGE"],
  ["double", "int4", "1.9", "1"],
  ["double", "int4", "NaN", "CONVERSION"],
  ["string", "int4", " 5", "CONVERSION"],
  ["string", "int4", "1e3", "1000"],
  ["bool", "int4", "true", "1"],
  ["date", "int8", "1970-01-01 08:00:01", "1000"],
  ["bytes", "int4", Buffer.from("1"), "CONVERSION"],
  ["double", "numeric", "1.005", "1.005"],
  ["double", "numeric", "1.005", "CONVERSION", scale(2)],
  ["double", "numeric", "1.500", "1.500", scale(2)],
  ["double", "numeric", "1e-3", "CONVERSION", scale(2)],
  ["long", "numeric", "1250", "CONVERSION", scale(-2)],
  ["long", "numeric", "1200", "1200", scale(-2)],
  ["double", "numeric", "NaN", "NaN", scale(2)],
  ["string", "numeric", "0x41", "CONVERSION"],
  ["double", "money", "0.005", "CONVERSION", scale(2)],
  ["double", "float8", "Infinity", "Infinity"],
  ["string", "float8", "abc", "CONVERSION"],
  ["long", "bool", "2", "true"],
  ["string", "bool", "TRUE", "true"],
  ["string", "bool", "yes", "CONVERSION"],
  ["double", "bool", "1", "CONVERSION"],
  ["date", "date", "2024-02-29", "2024-02-29"],
  ["date", "date", "2024-02-29 00:00:00.000", "2024-02-29"],
  ["date", "date", "2024-02-29 00:00:01", "CONVERSION"],
  ["date", "date", "0044-03-15 BC", "0044-03-15 BC"],
  ["date", "date", "5874897-12-31", "5874897-12-31"],
  ["string", "timestamp", "infinity", "infinity"],
  ["string", "timestamp", "now", "CONVERSION"],
  ["string", "timestamp", "20240102", "2024-01-02"],
  ["string", "timestamp", "1/2/03", "CONVERSION"],
  ["date", "timestamp", "2024-02-29 01:02:03.1234567", "CONVERSION", scale(6)],
  ["date", "timestamp", "2024-02-29 01:02:03.1200000", "2024-02-29 01:02:03.1200000", scale(6)],
  ["date", "timestamp", "2024-02-29 01:02:03.5", "CONVERSION", scale(0)],
  ["date", "timestamptz", "01:02:03", "CONVERSION"],
  ["date", "time", "24:00:00", "24:00:00"],
  ["date", "time", "2024-02-29", "CONVERSION"],
  ["double", "date", "20240102", "CONVERSION"],
  ["string", "varchar", "abc", "abc", length(3)],
  ["string", "varchar", "abc ", "TOO_LONG", length(3)],
  ["string", "varchar", "你好吗", "你好吗", length(3)],
  ["string", "bpchar", "abc  ", "abc  ", length(3)],
  ["string", "bpchar", "abcd", "TOO_LONG", length(3)],
  ["bytes", "text", Buffer.from([0xff]), "CONVERSION"],
  ["bytes", "jsonb", Buffer.from("{}"), "{}"],
  ["long", "text", "5", "5"],
  ["long", "bit", "5", "0101", length(4)],
  ["long", "bit", "16", "OUT_OF_RANGE", length(4)],
  ["long", "varbit", "5", "101"],
  ["bool", "bit", "true", "1", length(1)],
  ["bytes", "bit", Buffer.from([5]), "00000101", length(8)],
  ["string", "bit", "0101", "0101", length(4)],
  ["string", "interval", "1 day", "1 day"],
  ["string", "interval", "5", "CONVERSION"],
  ["long", "interval", "5", "CONVERSION"],
  ["date", "interval", "04:05:06", "04:05:06"],
  ["string", "bytea", "abc", "abc"],
  ["long", "bytea", "5", "CONVERSION"],
])("%s into %s: %s becomes %s", (type, dataType, cell, wanted, over = {}) => {
  expect(into(type, dataType, cell, over)).toBe(wanted);
});
