import type { DirtyReason } from "../../model/batch.js";
import { type ErrorCode, InternalError, SluiceError, TransientError, UserError } from "../../model/errors.js";
import { isNetworkError } from "../network/probe.js";
import type { SqlErrors } from "../sql/system.js";
import type { RowRefusal } from "../sql/write/refusal.js";

/** What the server, or IBM's library, tells in an error. */
export interface Db2ServerError {
  /** Negative for errors. */
  readonly sqlcode: number;
  readonly sqlstate: string;
  readonly message: string;
}

/** Reads a driver's error; null when it is none of the server's or of IBM's library. */
export function db2ServerErrorOf(error: unknown): Db2ServerError | null {
  if (typeof error !== "object" || error === null || error instanceof SluiceError) return null;
  const { sqlcode, state, sqlstate, message } = error as Record<string, unknown>;
  const words = typeof message === "string" ? message : "";
  const number = typeof sqlcode === "number" && sqlcode !== 0 ? sqlcode : codeIn(words);
  if (number === null) return null;
  const said = sqlstate ?? state;
  return { sqlcode: number, sqlstate: typeof said === "string" ? said : "", message: wordsOf(words) };
}

/** `SQL0803N  One or more values …`. */
function codeIn(words: string): number | null {
  const found = /\bSQL(\d{3,5})N\b/.exec(words);
  return found ? -Number(found[1]) : null;
}

/** Without the names of programs in brackets, and where the message comes from. */
function wordsOf(words: string): string {
  const start = words.lastIndexOf("]") + 1;
  return words.slice(start).split("SQLSTATE=")[0]?.trim() ?? "";
}

type Kind = { readonly code: ErrorCode; readonly retry: boolean };

const denied: Kind = { code: "ACCESS_DENIED", retry: false };
const missing: Kind = { code: "SOURCE_OBJECT_MISSING", retry: false };
const busy: Kind = { code: "SOURCE_BUSY", retry: true };
const gone: Kind = { code: "SOURCE_UNREACHABLE", retry: true };

/** By sqlcode (IBM, "Db2 messages", SQL messages). */
const kinds = new Map<number, Kind>([
  ...[-551, -552, -567, -1060, -1092, -30_060, -30_082].map((code) => [code, denied] as const),
  ...[-204, -206, -1013, -30_061].map((code) => [code, missing] as const),
  ...[-904, -911, -913, -952, -1040, -1224].map((code) => [code, busy] as const),
  ...[-900, -1024, -1224, -30_080, -30_081, -99_999].map((code) => [code, gone] as const),
]);

const syntax = new Set([-7, -10, -29, -84, -104, -199, -418, -900]);
/** Locks, limits and other people's work: they say nothing about the statement. */
const noAnswers = new Set([-904, -911, -913, -952, -1224]);

/** Errors that are about a row rather than the statement. */
const reasons = new Map<number, DirtyReason>([
  [-803, "DUPLICATE_KEY"],
  [-407, "NOT_NULL"],
  ...[-404, -433, -670].map((code) => [code, "TOO_LONG"] as const),
  ...[-405, -406, -410, -413, -802].map((code) => [code, "OUT_OF_RANGE"] as const),
  ...[-180, -181, -183, -302, -304, -309, -408, -420, -461].map((code) => [code, "CONVERSION"] as const),
  ...[-530, -531, -532, -543, -545, -327].map((code) => [code, "CONSTRAINT"] as const),
  ...[-438, -723].map((code) => [code, "REFUSED"] as const),
]);

/** Maps a driver's error to ours, once for the whole connector; `doing` says what was tried, such as `reading SHOP.ORDERS`. */
export function db2Failure(cause: unknown, doing: string): SluiceError {
  if (cause instanceof SluiceError) return cause;
  const found = db2ServerErrorOf(cause);
  const words = cause instanceof Error ? cause.message : String((cause as { message?: unknown })?.message ?? cause);
  if (!found) {
    if (isNetworkError(cause)) return new TransientError("SOURCE_UNREACHABLE", `${doing}: ${words}`, { cause });
    return new InternalError("INTERNAL", `${doing}: ${words}`, { cause });
  }
  const kind = kinds.get(found.sqlcode);
  const message = `${doing}: ${found.message} (sqlcode ${found.sqlcode})`;
  const details = { cause, withoutData: withoutData(found, doing) };
  if (kind?.retry) return new TransientError(kind.code, message, details);
  return new UserError(kind?.code ?? "SOURCE_REFUSED", message, details);
}

function withoutData({ sqlcode }: Db2ServerError, doing: string): string | undefined {
  if (kinds.has(sqlcode) || syntax.has(sqlcode)) return undefined;
  return `${doing}: the server refuses it (sqlcode ${sqlcode}); its own words may quote records, which are not yours to read`;
}

/** The refusal behind a driver's error; null when it is not about a row. */
export function db2RefusalOf(error: unknown): RowRefusal | null {
  const found = db2ServerErrorOf(error);
  const reason = found && reasons.get(found.sqlcode);
  if (!found || !reason) return null;
  const column = /COLNO=\d+|"COLUMN=([^"]+)"/.exec(found.message)?.[1];
  return { reason, message: found.message, ...(column === undefined ? {} : { column }) };
}

/** Errors of DB2 for the flow of SQL systems. */
export const db2Errors: SqlErrors = {
  toSluiceError: db2Failure,
  said(error) {
    const found = db2ServerErrorOf(error);
    return (
      found && {
        message: found.message,
        isSyntax: syntax.has(found.sqlcode),
        isNoAnswer: noAnswers.has(found.sqlcode),
        withoutData: (doing) => withoutData(found, doing),
      }
    );
  },
};
