import { randomBytes } from "node:crypto";
import { httpDate, type Maxcompute, type OdpsCall } from "./call.js";
import { OdpsError } from "./errors.js";
import { MAX_FIELD_BYTES } from "./pages.js";
import { canonicalSpec, leafValues, parseServedSpec } from "./partition-spec.js";
import type { ColumnRow, DownloadRow, OdpsUploadRow, TableRow } from "./rows.js";

/** Sessions of the tunnel live so long. */
export const SESSION_MS = 24 * 60 * 60_000;

/** An id like the service's: when, and what tells two of the same moment apart. */
export function sessionId(now: number): string {
  return `${new Date(now).toISOString().replace(/\D/g, "").slice(0, 17)}${randomBytes(8).toString("hex")}`;
}

/** The partition that a request names, in canonical form; empty for a table without. @throws OdpsError */
export function specOf(table: TableRow, { query }: OdpsCall): string {
  return canonicalSpec(table.keys, leafValues(table, parseServedSpec(query.partition ?? "")));
}

/** True once a session's time is over. */
export function isExpired({ context }: Maxcompute, { created }: { readonly created: number }): boolean {
  return context.now() - created >= SESSION_MS;
}

/** A session speaks of the table and partition of its URL. @throws OdpsError InvalidResourceSpec */
export function requireSameResource(session: OdpsUploadRow | DownloadRow, table: TableRow, spec: string): void {
  if (session.tableId === table.id && session.spec === spec) return;
  throw new OdpsError("InvalidResourceSpec", `Session ${session.id} belongs to another table or partition`);
}

/** What both kinds of session tell of themselves. */
export function sessionFields({ created }: { readonly created: number }): object {
  return { Initiated: httpDate(created), Owner: "ALIYUN$local", QuotaName: "", MaxFieldSize: MAX_FIELD_BYTES };
}

/** The encoding's columns, as JSON. */
export function schemaFields(columns: readonly ColumnRow[], keys: readonly ColumnRow[]): object {
  const column = ({ name, type, comment, nullable }: ColumnRow, at: number) => {
    return { name, type, comment, nullable, column_id: String(at) };
  };
  return { IsVirtualView: false, columns: columns.map(column), partitionKeys: keys.map(column) };
}
