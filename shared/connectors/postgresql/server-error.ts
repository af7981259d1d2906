import { type ErrorCode, InternalError, SluiceError, TransientError, UserError } from "../../model/errors.js";
import { isNetworkError } from "../network/probe.js";
import type { SqlErrors } from "../sql/system.js";

/** What the server tells in an error (PostgreSQL manual, "Error and Notice Message Fields"). */
export interface PostgresqlServerError {
  /** SQLSTATE. */
  readonly state: string;
  readonly message: string;
  readonly detail: string;
  /** Where it happened, such as `COPY t, line 2, column id: "bad"`, in the server's language. */
  readonly where: string;
  readonly table: string;
  readonly column: string;
  /** A trigger, a function or a rule has raised it by RAISE, under an SQLSTATE that people choose. */
  readonly isRaised: boolean;
}

/** Reads a driver's error object; null when it is none of the server's. */
export function postgresqlServerErrorOf(error: unknown): PostgresqlServerError | null {
  if (!(error instanceof Error)) return null;
  // The driver's errors carry these beside the message; the severity tells them from those of the network.
  const { code, severity, detail, where, table, column, routine } = error as Error & Record<string, unknown>;
  if (typeof code !== "string" || typeof severity !== "string") return null;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return {
    ...{ state: code, message: error.message, detail: text(detail), where: text(where) },
    ...{ table: text(table), column: text(column), isRaised: routine === "exec_stmt_raise" },
  };
}

type Kind = { readonly code: ErrorCode; readonly retry: boolean };

const denied: Kind = { code: "ACCESS_DENIED", retry: false };
const missing: Kind = { code: "SOURCE_OBJECT_MISSING", retry: false };
const busy: Kind = { code: "SOURCE_BUSY", retry: true };
const gone: Kind = { code: "SOURCE_UNREACHABLE", retry: true };

/** By SQLSTATE, else by its class (PostgreSQL manual, appendix "PostgreSQL Error Codes"). */
const kinds: Readonly<Record<string, Kind>> = {
  ...{ "28": denied, "42501": denied, "3D": missing, "3F": missing, "42P01": missing, "42703": missing },
  ...{ "53": busy, "55P03": busy, "40001": busy, "40P01": busy, "57014": busy, "57P03": busy, "08": gone, "57P": gone },
};

function kindOf({ state, isRaised }: PostgresqlServerError): Kind | undefined {
  if (isRaised) return undefined;
  return kinds[state] ?? kinds[state.slice(0, 3)] ?? kinds[state.slice(0, 2)];
}

/** Words that the driver has for a connection that is gone; no code comes with them. */
const lost = /^Connection terminated|not queryable|Client was closed|closed state|write after end|timeout expired/i;

/** Maps a driver's error to ours, once for the whole connector; `doing` says what was tried, such as `reading shop.orders`. */
export function postgresqlFailure(cause: unknown, doing: string): SluiceError {
  if (cause instanceof SluiceError) return cause;
  const found = postgresqlServerErrorOf(cause);
  const words = cause instanceof Error ? cause.message : String(cause);
  if (!found) {
    if (isNetworkError(cause)) return new TransientError("SOURCE_UNREACHABLE", `${doing}: ${words}`, { cause });
    if (lost.test(words)) {
      return new TransientError("SOURCE_UNREACHABLE", `${doing}: the connection was lost`, { cause });
    }
    return new InternalError("INTERNAL", `${doing}: ${words}`, { cause });
  }
  const kind = kindOf(found);
  const message = `${doing}: ${found.message} (${found.state})`;
  const options = { cause, withoutData: withoutData(found, doing) };
  if (kind?.retry) return new TransientError(kind.code, message, options);
  return new UserError(kind?.code ?? "SOURCE_REFUSED", message, options);
}

/** Classes whose texts hold names, words of the statement and settings, never a value that the server has read or computed. */
const ofNames = /^(?:08|0A|23|25|28|3D|3F|40|42|53|54|55|57)/;

function withoutData(found: PostgresqlServerError, doing: string): string | undefined {
  if (!found.isRaised && ofNames.test(found.state)) return undefined;
  return `${doing}: the server refuses it (${found.state}); its own words may quote records, which are not yours to read`;
}

/** Locks and time limits: they say nothing about the statement. */
const noAnswers: readonly string[] = ["55P03", "40001", "40P01", "57014"];

/** Errors of PostgreSQL for the flow of SQL systems. */
export const postgresqlErrors: SqlErrors = {
  toSluiceError: postgresqlFailure,
  said(error) {
    const found = postgresqlServerErrorOf(error);
    return (
      found && {
        message: found.message,
        isSyntax: found.state === "42601",
        isNoAnswer: noAnswers.includes(found.state),
        withoutData: (doing) => withoutData(found, doing),
      }
    );
  },
};
