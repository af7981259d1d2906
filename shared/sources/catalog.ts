import type {
  Catalog,
  CatalogColumn,
  CatalogPage,
  CatalogQuery,
  Connector,
  TemplateTable,
} from "../connectors/contract.js";
import { loadConnector } from "../connectors/registry.js";
import { UserError } from "../model/errors.js";
import type { SourceEnvironment } from "../model/workspace.js";
import { openProperties } from "../runs/open-plan.js";
import type { Services } from "../runs/services.js";
import { definitionFor } from "./find-source.js";
import type { VisibleSource } from "./view-source.js";

/** Time that a look into a data source may take. */
const LOOK_MS = 20_000;

/** A data source, opened to be looked into. */
interface OpenCatalog {
  readonly connector: Connector;
  readonly catalog: Catalog<unknown>;
  readonly source: unknown;
}

/**
 * Lists the tables of a data source.
 *
 * @throws UserError UNSUPPORTED, SOURCE_INCOMPLETE, and what the system answers
 */
export async function listTables(services: Services, place: CatalogPlace, query: CatalogQuery): Promise<CatalogPage> {
  const { catalog, source } = await openCatalog(services, place);
  return catalog.tables(source, query, AbortSignal.timeout(LOOK_MS));
}

/** Which definition of which data source to look into. */
export interface CatalogPlace {
  readonly source: VisibleSource;
  readonly environment: SourceEnvironment;
}

/** Describes the columns of a table; throws like {@link listTables}. */
export async function listColumns(
  services: Services,
  place: CatalogPlace,
  table: string,
): Promise<readonly CatalogColumn[]> {
  const { connector, catalog, source } = await openCatalog(services, place);
  if (!catalog.columns)
    throw new UserError("UNSUPPORTED", `${connector.title}: what it holds declares no columns; the job names them`);
  return catalog.columns(source, table, AbortSignal.timeout(LOOK_MS));
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

async function openCatalog(services: Services, { source, environment }: CatalogPlace): Promise<OpenCatalog> {
  const definition = definitionFor(source, environment);
  const connector = await loadConnector(definition.type);
  const { catalog } = connector;
  if (!catalog)
    throw new UserError("UNSUPPORTED", `${connector.title}: data sources of this type cannot be looked into`);
  const properties = await openProperties(definition, services.secretBox);
  return { connector, catalog, source: connector.source.schema.parse(properties) };
}
