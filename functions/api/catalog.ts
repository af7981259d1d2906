import { catalogEndpoints } from "../../shared/api/catalog.js";
import { answered } from "../../shared/http/response.js";
import { parseQuery, type Route } from "../../shared/http/router.js";
import { type CatalogPlace, listColumns, listSourceTables } from "../../shared/looks/catalog.js";
import type { SourceEnvironment } from "../../shared/model/workspace.js";
import { getVisible } from "../../shared/sources/find-source.js";
import { draftEnvironment, meantEnvironment } from "../../shared/sources/workspaces.js";
import type { ApiContext } from "./context.js";
import { demandLook } from "./records.js";

/** Look into data sources. */
export const catalogRoutes: readonly Route<ApiContext>[] = [
  {
    ...catalogEndpoints.tables,
    async handle(request, { name = "" }, context) {
      const { environment: given, search, limit, page } = parseQuery(request, catalogEndpoints.tables.query);
      const place = await placeOf(context, name, { environment: given });
      return answered(
        catalogEndpoints.tables,
        await listSourceTables(context.services, place, { search, limit, page }),
      );
    },
  },
  {
    ...catalogEndpoints.columns,
    async handle(request, { name = "", table = "" }, context) {
      const { environment: given } = parseQuery(request, catalogEndpoints.columns.query);
      const place = await placeOf(context, name, { environment: given, table });
      const columns = await listColumns(context.services, place, table);
      return answered(catalogEndpoints.columns, { table, columns });
    },
  },
];

/** What is to be looked at in a data source. */
export interface Glance {
  /** Absent = the one of drafts. */
  readonly environment?: SourceEnvironment | undefined;
  /** Absent = the list of tables. */
  readonly table?: string | undefined;
}

/**
 * The definition to look into. The look is kept in the audit trail.
 *
 * @throws UserError FORBIDDEN, NOT_FOUND
 */
export async function placeOf(
  { services, workspace, caller, audit }: ApiContext,
  name: string,
  { environment: given, table }: Glance,
): Promise<CatalogPlace> {
  const { value: home } = await services.workspaces.get(workspace);
  const environment = given ? meantEnvironment(home, given) : draftEnvironment(home);
  demandLook(caller, home, environment);
  const source = await getVisible(services, workspace, name);
  const after = { environment, ...(table === undefined ? {} : { table }) };
  await audit({ action: "dataSource.look", object: `data-source/${name}`, after });
  return { workspace, source, environment };
}
