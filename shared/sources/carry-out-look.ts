import type { Catalog, Connector } from "../connectors/contract.js";
import { loadConnector } from "../connectors/registry.js";
import { type ErrorReport, toErrorReport, UserError } from "../model/errors.js";
import type { SealedProperties } from "../model/run-record.js";
import { layOut, reportLayout } from "../runs/lay-out.js";
import { openProperties, parseSource } from "../runs/open-plan.js";
import { resolveJob } from "../runs/resolve-job.js";
import type { Services } from "../runs/services.js";
import { testConnectivity } from "./connectivity.js";
import { definitionFor, getVisible } from "./find-source.js";
import { type LookAnswer, type LookOrder, type LookPlace, lookAnswers } from "./look-orders.js";

/** Time that a look into a data source may take. */
const LOOK_MS = 20_000;
/** Time that planning without running may take. */
const LAYOUT_MS = 40_000;
/** Connections that are tested at once: 100 tests of 10 s each end within the time that a caller waits. */
const TESTS_AT_ONCE = 25;

/** What an order is answered with, or why it could not be carried out: errors do not survive the way as they are. */
export type LookOutcome = { readonly value: LookAnswer<LookOrder["kind"]> } | { readonly error: ErrorReport };

/** Looks at data sources from the network of this function. Never throws. */
export async function carryOutLook(services: Services, order: LookOrder): Promise<LookOutcome> {
  try {
    return { value: await carryOut(services, order) };
  } catch (error) {
    return { error: reported(services, error) };
  }
}

async function carryOut(services: Services, order: LookOrder): Promise<LookAnswer<LookOrder["kind"]>> {
  switch (order.kind) {
    case "test":
      return testAll(services, order);
    case "testUnsaved":
      return test(services, { name: "unsaved", definition: order.unsaved }, order.write);
    case "tables": {
      const { catalog, source } = await openCatalog(services, order.place);
      const { items, ...rest } = await catalog.tables(source, order.query, AbortSignal.timeout(LOOK_MS));
      return { ...rest, items: [...items] };
    }
    case "columns": {
      const { connector, catalog, source } = await openCatalog(services, order.place);
      if (!catalog.columns)
        throw new UserError("UNSUPPORTED", `${connector.title}: what it holds declares no columns; the job names them`);
      return [...(await catalog.columns(source, order.table, AbortSignal.timeout(LOOK_MS)))];
    }
    case "layOut": {
      const resolved = await resolveJob(services, { ...order.job, at: new Date(order.job.at) });
      const layout = await layOut(resolved, services.secretBox, AbortSignal.timeout(LAYOUT_MS));
      return lookAnswers.layOut.parse(reportLayout(resolved, layout));
    }
  }
}

async function testAll(
  services: Services,
  { places, write }: Extract<LookOrder, { kind: "test" }>,
): Promise<LookAnswer<"test">> {
  const results: LookAnswer<"test"> = [];
  for (let at = 0; at < places.length; at += TESTS_AT_ONCE)
    results.push(
      ...(await Promise.all(places.slice(at, at + TESTS_AT_ONCE).map((place) => testOne(services, place, write)))),
    );
  return results;
}

async function testOne(services: Services, place: LookPlace, write: boolean): Promise<LookAnswer<"test">[number]> {
  try {
    return await test(services, { name: place.name, definition: await definitionAt(services, place) }, write);
  } catch (error) {
    return { error: reported(services, error) };
  }
}

async function test(
  { secretBox }: Services,
  { name, definition }: { name: string; definition: SealedProperties },
  write: boolean,
): Promise<LookAnswer<"testUnsaved">> {
  const connector = await loadConnector(definition.type);
  const source = parseSource(connector, name, await openProperties(definition, secretBox));
  const { ok, steps } = await testConnectivity(connector, source, { write });
  return { ok, steps: [...steps] };
}

/** A data source, opened to be looked into. */
interface OpenCatalog {
  readonly connector: Connector;
  readonly catalog: Catalog<unknown>;
  readonly source: unknown;
}

async function openCatalog(services: Services, place: LookPlace): Promise<OpenCatalog> {
  const definition = await definitionAt(services, place);
  const connector = await loadConnector(definition.type);
  const { catalog } = connector;
  if (!catalog)
    throw new UserError("UNSUPPORTED", `${connector.title}: data sources of this type cannot be looked into`);
  const properties = await openProperties(definition, services.secretBox);
  return { connector, catalog, source: parseSource(connector, place.name, properties) };
}

async function definitionAt(services: Services, { workspace, name, environment }: LookPlace) {
  return definitionFor(await getVisible(services, workspace, name), environment);
}

function reported({ log }: Services, error: unknown): ErrorReport {
  const report = toErrorReport(error);
  if (report.recovery === "report")
    log.error("look failed", { error: report.message, stack: error instanceof Error ? error.stack : undefined });
  return report;
}
