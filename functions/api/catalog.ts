import { z } from "zod";
import { json } from "../../shared/http/response.js";
import { parseQuery, type Route } from "../../shared/http/router.js";
import { type SourceEnvironment, sourceEnvironments } from "../../shared/model/workspace.js";
import { type CatalogPlace, listColumns, listTables } from "../../shared/sources/catalog.js";
import { getVisible } from "../../shared/sources/find-source.js";
import { catalogColumn, catalogPage } from "../../shared/sources/look-orders.js";
import { draftEnvironment, meantEnvironment } from "../../shared/sources/workspaces.js";
import { type ApiContext, pageQuery } from "./context.js";
import { homeOf } from "./data-sources.js";

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
      const place = await placeOf(context, name, given);
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
      const columns = await listColumns(context.services, await placeOf(context, name, given), table);
      return json(200, { table, columns });
    },
  },
];

/** The definition to look into: that of drafts unless another environment is named. */
export async function placeOf(
  context: ApiContext,
  name: string,
  given?: SourceEnvironment | undefined,
): Promise<CatalogPlace> {
  const home = await homeOf(context);
  const source = await getVisible(context.services, context.workspace, name);
  return {
    workspace: context.workspace,
    source,
    environment: given ? meantEnvironment(home, given) : draftEnvironment(home),
  };
}
