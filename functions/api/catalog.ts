import { z } from "zod";
import { json } from "../../shared/http/response.js";
import { parseQuery, type Route } from "../../shared/http/router.js";
import { type CatalogPlace, listColumns, listTables } from "../../shared/looks/catalog.js";
import { catalogColumn, catalogPage } from "../../shared/looks/look-orders.js";
import { type SourceEnvironment, sourceEnvironments } from "../../shared/model/workspace.js";
import { getVisible } from "../../shared/sources/find-source.js";
import { draftEnvironment, meantEnvironment } from "../../shared/sources/workspaces.js";
import { type ApiContext, pageQuery } from "./context.js";
import { demandLook } from "./records.js";

const environment = z.enum(sourceEnvironments).optional();
const tablesQuery = pageQuery.extend({ environment, search: z.string().max(200).default("") });
const columnsQuery = z.object({ environment });

/** Look into data sources. */
export const catalogRoutes: readonly Route<ApiContext>[] = [
  {
    method: "GET",
    path: "/v1/data-sources/{name}/tables",
    role: "developer",
    summary: "List the tables of a data source",
    query: tablesQuery,
    answer: catalogPage,
    async handle(request, { name = "" }, context) {
      const { environment: given, search, limit, page } = parseQuery(request, tablesQuery);
      const place = await placeOf(context, name, { environment: given });
      return json(200, await listTables(context.services, place, { search, limit, page }));
    },
  },
  {
    method: "GET",
    path: "/v1/data-sources/{name}/tables/{table}",
    role: "developer",
    summary: "Show the columns of a table",
    query: columnsQuery,
    answer: z.object({ table: z.string(), columns: z.array(catalogColumn) }),
    async handle(request, { name = "", table = "" }, context) {
      const { environment: given } = parseQuery(request, columnsQuery);
      const place = await placeOf(context, name, { environment: given, table });
      const columns = await listColumns(context.services, place, table);
      return json(200, { table, columns });
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
