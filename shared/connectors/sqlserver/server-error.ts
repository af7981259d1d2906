import { RequestError } from "tedious";
import { type ErrorCode, InternalError, SluiceError, TransientError, UserError } from "../../model/errors.js";
import { own } from "../../model/own.js";
import { isNetworkError, isRefusedCertificate } from "../network/probe.js";
import type { SqlErrors } from "../sql/system.js";
import { SqlserverRefusal } from "./client.js";

/** What the server said in an error: its numbers in order, and the words of the first. */
export interface SqlserverSaid {
  readonly numbers: readonly number[];
  readonly message: string;
}

/** Reads a driver's error; null when it is none of the server's. */
export function sqlserverSaidIn(error: unknown): SqlserverSaid | null {
  if (error instanceof SqlserverRefusal)
    return error.numbers.length > 0 ? { numbers: error.numbers, message: error.message } : null;
  const all = (error instanceof AggregateError ? error.errors : [error]).filter(
    (one): one is RequestError => one instanceof RequestError && one.number !== undefined,
  );
  const [first] = all;
  return first ? { numbers: all.map(({ number = 0 }) => number), message: first.message } : null;
}

type Kind = { readonly code: ErrorCode; readonly retry: boolean };
const denied: Kind = { code: "ACCESS_DENIED", retry: false };
const missing: Kind = { code: "SOURCE_OBJECT_MISSING", retry: false };
const busy: Kind = { code: "SOURCE_BUSY", retry: true };

/** By number (SQL Server documentation, "Database Engine events and errors"; those of 5 digits are Azure's). */
const kinds: Readonly<Record<number, Kind>> = {
  ...{ 229: denied, 230: denied, 262: denied, 297: denied, 300: denied, 916: denied, 18456: denied, 18452: denied },
  ...{ 18470: denied, 18486: denied, 18487: denied, 18488: denied, 40615: denied, 40914: denied },
  ...{ 207: missing, 208: missing, 911: missing, 4060: missing, 2812: missing, 15151: missing },
  ...{ 1205: busy, 1222: busy, 3960: busy, 8645: busy, 8651: busy, 40197: busy, 40501: busy, 40613: busy },
  ...{ 10928: busy, 10929: busy, 49918: busy, 49919: busy, 49920: busy, 17809: busy },
};

/** Words that the driver has for a connection that is gone. */
const lost =
  /^(?:Connection (?:lost|closed)|Socket|Failed to connect|Failed to cancel|socket hang up)|not the (?:Final|Connecting)|in the Final state/i;
const lostCodes: readonly unknown[] = ["ESOCKET", "ECONNCLOSED", "ETIMEOUT", "EINVALIDSTATE"];

/** Maps a driver's error to ours, once for the whole connector; `doing` says what was tried, such as `reading dbo.orders`. */
export function sqlserverFailure(cause: unknown, doing: string): SluiceError {
  if (cause instanceof SluiceError) return cause;
  const inner = cause instanceof SqlserverRefusal ? cause.cause : cause;
  if (inner instanceof SluiceError) return inner;
  const said = sqlserverSaidIn(cause);
  const words = cause instanceof Error ? cause.message : String(cause);
  if (!said) {
    const { code } = (inner ?? {}) as { code?: unknown }; // the driver's and the network's errors have one
    // Both sides have said what they want of TLS: no later try would end otherwise.
    if (isRefusedCertificate(inner) || code === "EENCRYPT")
      return new UserError("SOURCE_REFUSED", `${doing}: ${words}`, { cause });
    if (isNetworkError(inner) || lostCodes.includes(code) || lost.test(words))
      return new TransientError("SOURCE_UNREACHABLE", `${doing}: ${words}`, { cause });
    return new InternalError("INTERNAL", `${doing}: ${words}`, { cause });
  }
  const kind = said.numbers.map((number) => own(kinds, String(number))).find((one) => one !== undefined);
  const message = `${doing}: ${said.message} (${said.numbers.join(", ")})`;
  const noted = { cause, withoutData: withoutData(said, doing) };
  if (kind?.retry) return new TransientError(kind.code, message, noted);
  return new UserError(kind?.code ?? "SOURCE_REFUSED", message, noted);
}

/** Errors whose texts hold names, words of the statement and settings, never a value that the server has read or computed. */
const ofNames: ReadonlySet<number> = new Set([
  ...[102, 105, 156, 170, 207, 208, 209, 213, 229, 230, 262, 297, 300, 515, 544, 547, 911, 916, 1033, 1087, 1205],
  ...[1222, 2812, 3960, 4060, 4104, 4145, 8155, 8156, 10738, 15151, 18456, 40197, 40501, 40613],
]);

function withoutData({ numbers }: SqlserverSaid, doing: string): string | undefined {
  if (numbers.every((number) => ofNames.has(number) || isUndescribed(number))) return undefined;
  return `${doing}: the server refuses it (${numbers.join(", ")}); its own words may quote records, which are not yours to read`;
}

/** The server cannot say what a statement returns without running it: procedures, temporary tables, statements made at run time. */
function isUndescribed(number: number): boolean {
  return number >= 11_500 && number <= 11_535;
}

const syntax: readonly number[] = [102, 103, 105, 156, 170, 319, 1033];
/** Locks, and numbers of identity columns, which are a matter of the session that runs the statement. */
const noAnswers: readonly number[] = [544, 1205, 1222, 3960];

/** Errors of SQL Server for the flow of SQL systems. */
export const sqlserverErrors: SqlErrors = {
  toSluiceError: sqlserverFailure,
  said(error) {
    const found = sqlserverSaidIn(error);
    if (!found) return null;
    const { numbers, message } = found;
    const others = numbers.filter((number) => !isUndescribed(number));
    return {
      message,
      isSyntax: numbers.some((number) => syntax.includes(number)),
      isNoAnswer: others.length === 0 || others.every((number) => noAnswers.includes(number)),
      withoutData: (doing) => withoutData(found, doing),
    };
  },
};
