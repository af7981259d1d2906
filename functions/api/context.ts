import { z } from "zod";
import type { AuditEntry, Caller } from "../../shared/model/identity.js";
import type { Services } from "../../shared/runs/services.js";

/** What every route works with. */
export interface ApiContext {
  readonly services: Services;
  readonly workspace: string;
  /** Who asks; the route's role is checked already. */
  readonly caller: Caller;
  /** Keeps a change in the audit trail; called after the change is made. */
  readonly audit: (entry: AuditEntry) => Promise<void>;
}

/** `limit` and `page` of a listing. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  page: z.string().nullable().default(null),
});

/** Values for `${name}` in a script; numbers and booleans are taken as text. */
export const parametersSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .default({})
  .transform((values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])));

/** A job script: its text, or the JSON itself. */
export const scriptSchema = z
  .union([z.string(), z.record(z.string(), z.unknown())], {
    error: "expected the job script, as text or as a JSON object",
  })
  .transform((script) => (typeof script === "string" ? script : JSON.stringify(script, null, 2)));
