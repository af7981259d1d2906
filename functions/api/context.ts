import type { z } from "zod";
import type { pageQuery } from "../../shared/api/paging.js";
import type { HttpRequest } from "../../shared/http/request.js";
import { UserError } from "../../shared/model/errors.js";
import type { AuditEntry, Caller } from "../../shared/model/identity.js";
import type { Services } from "../../shared/services.js";

/** What every route works with. */
export interface ApiContext {
  readonly services: Services;
  readonly workspace: string;
  /** Who asks; the route's role is checked already. */
  readonly caller: Caller;
  /** Keeps a change in the audit trail; called after the change is made. */
  readonly audit: (entry: AuditEntry) => Promise<void>;
}

/**
 * The workspace that a request is about: `x-sluice-workspace`, else `default`.
 *
 * @throws UserError CONFIG_INVALID when it can be no workspace's name
 */
export function workspaceOf(request: HttpRequest): string {
  const name = request.headers["x-sluice-workspace"] ?? "default";
  if (/^[A-Za-z][A-Za-z0-9_-]{0,59}$/.test(name)) return name;
  throw new UserError("CONFIG_INVALID", "x-sluice-workspace: expected the name of a workspace", {
    path: "x-sluice-workspace",
  });
}

/**
 * One page of a list that is short enough to be read as a whole.
 *
 * @param markOf  where an item stands; unique, and the list is in its order
 */
export function listingPage<T>(
  all: readonly T[],
  markOf: (item: T) => string,
  { limit, page }: z.output<typeof pageQuery>,
): { readonly items: readonly T[]; readonly nextPage: string | null } {
  const sorted = [...all].sort((a, b) => (markOf(a) < markOf(b) ? -1 : 1));
  const rest = page === null ? sorted : sorted.filter((item) => markOf(item) > page);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items, nextPage: last !== undefined && rest.length > limit ? markOf(last) : null };
}
