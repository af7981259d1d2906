import { z } from "zod";
import type { AuditRecord } from "../model/identity.js";
import type { Endpoint } from "./endpoint.js";
import { roleSchema, timeSchema } from "./inputs.js";
import { pageOf, pageQuery } from "./paging.js";

const time = timeSchema.transform((text) => new Date(text).toISOString()).optional();

const listQuery = pageQuery.extend({
  caller: z.string().max(1000).optional(),
  action: z.string().max(1000).optional(),
  object: z.string().max(1000).optional(),
  from: time,
  to: time,
});

const auditRecord = z
  .object({
    id: z.string(),
    at: z.string(),
    caller: z.object({ id: z.string(), name: z.string(), role: roleSchema }),
    requestId: z.string(),
    action: z.string(),
    object: z.string(),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
  })
  .meta({ id: "AuditRecord" }) satisfies z.ZodType<AuditRecord>;

/** Who changed what. */
export const auditEndpoints = {
  audit: {
    method: "GET",
    path: "/v1/audit",
    role: "admin",
    summary: "List changes, newest first",
    result: "changes, newest first; `action` is `job.store`, say, or `job` for all of them",
    query: listQuery,
    answer: pageOf(auditRecord),
  },
} as const satisfies Record<string, Endpoint>;
