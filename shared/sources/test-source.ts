import type { CheckStep } from "../connectors/contract.js";
import { loadConnector } from "../connectors/registry.js";
import type { JsonObject } from "../model/json.js";
import type { Connectivity, SourceDefinition } from "../model/run-record.js";
import type { SourceEnvironment } from "../model/workspace.js";
import { openProperties } from "../runs/open-plan.js";
import { isoNow, type Services } from "../runs/services.js";
import { type ConnectivityOptions, type TestedConnection, testConnectivity } from "./connectivity.js";
import { checkProperties } from "./data-sources.js";
import { definitionFor } from "./find-source.js";
import type { VisibleSource } from "./view-source.js";

/** How a connectivity test went. */
export interface TestReport {
  readonly ok: boolean;
  readonly environment: SourceEnvironment;
  readonly steps: readonly CheckStep[];
}

/**
 * Tests one definition of a data source, and remembers how it went.
 *
 * @throws UserError UNSUPPORTED when the type has no test, SOURCE_INCOMPLETE
 */
export async function testSource(
  services: Services,
  source: VisibleSource,
  environment: SourceEnvironment,
  options: ConnectivityOptions = {},
): Promise<TestReport> {
  const definition = definitionFor(source, environment);
  const { ok, steps } = await checkDefinition(services, definition, options);
  const told = steps.find((step) => !step.ok) ?? steps.at(-1);
  const connectivity = { ok, at: isoNow(services), message: told?.message ?? "" };
  if (!source.isShared) await remember(services, source, { environment, definition, connectivity });
  return { ok, environment, steps };
}

async function checkDefinition(
  { secretBox }: Services,
  definition: SourceDefinition,
  options: ConnectivityOptions,
): Promise<TestedConnection> {
  const connector = await loadConnector(definition.type);
  const source = connector.source.schema.parse(await openProperties(definition, secretBox));
  return testConnectivity(connector, source, options);
}

/**
 * Tests connection properties that are not saved.
 *
 * @throws UserError CONFIG_INVALID naming the property at fault, UNSUPPORTED
 */
export async function testProperties(
  { type, properties }: { readonly type: string; readonly properties: JsonObject },
  options: ConnectivityOptions = {},
): Promise<TestedConnection> {
  const connector = await loadConnector(type);
  checkProperties(connector, properties, "properties");
  return testConnectivity(connector, connector.source.schema.parse(properties), options);
}

/** Keeps the result unless the definition changed meanwhile. It is no change by a user: the revision stays. */
async function remember(
  services: Services,
  { owner, record }: VisibleSource,
  tested: { environment: SourceEnvironment; definition: SourceDefinition; connectivity: Connectivity },
): Promise<void> {
  const { environment, definition, connectivity } = tested;
  for (let attempt = 1; attempt <= 5; attempt++) {
    const found = await services.sources.find(owner, record.name);
    const now = found?.value.definitions[environment];
    if (!found || now?.updatedAt !== definition.updatedAt) return;
    const definitions = { ...found.value.definitions, [environment]: { ...now, connectivity } };
    if (await services.sources.replace(owner, { ...found.value, definitions }, found.version)) return;
  }
}
