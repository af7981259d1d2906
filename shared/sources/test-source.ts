import type { CheckStep } from "../connectors/contract.js";
import { loadConnector } from "../connectors/registry.js";
import { UserError } from "../model/errors.js";
import type { Connectivity, SourceDefinition } from "../model/run-record.js";
import type { SourceEnvironment } from "../model/workspace.js";
import { openProperties } from "../runs/open-plan.js";
import { isoNow, type Services } from "../runs/services.js";
import { definitionFor } from "./find-source.js";
import type { VisibleSource } from "./view-source.js";

/** How a connectivity test went. */
export interface TestReport {
  readonly ok: boolean;
  readonly environment: SourceEnvironment;
  readonly steps: readonly CheckStep[];
}

/** Time that a connectivity test may take. */
export const CHECK_MS = 10_000;

/**
 * Tests one definition of a data source, and remembers how it went.
 *
 * @throws UserError UNSUPPORTED when the type has no test, SOURCE_INCOMPLETE
 */
export async function testSource(
  services: Services,
  source: VisibleSource,
  environment: SourceEnvironment,
): Promise<TestReport> {
  const definition = definitionFor(source, environment);
  const steps = await checkDefinition(services, definition);
  const ok = steps.every((step) => step.ok);
  const told = steps.find((step) => !step.ok) ?? steps.at(-1);
  const connectivity = { ok, at: isoNow(services), message: told?.message ?? "" };
  if (!source.isShared) await remember(services, source, { environment, definition, connectivity });
  return { ok, environment, steps };
}

async function checkDefinition({ secretBox }: Services, definition: SourceDefinition): Promise<readonly CheckStep[]> {
  const connector = await loadConnector(definition.type);
  if (!connector.check)
    throw new UserError("UNSUPPORTED", `data sources of type ${definition.type} have no connectivity test`);
  const source = connector.source.schema.parse(await openProperties(definition, secretBox));
  return connector.check(source, AbortSignal.timeout(CHECK_MS));
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
