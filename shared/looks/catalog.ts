import type { CatalogColumn, CatalogPage, CatalogQuery, TemplateTable } from "../connectors/contract.js";
import { loadConnector } from "../connectors/registry.js";
import type { SourceEnvironment } from "../model/workspace.js";
import type { Services } from "../services.js";
import { definitionFor } from "../sources/find-source.js";
import type { VisibleSource } from "../sources/view-source.js";
import { askGroup } from "./ask-group.js";

/** Which definition of which data source to look into. */
export interface CatalogPlace {
  /** In which the data source has its name. */
  readonly workspace: string;
  readonly source: VisibleSource;
  readonly environment: SourceEnvironment;
}

/**
 * Lists the tables of a data source, from the network of its resource group.
 *
 * @throws UserError UNSUPPORTED, SOURCE_INCOMPLETE, and what the system answers
 */
export function listSourceTables(services: Services, place: CatalogPlace, query: CatalogQuery): Promise<CatalogPage> {
  return askGroup(services, groupOf(place), { kind: "tables", place: orderPlace(place), query });
}

/** Describes the columns of a table; throws like {@link listSourceTables}. */
export function listColumns(services: Services, place: CatalogPlace, table: string): Promise<readonly CatalogColumn[]> {
  return askGroup(services, groupOf(place), { kind: "columns", place: orderPlace(place), table });
}

/** What a template needs to know about a table, as far as the data source tells. */
export async function templateTable(
  services: Services,
  place: CatalogPlace,
  table: string | null,
): Promise<TemplateTable> {
  const { name: datasource, record } = place.source;
  const { catalog } = await loadConnector(record.type);
  const columns = table !== null && catalog?.columns ? await listColumns(services, place, table) : [];
  return { datasource, table, columns };
}

function groupOf({ source, environment }: CatalogPlace): string | null {
  return definitionFor(source, environment).resourceGroup;
}

function orderPlace({ workspace, source, environment }: CatalogPlace) {
  return { workspace, name: source.name, environment };
}
