import { UserError } from "../model/errors.js";
import type { HttpRequest } from "./request.js";

/** The header that tells the version of a single object in an answer. */
export function etag(version: number): { readonly etag: string } {
  return { etag: `"${version}"` };
}

/**
 * Version that the caller expects of the object it changes, from `If-Match`.
 *
 * @returns undefined when any version will do: no header, or `*`
 * @throws UserError CONFIG_INVALID when the header is no single entity tag of ours
 */
export function expectedVersion(request: HttpRequest): number | undefined {
  const header = request.headers["if-match"]?.trim();
  if (header === undefined || header === "*") return undefined;
  const digits = /^"?([1-9]\d{0,14})"?$/.exec(header)?.[1];
  if (digits !== undefined) return Number(digits);
  const displayed = header.length > 60 ? `${header.slice(0, 60)}…` : header;
  throw new UserError(
    "CONFIG_INVALID",
    `If-Match: expected the ETag of an answer, such as "3", or *; got ${displayed}`,
    {
      path: "If-Match",
    },
  );
}

/**
 * Compares `If-Match` with the object's version.
 *
 * @param version  as stored now; 0 = the object does not exist
 * @throws UserError PRECONDITION_FAILED when the caller has seen another version
 */
export function checkIfMatch(request: HttpRequest, version: number): void {
  const expected = expectedVersion(request);
  const isAbsent = version === 0 && request.headers["if-match"] !== undefined;
  if (!isAbsent && (expected === undefined || expected === version)) return;
  const now = version === 0 ? "there is no such object" : `its version is ${version}`;
  throw new UserError("PRECONDITION_FAILED", `If-Match ${request.headers["if-match"]}: ${now}`, { path: "If-Match" });
}
