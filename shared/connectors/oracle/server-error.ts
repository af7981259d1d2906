import { type ErrorCode, InternalError, SluiceError, TransientError, UserError } from "../../model/errors.js";
import { isNetworkError } from "../network/probe.js";
import type { SqlErrors } from "../sql/system.js";

/** What the server tells in an error. */
export interface OracleServerError {
  /** The number behind `ORA-`. */
  readonly number: number;
  readonly message: string;
}

/** The first `ORA-` of what went wrong; what stands behind says where in PL/SQL it was. Null for errors of the driver. */
export function oracleServerErrorOf(error: unknown): OracleServerError | null {
  if (!(error instanceof Error) || error instanceof SluiceError) return null;
  const words = /^(?:Error: )?ORA-(\d{1,5}): ?([\s\S]*)$/.exec(error.message.trim());
  if (!words) return null;
  // Where the driver's help is, stands on a line of its own.
  const message = (words[2] ?? "").split("\nHelp: ")[0]?.trim() ?? "";
  return { number: Number(words[1]), message: `ORA-${String(Number(words[1])).padStart(5, "0")}: ${message}` };
}

/** Numbers that RAISE_APPLICATION_ERROR gives: a trigger or a procedure has its own reasons. */
export function isRaised({ number }: OracleServerError): boolean {
  return number >= 20_000 && number <= 20_999;
}

type Kind = { readonly code: ErrorCode; readonly retry: boolean };

const denied: Kind = { code: "ACCESS_DENIED", retry: false };
const missing: Kind = { code: "SOURCE_OBJECT_MISSING", retry: false };
const busy: Kind = { code: "SOURCE_BUSY", retry: true };
const gone: Kind = { code: "SOURCE_UNREACHABLE", retry: true };

/** Oracle, "Database Error Messages". */
const kinds = new Map<number, Kind>([
  ...[1005, 1017, 1031, 1045, 28_000, 28_001].map((number) => [number, denied] as const),
  ...[904, 942, 4043, 12_505, 12_514].map((number) => [number, missing] as const),
  ...[
    18, 20, 54, 60, 257, 1013, 1033, 1034, 1089, 1555, 4020, 4021, 8177, 12_516, 12_519, 12_520, 12_526, 12_528, 30_006,
  ].map((number) => [number, busy] as const),
  ...[28, 31, 1012, 1092, 2396, 3113, 3114, 3135, 12_152, 12_537, 12_541, 12_547, 12_570, 12_571].map(
    (number) => [number, gone] as const,
  ),
]);

/** The driver's words for a connection that is gone, or that never came about: NJS-500 to 503, 511 and their like. */
const lost = /^NJS-(?:003|040|500|501|502|503|510|511|521)\b|^DPI-1010\b/;
/** The listener knows no such service or SID. */
const unknownService = /^NJS-51[78]\b/;

/** Maps a driver's error to ours, once for the whole connector; `doing` says what was tried, such as `reading SHOP.ORDERS`. */
export function oracleFailure(cause: unknown, doing: string): SluiceError {
  if (cause instanceof SluiceError) return cause;
  const found = oracleServerErrorOf(cause);
  const words = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
  if (!found) return driverFailure(cause, `${doing}: ${words}`);
  const kind = kinds.get(found.number);
  const message = `${doing}: ${found.message}`;
  const details = { cause, withoutData: withoutData(found, doing) };
  if (kind?.retry) return new TransientError(kind.code, message, details);
  return new UserError(kind?.code ?? "SOURCE_REFUSED", message, details);
}

function driverFailure(cause: unknown, message: string): SluiceError {
  const words = cause instanceof Error ? cause.message : "";
  if (isNetworkError(cause) || lost.test(words)) return new TransientError("SOURCE_UNREACHABLE", message, { cause });
  if (unknownService.test(words)) return new UserError("SOURCE_OBJECT_MISSING", message, { cause });
  if (/^NJS-/.test(words)) return new UserError("SOURCE_REFUSED", message, { cause });
  return new InternalError("INTERNAL", message, { cause });
}

/** Texts of these hold names and words of the statement, never a value that the server has read or computed. */
function isOfNames({ number }: OracleServerError): boolean {
  return kinds.has(number) || isSyntax(number);
}

function withoutData(found: OracleServerError, doing: string): string | undefined {
  if (isOfNames(found)) return undefined;
  return `${doing}: the server refuses it (ORA-${String(found.number).padStart(5, "0")}); its own words may quote records, which are not yours to read`;
}

/** The statement is not written as SQL is: ORA-00900 to 00999 without those of names that are missing or known twice, and some later ones. */
function isSyntax(number: number): boolean {
  const isParsing = number >= 900 && number <= 999 && ![904, 918, 942, 955, 957].includes(number);
  return isParsing || [1756, 1740, 32_034, 30_625].includes(number);
}

/** Locks, limits and other people's work: they say nothing about the statement. */
const noAnswers: readonly number[] = [54, 60, 1013, 1555, 4020, 4021, 8177, 30_006];

/** Errors of Oracle for the flow of SQL systems. */
export const oracleErrors: SqlErrors = {
  toSluiceError: oracleFailure,
  said(error) {
    const found = oracleServerErrorOf(error);
    return (
      found && {
        message: found.message,
        isSyntax: isSyntax(found.number),
        isNoAnswer: noAnswers.includes(found.number),
        withoutData: (doing) => withoutData(found, doing),
      }
    );
  },
};
