import { z } from "zod";
import type { HttpRequest } from "../../shared/http/request.js";
import { UserError } from "../../shared/model/errors.js";
import { type AuditEntry, type Caller, roles } from "../../shared/model/identity.js";
import type { Services } from "../../shared/services.js";
import { refuseExcess, refuseInexact } from "./bounded.js";

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

/** A role by name. */
export const roleSchema = z.enum(roles, { error: `expected one of ${roles.join(", ")}` });

/** `limit` and `page` of a listing. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50).describe("Items wanted at most; fewer may come"),
  page: z
    .string()
    .max(1000)
    .nullable()
    .default(null)
    .describe("`nextPage` of the answer before; absent = from the start"),
});

/** The answer of a listing. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    nextPage: z.string().nullable().describe("The next `page`; null = that was all"),
  });
}

/**
 * One page of a list that is short enough to be read as a whole.
 *
 * @param markOf  where an item stands; unique, and the list is in its order
 */
export function cut<T>(
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

/** Values for `${name}` in a script; numbers and booleans are taken as text. */
export const parametersSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .superRefine(refuseExcess("parameters"))
  .superRefine(refuseInexact("send it as a text"))
  .default({})
  .transform((values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])));

/** A job script: its text, or the JSON itself. */
export const scriptSchema = z
  .union([z.string(), z.record(z.string(), z.unknown())], {
    error: "expected the job script, as text or as a JSON object",
  })
  .superRefine(refuseInexact("send the script as a text, in which every digit counts"))
  .transform((script) => (typeof script === "string" ? script : JSON.stringify(script, null, 2)));
