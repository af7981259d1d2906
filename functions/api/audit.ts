import { auditEndpoints } from "../../shared/api/audit.js";
import { answered } from "../../shared/http/response.js";
import { parseQuery, type Route } from "../../shared/http/router.js";
import type { ApiContext } from "./context.js";

/** Who changed what. */
export const auditRoutes: readonly Route<ApiContext>[] = [
  {
    ...auditEndpoints.audit,
    async handle(request, _names, { services, workspace }) {
      const { limit, page, ...filter } = parseQuery(request, auditEndpoints.audit.query);
      return answered(auditEndpoints.audit, await services.auditTrail.list(workspace, { filter, limit, page }));
    },
  },
];
