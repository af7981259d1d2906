import { type ErrorCode, InternalError, SluiceError, TransientError, UserError } from "../../model/errors.js";
import { own } from "../../model/own.js";
import { pluginFault } from "../network/mysql-login.js";
import type { ServerSaid } from "../sql/system.js";
import { quotesNoData } from "./server-words.js";

/** What the driver tells about an error, as far as it told. */
export interface MysqlServerError {
  /** The server's error number, or null for errors of the network or the driver. */
  readonly errno: number | null;
  /** Symbolic code such as `ER_DUP_ENTRY` or `ECONNREFUSED`. */
  readonly code: string;
  readonly message: string;
  /** Five characters; empty for errors of the network or the driver. */
  readonly sqlState: string;
}

type Kind = { readonly code: ErrorCode; readonly retry: boolean };

const denied: Kind = { code: "ACCESS_DENIED", retry: false };
const missing: Kind = { code: "SOURCE_OBJECT_MISSING", retry: false };
const busy: Kind = { code: "SOURCE_BUSY", retry: true };
const gone: Kind = { code: "SOURCE_UNREACHABLE", retry: true };

/** Error numbers of MySQL and MariaDB (server error reference of both manuals). */
const byNumber: Readonly<Record<number, Kind>> = {
  ...{ 1044: denied, 1045: denied, 1142: denied, 1143: denied, 1227: denied, 1370: denied, 1698: denied, 3118: denied },
  ...{ 1049: missing, 1051: missing, 1054: missing, 1146: missing, 1109: missing },
  ...{ 1040: busy, 1041: busy, 1203: busy, 1205: busy, 1206: busy, 1213: busy, 1226: busy, 1020: busy },
  ...{ 1053: gone, 1152: gone, 1158: gone, 1159: gone, 1160: gone, 1161: gone, 1184: gone },
  ...{ 1317: gone, 1927: gone, 1969: busy, 3024: busy, 2006: gone, 2013: gone },
  ...{ 3032: gone, 3168: gone, 3169: gone, 4031: gone, 3101: busy, 1820: denied, 1862: denied },
};

const byCode: Readonly<Record<string, Kind>> = {
  ECONNREFUSED: gone,
  ECONNRESET: gone,
  ETIMEDOUT: gone,
  EHOSTUNREACH: gone,
  ENETUNREACH: gone,
  EPIPE: gone,
  EAI_AGAIN: gone,
  PROTOCOL_CONNECTION_LOST: gone,
  ENOTFOUND: { code: "SOURCE_UNREACHABLE", retry: false },
  HANDSHAKE_SSL_ERROR: { code: "SOURCE_REFUSED", retry: false },
  HANDSHAKE_NO_SSL_SUPPORT: { code: "SOURCE_REFUSED", retry: false },
};

/**
 * A trigger or a procedure has raised it by SIGNAL under an SQLSTATE that people choose: 45 is meant for them, and classes from 5 and
 * from I on are nobody's by the standard; of those the servers use 70100 (an ended query), S and XA. Its number may be any.
 */
export function isSignalled({ sqlState }: MysqlServerError): boolean {
  return /^(?:45|[5-9I-Z])/.test(sqlState) && !/^(?:70100|S|XA)/.test(sqlState);
}

/** Reads a driver's error object; null when it is none. */
export function mysqlServerErrorOf(error: unknown): MysqlServerError | null {
  if (!(error instanceof Error)) return null;
  // The driver's errors carry these beside the message; nothing else tells them from ours.
  const { errno, code, sqlMessage, sqlState } = error as Error & ReportedByDriver;
  const number = typeof errno === "number" && errno > 0 ? errno : null;
  if (number === null && typeof code !== "string") return null;
  return {
    errno: number,
    code: typeof code === "string" ? code : `ERROR_${number}`,
    message: typeof sqlMessage === "string" ? sqlMessage : error.message,
    sqlState: typeof sqlState === "string" ? sqlState : "",
  };
}

interface ReportedByDriver {
  readonly errno?: unknown;
  readonly code?: unknown;
  readonly sqlMessage?: unknown;
  readonly sqlState?: unknown;
}

/** Maps a driver's error to ours, once for the whole connector; `doing` says what was tried, such as `reading shop.orders`. */
export function mysqlFailure(cause: unknown, doing: string): SluiceError {
  if (cause instanceof SluiceError) return cause;
  const found = mysqlServerErrorOf(cause);
  if (!found) {
    // The driver reports use of a connection that was closed under it with a plain error.
    const message = cause instanceof Error ? cause.message : String(cause);
    if (/closed state|connection lost/i.test(message)) {
      return new TransientError("SOURCE_UNREACHABLE", `${doing}: the connection was lost`, { cause });
    }
    return new InternalError("INTERNAL", `${doing}: ${message}`, { cause });
  }
  if (found.code === "AUTH_SWITCH_PLUGIN_ERROR") return pluginFault(doing, found.message, cause);
  const kind = isSignalled(found) ? undefined : (byNumber[found.errno ?? 0] ?? own(byCode, found.code));
  const message = `${doing}: ${found.message} (${found.errno ?? found.code})`;
  const options = { cause, withoutData: withoutData(found, doing) };
  if (kind?.retry) return new TransientError(kind.code, message, options);
  if (kind || found.errno !== null) return new UserError(kind?.code ?? "SOURCE_REFUSED", message, options);
  return new InternalError("INTERNAL", message, { cause });
}

const syntaxError = 1064;

/** Not every statement can be prepared, and not every server prepares; and who cannot lock a table now may do so later. */
const noAnswers: readonly number[] = [1295, 1235, 1047, 1205, 1213, 1461];

/** What the server itself said; null for errors of the network and the driver. */
export function saidBy(error: unknown): ServerSaid | null {
  const found = mysqlServerErrorOf(error);
  if (!found || found.errno === null) return null;
  return {
    message: found.message,
    isSyntax: found.errno === syntaxError,
    isNoAnswer: noAnswers.includes(found.errno),
    withoutData: (doing) => withoutData(found, doing),
  };
}

/** What is told to who may not read records; undefined when the server's own words quote none. */
function withoutData(found: MysqlServerError, doing: string): string | undefined {
  if (found.errno === null || (!isSignalled(found) && quotesNoData(found.errno))) return undefined;
  return `${doing}: the server refuses it (${found.errno} ${found.code}); its own words may quote records, which are not yours to read`;
}
