import { setTimeout as sleep } from "node:timers/promises";
import { testedConnection } from "../api/looks.js";
import type { Catalog, Connector } from "../connectors/contract.js";
import { loadConnector } from "../connectors/registry.js";
import { layOut, reportLayout } from "../jobs/lay-out.js";
import { mapJob } from "../jobs/mapping/map-job.js";
import { previewRecords } from "../jobs/preview-records.js";
import { resolveJob } from "../jobs/resolve-job.js";
import { type ErrorReport, reportFor, toErrorReport, UserError } from "../model/errors.js";
import { silence, startDeadline } from "../model/overdue.js";
import type { SealedProperties } from "../model/seal.js";
import type { Services } from "../services.js";
import { definitionFor, getVisible } from "../sources/find-source.js";
import { openProperties, parseSource } from "../sources/open-source.js";
import { testConnectivity } from "./connectivity.js";
import { type LookAnswer, type LookOrder, type LookPlace, lookAnswers } from "./look-orders.js";

/** How long orders may take, in milliseconds; who gave one waits 45 s. */
export interface LookLimits {
  /** A list of tables or columns. */
  readonly lookMs: number;
  /** Planning without running. */
  readonly layOutMs: number;
  /** One connectivity test. */
  readonly testMs: number;
}

const usual: LookLimits = { lookMs: 20_000, layOutMs: 35_000, testMs: 10_000 };

/** Within this time after its deadline a connector that heeds the signal has ended its statement on the server. */
const CLEAN_UP_MS = 5_000;
/** Connections that are tested at once: 100 tests of 10 s each end within the time that a caller waits. */
const TESTS_AT_ONCE = 25;

/** What an order is answered with, or why it could not be carried out: errors do not survive the way as they are. */
export type LookOutcome = { readonly value: LookAnswer<LookOrder["kind"]> } | { readonly error: ErrorReport };

/** Looks at data sources from the network of this function. Never throws, and ends in time whatever a server does. */
export async function carryOutLook(services: Services, order: LookOrder, limits = usual): Promise<LookOutcome> {
  const mayRead = !("mayRead" in order) || order.mayRead;
  try {
    return { value: await carryOut(services, order, limits) };
  } catch (error) {
    return { error: reportFor(reported(services, error), { mayRead }) };
  }
}

async function carryOut(
  services: Services,
  order: LookOrder,
  limits: LookLimits,
): Promise<LookAnswer<LookOrder["kind"]>> {
  switch (order.kind) {
    case "test":
      return testAll(services, order, limits);
    case "testUnsaved":
      return test(services, { name: "unsaved", definition: order.unsaved }, { ...order, ...limits });
    case "layOut":
    case "mapping":
    case "records":
      return inTime(limits.layOutMs, (signal) => lookAtJob(services, order, signal));
    default:
      return inTime(limits.lookMs, (signal) => lookInto(services, order, signal));
  }
}

/** Also when a driver does not heed the signal. */
async function inTime<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = startDeadline(ms);
  const overdue = new AbortController();
  const late = sleep(ms + CLEAN_UP_MS, undefined, { signal: overdue.signal }).then(() => {
    throw silence("the data source", ms);
  });
  late.catch(() => {});
  try {
    return await Promise.race([work(deadline.signal), late]);
  } finally {
    deadline.clear();
    overdue.abort();
  }
}

async function lookInto(
  services: Services,
  order: Extract<LookOrder, { kind: "tables" | "columns" }>,
  signal: AbortSignal,
): Promise<LookAnswer<"tables" | "columns">> {
  const { connector, catalog, source } = await openCatalog(services, order.place);
  if (order.kind === "tables") {
    const { items, ...rest } = await catalog.tables(source, order.query, signal);
    return { ...rest, items: [...items] };
  }
  if (!catalog.columns)
    throw new UserError("UNSUPPORTED", `${connector.title}: what it holds declares no columns; the job names them`);
  return [...(await catalog.columns(source, order.table, signal))];
}

async function lookAtJob(
  services: Services,
  order: Extract<LookOrder, { kind: "layOut" | "mapping" | "records" }>,
  signal: AbortSignal,
): Promise<LookAnswer<"layOut" | "mapping" | "records">> {
  const { secretBox } = services;
  const resolved = await resolveJob(services, order.job);
  if (order.kind === "records")
    return lookAnswers.records.parse(await previewRecords(resolved, secretBox, { signal, limit: order.limit }));
  const { mayRead } = order;
  if (order.kind === "mapping")
    return lookAnswers.mapping.parse(await mapJob(resolved, secretBox, { signal, mayRead }));
  const layout = await layOut(resolved, secretBox, { signal, preview: { mayRead } });
  return lookAnswers.layOut.parse(reportLayout(resolved, layout, { mayRead }));
}

interface TimedTest extends Pick<LookLimits, "testMs"> {
  readonly write: boolean;
}

async function testAll(
  services: Services,
  { places, write }: Extract<LookOrder, { kind: "test" }>,
  { testMs }: LookLimits,
): Promise<LookAnswer<"test">> {
  const timed = { write, testMs };
  const results: LookAnswer<"test"> = [];
  for (let at = 0; at < places.length; at += TESTS_AT_ONCE)
    results.push(
      ...(await Promise.all(places.slice(at, at + TESTS_AT_ONCE).map((place) => testOne(services, place, timed)))),
    );
  return results;
}

async function testOne(services: Services, place: LookPlace, timed: TimedTest): Promise<LookAnswer<"test">[number]> {
  try {
    const tested = await test(services, { name: place.name, definition: await definitionAt(services, place) }, timed);
    // Here, where a step that is no text of ours is this place's fault alone.
    return testedConnection.parse(tested);
  } catch (error) {
    return { error: reportFor(reported(services, error), { mayRead: true }) };
  }
}

async function test(
  { secretBox }: Services,
  { name, definition }: { name: string; definition: SealedProperties },
  { write, testMs: timeoutMs }: TimedTest,
): Promise<LookAnswer<"testUnsaved">> {
  const connector = await loadConnector(definition.type);
  const source = parseSource(connector, name, await openProperties(definition, secretBox));
  const { ok, steps } = await testConnectivity(connector, source, { write, timeoutMs });
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
