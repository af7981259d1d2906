import { z } from "zod";
import { sourceEnvironments } from "../model/workspace.js";
import type { Endpoint } from "./endpoint.js";
import { catalogColumn, catalogPage } from "./looks.js";
import { pageQuery } from "./paging.js";

const environment = z.enum(sourceEnvironments).optional();
const tablesQuery = pageQuery.extend({ environment, search: z.string().max(200).default("") });
const columnsQuery = z.object({ environment });

/** Look into data sources. */
export const catalogEndpoints = {
  tables: {
    method: "GET",
    path: "/v1/data-sources/{name}/tables",
    role: "developer",
    summary: "List the tables of a data source",
    result: "tables with estimated rows; `note` tells why a page is short",
    query: tablesQuery,
    answer: catalogPage,
  },
  columns: {
    method: "GET",
    path: "/v1/data-sources/{name}/tables/{table}",
    role: "developer",
    summary: "Show the columns of a table",
    result: "its columns: type, key",
    query: columnsQuery,
    answer: z.object({ table: z.string(), columns: z.array(catalogColumn) }),
  },
} as const satisfies Record<string, Endpoint>;
