import type { z } from "zod";
import type { Connector } from "../connectors/contract.js";
import { describeFields, parameterKeys, sqlKeysOf } from "../connectors/params/describe.js";
import { connectorName } from "../connectors/registry.js";
import { allInOrder } from "../model/all-in-order.js";
import type { InlineSources, NamedSource } from "../model/data-source.js";
import { type ErrorCode, InternalError, UserError } from "../model/errors.js";
import type { ParameterAdvice, Step, Warning } from "../model/job.js";
import { isJsonObject, type Json } from "../model/json.js";
import type { PlannedStep } from "../model/plan.js";
import type { SourceEnvironment } from "../model/workspace.js";
import { checkEventUses } from "../script/read/event-values.js";
import { checkKeys } from "../script/read/keys.js";
import { withDefaults, withoutOverridden } from "../script/read/overrides.js";
import { type ParsedScript, parseJob } from "../script/read/parse-job.js";
import { hasPlaceholder } from "../script/read/substitute.js";
import { issuesFromZod, refusedValue } from "../script/read/zod-issues.js";
import { ScriptError, type ScriptIssue } from "../script/text/script-error.js";
import type { Services } from "../services.js";
import { namedSources } from "../sources/data-sources.js";
import { definitionFor, findVisible } from "../sources/find-source.js";
import { type Placed, placedWarning } from "./placed-error.js";
import { resourceGroupOf } from "./resource-group.js";
import { stepConnector } from "./step-connector.js";

/** A job whose connectors, parameters and data sources are known to exist and fit. */
export interface ResolvedJob extends Placed {
  readonly reader: PlannedStep;
  readonly writer: PlannedStep;
  /** Where it runs. */
  readonly group: string;
  /** The zone of sides that have none of their own. */
  readonly workspaceZone: string;
  readonly warnings: readonly Warning[];
}

/** What a script is resolved with. */
export interface ResolveInput {
  readonly script: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly inlineSources: InlineSources;
  readonly workspace: string;
  /** Whose definitions of the data sources are used. */
  readonly environment: SourceEnvironment;
  /** The planned time of the run, from which its business time follows; see `Run`. */
  readonly plannedLocal: string;
}

/**
 * Substitutes parameters and finds connectors and data sources.
 *
 * @throws UserError SCRIPT_INVALID with every problem of both sides, PARAMETER_MISSING, NOT_FOUND
 */
export async function resolveJob(services: Services, input: ResolveInput): Promise<ResolvedJob> {
  const { script, parameters, inlineSources, plannedLocal } = input;
  const parsed = parseJob(script, { parameters, mode: "run", plannedLocal, origins: inlineSources.origins });
  const { job, locate } = parsed;
  const reader = await checkStepParameters("reader", job.reader, parsed);
  const writer = await checkStepParameters("writer", job.writer, parsed);
  const [first, ...rest] = [...reader.issues, ...writer.issues];
  if (first) throw new ScriptError(first, ...rest);
  const steps = {
    reader: await addSources(services, input, { ...reader, locate, kind: "reader" }),
    writer: await addSources(services, input, { ...writer, locate, kind: "writer" }),
  };
  const sourceWarnings = [
    ...warningsOfSources(reader, steps.reader, inlineSources.reader),
    ...warningsOfSources(writer, steps.writer, inlineSources.writer),
  ];
  const { group, cap } = resourceGroupOf(services, job, [steps.reader, steps.writer]);
  const concurrent = Math.min(job.setting.concurrent, cap);
  const { value: workspace } = await services.workspaces.get(input.workspace);
  return {
    job: { ...job, setting: { ...job.setting, concurrent } },
    locate,
    keys: { reader: keysOfSide(reader.connector.reader), writer: keysOfSide(writer.connector.writer) },
    ...steps,
    group,
    workspaceZone: workspace.timeZone,
    warnings: [
      ...parsed.warnings,
      ...(inlineSources.warnings ?? []),
      ...reader.warnings,
      ...writer.warnings,
      ...sourceWarnings,
    ],
  };
}

/** Of registered data sources; those that the script carried had their say when it came. */
function warningsOfSources(
  { connector }: CheckedStep,
  { sources }: PlannedStep,
  inline: readonly NamedSource[],
): Warning[] {
  const registered = sources.filter(({ name }) => !inline.some((one) => one.name === name));
  return registered.flatMap(({ name, source }) => {
    const messages = connector.source.warnings?.(source.properties) ?? [];
    return messages.map((message) => ({ message: `data source "${name}": ${message}` }));
  });
}

/** A step that was checked against its connector. */
export interface CheckedStep {
  readonly step: Step;
  readonly connector: Connector;
  readonly parameter: PlannedStep["parameter"];
  /** As the connector parsed them; undefined when it refused. */
  readonly params: unknown;
  readonly warnings: readonly Warning[];
  readonly issues: readonly ScriptIssue[];
}

/** Checks a step's parameters against its connector, without touching any data source. */
export async function checkStepParameters(
  kind: "reader" | "writer",
  step: Step,
  parsed: Omit<ParsedScript, "warnings">,
): Promise<CheckedStep> {
  const { locate } = parsed;
  const connector = await stepConnector(kind, parsed);
  const side = connector[kind];
  if (!side) throw new InternalError("INTERNAL", `${connector.name} passed as a ${kind} and is none`);
  const spelled = checkKeys(step, describeFields(side.params), locate);
  const overrides = "overrides" in side ? side.overrides : undefined;
  const effective = withoutOverridden({ ...step, parameter: spelled.parameter }, overrides ?? {}, locate);
  const defaults = "defaults" in side ? side.defaults : undefined;
  const parameter = withDefaults(effective.parameter, defaults?.[step.type]);
  const events = checkEventUses(parsed.eventUses, { path: step.path, sqlKeys: sqlKeysOf(side.params), locate });
  const warnings = [...spelled.warnings, ...effective.warnings, ...events.warnings];
  const result = side.params.safeParse(parameter);
  const isPending = (value: Json | undefined) =>
    parsed.isPreview &&
    typeof value === "string" &&
    hasPlaceholder(value, { bareNames: parsed.job.format === "datax" });
  const refused = result.error?.issues.filter((issue) => !isPending(refusedValue(issue, parameter))) ?? [];
  const issues = [...issuesFromZod({ issues: refused }, step, locate), ...events.issues];
  if (result.success) warnings.push(...adviceOn({ ...side, kind }, result.data, parsed));
  return { step, connector, parameter, params: result.data, warnings, issues };
}

function keysOfSide(side: { readonly params: z.ZodType } | undefined): readonly string[] {
  return side ? parameterKeys(side.params) : [];
}

interface AdvisingSide {
  readonly kind: "reader" | "writer";
  readonly params: z.ZodType;
  advice?(params: unknown): readonly ParameterAdvice[];
}

/** What the connector finds odd, at its place in the script; what may still be a placeholder is not looked at. */
function adviceOn(side: AdvisingSide, params: unknown, parsed: Omit<ParsedScript, "warnings">): Warning[] {
  const keys = parameterKeys(side.params);
  const placed = { ...parsed, keys: { reader: keys, writer: keys } };
  return (side.advice?.(params) ?? []).map((advice) => placedWarning(advice, side.kind, placed));
}

/** A checked step, and where its fields stand. */
type FoundStep = Pick<CheckedStep, "step" | "connector" | "parameter"> &
  Pick<ParsedScript, "locate"> & { readonly kind: "reader" | "writer" };

async function addSources(services: Services, input: ResolveInput, found: FoundStep): Promise<PlannedStep> {
  const { connector, parameter } = found;
  const inline = input.inlineSources[found.kind];
  const names = namedSources(parameter);
  if (names.length === 0 && !connector.source.schema.safeParse({}).success)
    throw sourceError(found, undefined, {
      code: "CONFIG_INVALID",
      message: `required; expected the name of a registered data source of type ${connector.name}`,
    });
  const sources = await allInOrder(
    names.map(async (name): Promise<NamedSource> => {
      const own = inline.find((one) => one.name === name);
      return own ?? findSource(services, name, { ...input, found });
    }),
  );
  return { type: connector.name, parameter, sources };
}

async function findSource(
  services: Services,
  name: string,
  { workspace, environment, found: step }: ResolveInput & { readonly found: FoundStep },
): Promise<NamedSource> {
  const found = await findVisible(services, workspace, name);
  const refuse = (code: ErrorCode, message: string) =>
    sourceError(step, name, { code, message: `data source "${name}" ${message}` });
  if (!found) throw refuse("NOT_FOUND", "is not registered; register it, or correct the name");
  if (connectorName(found.record.type) !== step.connector.name)
    throw refuse("CONFIG_INVALID", `is of type ${found.record.type}, the step wants ${step.connector.name}`);
  const path = pathOfSource(step, name);
  const { type, properties, boundTo, sealed, resourceGroup } = definitionFor(found, environment, path);
  return { name, source: { type, properties, boundTo, sealed }, ...(resourceGroup && { resourceGroup }) };
}

function sourceError(
  found: FoundStep,
  name: string | undefined,
  { code, message }: { readonly code: ErrorCode; readonly message: string },
): UserError {
  const path = pathOfSource(found, name);
  return new UserError(code, `${path}: ${message}`, { path, place: found.locate(path) });
}

/** Where a step names a data source: in the parameter, or in a connection of it. */
function pathOfSource({ step, parameter }: FoundStep, name: string | undefined): string {
  const names = (one: Json | undefined) => isJsonObject(one) && String(one.datasource).trim() === name;
  const { connection } = parameter;
  const index = Array.isArray(connection) ? connection.findIndex(names) : -1;
  if (!names(parameter) && names(connection)) return `${step.path}.connection.datasource`;
  return names(parameter) || index < 0 ? `${step.path}.datasource` : `${step.path}.connection[${index}].datasource`;
}
