import { z } from "zod";
import { json } from "../../shared/http/response.js";
import { parseQuery, type Route } from "../../shared/http/router.js";
import type { AuditRecord } from "../../shared/model/identity.js";
import { type ApiContext, pageOf, pageQuery, roleSchema } from "./context.js";

const time = z.iso
  .datetime({ offset: true, error: "expected an ISO time with its zone" })
  .max(40)
  .transform((text) => new Date(text).toISOString())
  .optional();

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
export const auditRoutes: readonly Route<ApiContext>[] = [
  {
    method: "GET",
    path: "/v1/audit",
    role: "admin",
    summary: "List changes, newest first",
    query: listQuery,
    answer: pageOf(auditRecord),
    async handle(request, _names, { services, workspace }) {
      const { limit, page, ...filter } = parseQuery(request, listQuery);
      return json(200, await services.auditTrail.list(workspace, { filter, limit, page }));
    },
  },
];
