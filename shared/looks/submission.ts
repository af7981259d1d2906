import { dependencyFaults } from "../jobs/check-dependencies.js";
import { diffJob } from "../jobs/job-versions.js";
import { type ResolveInput, resolveJob } from "../jobs/resolve-job.js";
import { type ErrorCode, toErrorReport } from "../model/errors.js";
import type { Warning } from "../model/job.js";
import type { MappingReport } from "../model/mapping.js";
import type { JobComparison } from "../model/stored-job.js";
import type { SubmissionReason } from "../model/submission.js";
import { type SourceEnvironment, sourceEnvironments, type Workspace } from "../model/workspace.js";
import { parseJob } from "../script/read/parse-job.js";
import { ScriptError } from "../script/text/script-error.js";
import type { Services } from "../services.js";
import { findVisible, submitObstacles } from "../sources/find-source.js";
import type { JobRecord } from "../store/jobs-store.js";
import { askGroup } from "./ask-group.js";
import { schemaDifferences } from "./schema-differences.js";
import { testSources, testTarget } from "./test-source.js";

/** What is to be known of a draft before it is published. */
export interface SubmissionReport {
  /** Of the draft that was looked at. */
  readonly version: number;
  /** What keeps it from production; empty = nothing. */
  readonly reasons: readonly SubmissionReason[];
  readonly warnings: readonly Warning[];
  /** What differs from what is in production; null = nothing is there yet. */
  readonly changes: JobComparison | null;
}

/** Which draft is looked at, and for what planned time, as its clock shows it. */
export interface SubmissionAsked {
  readonly name: string;
  plannedFor(job: JobRecord): string;
}

/**
 * Looks for all that keeps a job's draft from production: data sources that lack a half or cannot be reached, a script or parameters that
 * do not hold in either environment, and columns that the two halves have differently. Connects as plans do.
 *
 * @throws UserError NOT_FOUND
 */
export async function checkSubmission(
  services: Services,
  home: Workspace,
  { name, plannedFor }: SubmissionAsked,
): Promise<SubmissionReport> {
  const found = await services.jobs.get(home.name, name);
  const changes = found.value.production
    ? await diffJob(services, home.name, { name, from: "production", to: "draft" })
    : null;
  const { reasons, warnings } = await reasonsAgainst(services, home, { job: found.value, plannedFor });
  return { version: found.version, reasons, warnings, changes };
}

interface Findings {
  readonly reasons: readonly SubmissionReason[];
  readonly warnings: readonly Warning[];
}

async function reasonsAgainst(
  services: Services,
  home: Workspace,
  { job: value, plannedFor }: Pick<SubmissionAsked, "plannedFor"> & { readonly job: JobRecord },
): Promise<Findings> {
  const waits = await dependencyFaults(services, { workspace: home.name, job: value.name }, value);
  const plannedLocal = plannedFor(value);
  const missing = await submitObstacles(services, home, value.dataSources);
  const sources = missing.map((message) => reason("SOURCE_INCOMPLETE", message));
  const inputs = sourceEnvironments.map((environment) => inputFor(home, { job: value, environment, plannedLocal }));
  const unresolved = (await Promise.all(inputs.map((input) => resolving(services, input)))).flat();
  // What is not configured was said, once and not for each environment.
  const others = unresolved.filter(
    ({ code }) => missing.length === 0 || !/^(?:SOURCE_INCOMPLETE|NOT_FOUND)$/.test(code),
  );
  const unreached = missing.length > 0 ? [] : await unreachable(services, home, value.dataSources);
  const circles = waits.map((fault) => reason("CONFIG_INVALID", `dependencies: ${fault}`, "dependencies"));
  const early = once([...sources, ...others, ...circles, ...unreached]);
  if (early.length > 0) return { reasons: early, warnings: [] };
  return comparedColumns(services, value, inputs);
}

function reason(code: ErrorCode, message: string, path?: string): SubmissionReason {
  return { code, message, ...(path !== undefined && { path }) };
}

function once(reasons: readonly SubmissionReason[]): readonly SubmissionReason[] {
  return [...new Map(reasons.map((one) => [`${one.code}\n${one.message}`, one])).values()];
}

interface Draft {
  readonly job: JobRecord;
  readonly environment: SourceEnvironment;
  readonly plannedLocal: string;
}

function inputFor(home: Workspace, { job, environment, plannedLocal }: Draft): ResolveInput {
  const { script, inlineSources } = job;
  const parameters = { ...eventValues(job), ...job.parameters };
  return { script, parameters, inlineSources, workspace: home.name, environment, plannedLocal };
}

/** What an upload would give. */
function eventValues({ subscription }: JobRecord): Readonly<Record<string, string>> {
  if (!subscription) return {};
  const { bucket, prefix, suffix } = subscription;
  return { "oss.bucket": bucket, "oss.key": `${prefix}object${suffix}`, "oss.etag": "0" };
}

async function resolving(services: Services, input: ResolveInput): Promise<readonly SubmissionReason[]> {
  try {
    await resolveJob(services, input);
    return [];
  } catch (error) {
    if (error instanceof ScriptError)
      return error.issues.map(({ message, path }) => reason("SCRIPT_INVALID", message, path));
    const { code, message, path } = toErrorReport(error);
    return [reason(code, message, path)];
  }
}

/** Tests both halves of each data source from the network of its group; those of a type that has no test pass. */
async function unreachable(
  services: Services,
  home: Workspace,
  names: readonly string[],
): Promise<readonly SubmissionReason[]> {
  const found = await Promise.all(names.map((name) => findVisible(services, home.name, name)));
  const targets = found.flatMap((source) =>
    source ? sourceEnvironments.map((environment) => testTarget(source, environment)) : [],
  );
  const tests = await testSources(services, home.name, { targets });
  return tests.flatMap((test, at): SubmissionReason[] => {
    const { source, environment } = targets[at] ?? {};
    const where = `data source "${source?.name}" in ${environment}`;
    if (test instanceof Error) {
      const { code, message } = toErrorReport(test);
      return code === "UNSUPPORTED" ? [] : [reason(code, `${where}: ${message}`)];
    }
    const failed = test.steps.find(({ ok }) => !ok);
    return failed ? [reason("SOURCE_UNREACHABLE", `${where}: ${failed.name}: ${failed.message}`)] : [];
  });
}

/** Puts the columns of both sides side by side in either environment. */
async function comparedColumns(
  services: Services,
  { script, inlineSources }: JobRecord,
  inputs: readonly ResolveInput[],
): Promise<Findings> {
  const { eventUses } = parseJob(script, { mode: "preview", origins: inlineSources.origins });
  if (eventUses.length > 0) {
    const message = "what the job reads is told by each upload: the columns of the two environments were not compared";
    return { reasons: [], warnings: [{ message }] };
  }
  const mapped = await Promise.all(inputs.map((input) => mappedIn(services, input)));
  const reasons = mapped.flatMap(({ failed }) => failed);
  const [development, production] = mapped.map(({ mapping }) => mapping);
  if (!development || !production) return { reasons: once(reasons), warnings: [] };
  return {
    reasons: once([
      ...reasons,
      ...schemaDifferences(development, production).map((message) => reason("CONFIG_INVALID", message)),
      ...production.problems.map((problem) => reason("CONFIG_INVALID", `in production: ${problem}`)),
    ]),
    warnings: [
      ...production.warnings,
      ...production.columns.flatMap(({ verdict, reasons: why }) =>
        verdict === "ok" ? [] : why.map((message) => ({ message: `${verdict}: ${message}` })),
      ),
    ],
  };
}

interface Mapped {
  readonly mapping?: MappingReport;
  readonly failed: readonly SubmissionReason[];
}

async function mappedIn(services: Services, input: ResolveInput): Promise<Mapped> {
  try {
    const { group } = await resolveJob(services, input);
    return {
      mapping: await askGroup(services, group, { kind: "mapping", job: { ...input }, mayRead: true }),
      failed: [],
    };
  } catch (error) {
    const { code, message, path } = toErrorReport(error);
    return { failed: [reason(code, `in ${input.environment}: ${message}`, path)] };
  }
}
