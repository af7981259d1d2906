import type { DirtyReason } from "../../model/batch.js";
import type { RowRefusal } from "../sql/write/refusal.js";
import { isSignalled, type MysqlServerError, mysqlServerErrorOf } from "./server-error.js";

/** Error and warning numbers that are about a row rather than the statement (server error references of both manuals). */
const reasons: Readonly<Record<number, DirtyReason>> = {
  ...{
    1062: "DUPLICATE_KEY",
    1169: "DUPLICATE_KEY",
    1586: "DUPLICATE_KEY",
    1761: "DUPLICATE_KEY",
    1762: "DUPLICATE_KEY",
  },
  ...{ 1048: "NOT_NULL", 1263: "NOT_NULL", 1364: "NOT_NULL" },
  ...{ 1264: "OUT_OF_RANGE", 1690: "OUT_OF_RANGE" },
  1406: "TOO_LONG",
  ...{
    1265: "CONVERSION",
    1292: "CONVERSION",
    1366: "CONVERSION",
    1367: "CONVERSION",
    1411: "CONVERSION",
    1300: "CONVERSION",
  },
  ...{
    1416: "CONVERSION",
    1441: "CONVERSION",
    3140: "CONVERSION",
    3141: "CONVERSION",
    3156: "CONVERSION",
    4038: "CONVERSION",
  },
  // Bytes of a column that UNCOMPRESS makes: MariaDB ends the statement, MySQL warns.
  ...{ 1256: "CONVERSION", 1257: "CONVERSION", 1259: "CONVERSION" },
  ...{ 1216: "CONSTRAINT", 1452: "CONSTRAINT", 3819: "CONSTRAINT", 4025: "CONSTRAINT", 1369: "CONSTRAINT" },
  // 1118: InnoDB's pages or its log have no room for the row; 1301: a function's result would be larger than max_allowed_packet.
  ...{ 1118: "TOO_LARGE", 1153: "TOO_LARGE", 1301: "TOO_LARGE", 1526: "REFUSED", 1643: "REFUSED", 1644: "REFUSED" },
};

/** Classes of SQLSTATEs about data, constraints and views with a check, whatever the number; an ambiguous column is among them, oddly. */
const isAboutRow = ({ sqlState, errno }: MysqlServerError) => /^(?:22|23|44)/.test(sqlState) && errno !== 1052;

/** The refusal behind a driver's error; null when it is not about a row. */
export function mysqlRefusalOf(error: unknown): RowRefusal | null {
  const found = mysqlServerErrorOf(error);
  if (!found) return null;
  const { message } = found;
  if (isSignalled(found)) return { reason: "REFUSED", message };
  if (isTooBigForEngine(found)) return { reason: "TOO_LARGE", message };
  const reason = reasons[found.errno ?? 0] ?? (isAboutRow(found) ? "REFUSED" : undefined);
  return reason ? { reason, message, ...columnIn(message) } : null;
}

/** An engine's own number for a row that is too big comes inside a general error: `Got error 139 "Too big row" from storage engine`. */
function isTooBigForEngine({ errno, message }: MysqlServerError): boolean {
  return errno === 1030 && /\berror (?:139|"?Too big row)\b/.test(message);
}

/** The index of the row that a refusal names within its statement; null when it names none. People's own words are not searched for it. */
export function rowOf({ reason, message }: RowRefusal): number | null {
  return reason === "REFUSED" ? null : rowIn(message);
}

/** A warning as SHOW WARNINGS prints it. */
export interface ServerWarning {
  readonly level: string;
  readonly number: number;
  readonly message: string;
}

/** What a newer server will no longer take (`VALUES()` of MySQL 8), and what a binary log by statements may not repeat. */
const aboutStatements: readonly number[] = [1287, 1681, 1592];

/** True for what says nothing about a row's values. */
export function isAboutStatement({ level, number }: ServerWarning): boolean {
  return level === "Note" || aboutStatements.includes(number);
}

/** The index of the row that a message names within its statement; null when it names none. */
export function rowIn(message: string): number | null {
  const match = /\bat row (\d+)$/.exec(message);
  return match ? Number(match[1]) - 1 : null;
}

/** The refusal that a warning tells about. */
export function refusalOfWarning({ number, message }: ServerWarning): RowRefusal {
  return { reason: reasons[number] ?? "REFUSED", message, ...columnIn(message), isTaken: true };
}

function columnIn(message: string): { column?: string } {
  const match = /\b(?:column|field) (?:[`'][^`']*[`']\.)*[`']([^`']+)[`']/i.exec(message);
  return match?.[1] ? { column: match[1].split(".").pop() ?? match[1] } : {};
}
