import type { DirtyReason } from "../../model/batch.js";
import { type PostgresqlServerError, postgresqlServerErrorOf } from "./server-error.js";

/** Why the server did not take a row. */
export interface PostgresqlRefusal {
  readonly reason: DirtyReason;
  readonly message: string;
  readonly column?: string;
}

/** By SQLSTATE, else by its class: errors that are about a row rather than the statement. */
const reasons: Readonly<Record<string, DirtyReason>> = {
  ...{ "22": "CONVERSION", "22001": "TOO_LONG", "22026": "TOO_LONG", "22003": "OUT_OF_RANGE" },
  ...{ "23": "CONSTRAINT", "23502": "NOT_NULL", "23505": "DUPLICATE_KEY", "44": "CONSTRAINT" },
  // A row that is too long for a page, or for an index.
  "54000": "TOO_LARGE",
};

/** The refusal behind a driver's error; null when it is not about a row. */
export function postgresqlRefusalOf(error: unknown): PostgresqlRefusal | null {
  const found = postgresqlServerErrorOf(error);
  if (!found) return null;
  const { state, isRaised } = found;
  const reason = isRaised ? "REFUSED" : (reasons[state] ?? reasons[state.slice(0, 2)]);
  if (!reason) return null;
  const column = found.column || copiedColumn(found);
  return { reason, message: wordsOf(found), ...(column ? { column } : {}) };
}

/** Which key is there already, or is not, stands in the detail; that of others repeats the whole row. */
function wordsOf({ state, message, detail }: PostgresqlServerError): string {
  return detail !== "" && /^(?:23505|23503|23P01)$/.test(state) ? `${message}: ${detail}` : message;
}

/** What the server names of a COPY: `COPY t, line 2, column id: "bad"`, whatever its language calls line and column. */
const place = /^COPY .*?, \D*(\d+)(?:[,，、] ?[^\s"]+ ([^:："]+))?/m;

function copiedColumn({ where }: PostgresqlServerError): string {
  return place.exec(where)?.[2]?.trim() ?? "";
}

/** The index of the row that an error of COPY names within the stream; null when it names none. */
export function copiedRow(error: unknown): number | null {
  const line = place.exec(postgresqlServerErrorOf(error)?.where ?? "")?.[1];
  return line === undefined ? null : Number(line) - 1;
}
