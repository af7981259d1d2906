import { dataSourceGrantEndpoints } from "../../shared/api/data-source-grants.js";
import { answered } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { grantSource, revokeGrant } from "../../shared/sources/share-source.js";
import type { ApiContext } from "./context.js";
import { changed, homeOf, ownSource, seenVersion } from "./data-sources.js";

/** Share data sources with other workspaces. */
export const dataSourceGrantRoutes: readonly Route<ApiContext>[] = [
  {
    ...dataSourceGrantEndpoints.dataSourceGrants,
    async handle(_request, { name = "" }, context) {
      const { grants } = await ownSource(context, name);
      return answered(dataSourceGrantEndpoints.dataSourceGrants, { items: grants, nextPage: null });
    },
  },
  {
    ...dataSourceGrantEndpoints.grantDataSource,
    async handle(request, { name = "", workspace: grantee = "" }, context) {
      const { environments } = parseBody(request, dataSourceGrantEndpoints.grantDataSource.body);
      const before = await ownSource(context, name);
      const home = await homeOf(context);
      const target = { workspace: home.name, name, ifMatch: seenVersion(request) };
      const grant = { grantee, environments: [...new Set(environments)] };
      const record = await grantSource(context.services, target, grant);
      return changed(context, { home, record, before, action: "dataSource.share", status: 200 });
    },
  },
  {
    ...dataSourceGrantEndpoints.revokeDataSource,
    async handle(request, { name = "", workspace: grantee = "" }, context) {
      const { force } = parseQuery(request, dataSourceGrantEndpoints.revokeDataSource.query);
      await ownSource(context, name);
      const { services, workspace, audit } = context;
      const target = { workspace, name, ifMatch: seenVersion(request) };
      const broken = await revokeGrant(services, target, { grantee, force });
      await audit({ action: "dataSource.revoke", object: `data-source/${name}`, before: { grantee, broken } });
      return answered(dataSourceGrantEndpoints.revokeDataSource, { name, workspace: grantee, affected: broken });
    },
  },
];
