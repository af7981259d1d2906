import { randomUUID } from "node:crypto";
import type { CheckOptions, CheckStep } from "../connectors/contract.js";
import { loadConnector } from "../connectors/registry.js";
import type { SourceDefinition } from "../model/data-source.js";
import { fromErrorReport, InternalError } from "../model/errors.js";
import type { JsonObject } from "../model/json.js";
import type { SourceEnvironment } from "../model/workspace.js";
import { DEFAULT_GROUP } from "../platform/resource-groups.js";
import { isoNow, type Services } from "../services.js";
import { checkProperties } from "../sources/check-properties.js";
import { sealProperties } from "../sources/data-sources.js";
import { definitionFor } from "../sources/find-source.js";
import { refuseHiddenSecrets } from "../sources/hidden-secrets.js";
import { requireOwnVariable } from "../sources/own-variable.js";
import type { VisibleSource } from "../sources/view-source.js";
import { askGroup } from "./ask-group.js";
import type { TestedConnection } from "./connectivity.js";
import type { LookAnswer } from "./look-orders.js";

/** How a connectivity test went. */
export interface TestReport {
  readonly ok: boolean;
  readonly environment: SourceEnvironment;
  readonly steps: readonly CheckStep[];
}

/** A definition that is to be tested. */
export interface TestTarget {
  readonly source: VisibleSource;
  readonly environment: SourceEnvironment;
  readonly definition: SourceDefinition;
}

/** @throws UserError SOURCE_INCOMPLETE when the data source has no such definition */
export function testTarget(source: VisibleSource, environment: SourceEnvironment): TestTarget {
  return { source, environment, definition: definitionFor(source, environment) };
}

/**
 * Tests definitions where the shards of their resource groups run, and remembers how it went. Those of one group cost one
 * call of its function.
 *
 * @returns for each target in order how it went, or the error: UNSUPPORTED when the type has no test
 */
export async function testSources(
  services: Services,
  workspace: string,
  { targets, options = {} }: { targets: readonly TestTarget[]; options?: CheckOptions | undefined },
): Promise<readonly (TestReport | Error)[]> {
  const groupOf = ({ definition }: TestTarget) => definition.resourceGroup ?? DEFAULT_GROUP;
  const done = new Map<TestTarget, TestReport | Error>();
  const testGroup = async (group: string) => {
    const own = targets.filter((target) => groupOf(target) === group);
    const results = await askForTests(services, { workspace, group, write: options.write ?? false }, own);
    await Promise.all(own.map(async (one, i) => done.set(one, await taken(services, one, results[i]))));
  };
  await Promise.all([...new Set(targets.map(groupOf))].map(testGroup));
  return targets.map((target) => done.get(target) ?? new InternalError("INTERNAL", "a test came to no end"));
}

/** Which group is asked, and for what. */
interface Asked {
  readonly workspace: string;
  readonly group: string;
  readonly write: boolean;
}

/** After this time of a request no more calls are made: it ends at 60 s. */
const LAST_CALL_MS = 30_000;
/** Calls at once for those that are asked for one by one. */
const ALONE_AT_ONCE = 5;

/**
 * One result for each target; that there is no room, or no such group, is everybody's trouble. When the function itself fails, one of
 * them has broken it: each is asked for alone then, so that it fails alone.
 */
async function askForTests(
  services: Services,
  asked: Asked,
  targets: readonly TestTarget[],
): Promise<readonly (TestResult | Error)[]> {
  const begun = services.now();
  const answered = await askOnce(services, asked, targets);
  if (!(answered instanceof Error)) return answered;
  if (!(answered instanceof InternalError) || targets.length < 2) return targets.map(() => answered);
  const results: (TestResult | Error)[] = [];
  for (let at = 0; at < targets.length; at += ALONE_AT_ONCE) {
    const isLate = services.now() - begun > LAST_CALL_MS;
    const group = targets.slice(at, at + ALONE_AT_ONCE);
    results.push(...(await Promise.all(group.map((one) => (isLate ? answered : askForOne(services, asked, one))))));
  }
  return results;
}

type TestResult = LookAnswer<"test">[number];

async function askForOne(services: Services, asked: Asked, target: TestTarget): Promise<TestResult | Error> {
  const answered = await askOnce(services, asked, [target]);
  return answered instanceof Error ? answered : (answered[0] ?? unanswered());
}

async function askOnce(
  services: Services,
  { workspace, group, write }: Asked,
  targets: readonly TestTarget[],
): Promise<readonly TestResult[] | Error> {
  const places = targets.map(({ source, environment }) => ({ workspace, name: source.name, environment }));
  try {
    return await askGroup(services, group, { kind: "test", places, write });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function unanswered(): InternalError {
  return new InternalError("INTERNAL", "a shard function left a test unanswered");
}

async function taken(
  services: Services,
  target: TestTarget,
  result: TestResult | Error | undefined,
): Promise<TestReport | Error> {
  if (result === undefined) return unanswered();
  if (result instanceof Error) return result;
  if ("error" in result) return fromErrorReport(result.error);
  // How it went is true whether or not it can be kept.
  await remember(services, target, result).catch((error: unknown) =>
    services.log.error("keeping the outcome of a test failed", { error: String(error), source: target.source.name }),
  );
  return { ok: result.ok, environment: target.environment, steps: result.steps };
}

/** Connection properties that are to be tested, in the workspace where they would be saved. */
export interface UnsavedSource {
  readonly workspace: string;
  readonly type: string;
  readonly properties: JsonObject;
  /** Null = the default one. */
  readonly resourceGroup: string | null;
}

/**
 * Tests connection properties that are not saved, from the network of a resource group.
 *
 * @throws UserError CONFIG_INVALID naming the property at fault, UNSUPPORTED
 */
export async function testProperties(
  services: Services,
  { workspace, type, properties, resourceGroup }: UnsavedSource,
  { write = false }: CheckOptions = {},
): Promise<TestedConnection> {
  const connector = await loadConnector(type);
  refuseHiddenSecrets(connector, properties);
  checkProperties(connector, properties, "properties");
  requireOwnVariable(connector, properties, workspace);
  const unsaved = await sealProperties(connector, properties, {
    boundTo: `unsaved/${randomUUID()}`,
    secretBox: services.secretBox,
  });
  return askGroup(services, resourceGroup, { kind: "testUnsaved", unsaved, write });
}

/** Keeps the result unless the definition changed meanwhile. It is no change by a user: the revision stays. */
async function remember(
  services: Services,
  { source: { owner, record, isShared }, environment, definition }: TestTarget,
  { ok, steps }: TestedConnection,
): Promise<void> {
  if (isShared) return;
  const decisive = steps.find((step) => !step.ok) ?? steps.at(-1);
  const connectivity = { ok, at: isoNow(services), message: decisive?.message ?? "" };
  for (let attempt = 1; attempt <= 5; attempt++) {
    const found = await services.sources.find(owner, record.name);
    const now = found?.value.definitions[environment];
    if (!found || now?.updatedAt !== definition.updatedAt) return;
    const definitions = { ...found.value.definitions, [environment]: { ...now, connectivity } };
    if (await services.sources.replace(owner, { ...found.value, definitions }, found.version)) return;
  }
}
