import { type ResolvedJob, type ResolveInput, resolveJob } from "../jobs/resolve-job.js";
import type { MappingReport, RecordPreview } from "../model/mapping.js";
import type { PlannedStep, PlanReport } from "../model/plan.js";
import type { Services } from "../services.js";
import { askGroup } from "./ask-group.js";

/** What a job that is looked at connects to, by side. */
export type JobSides = Readonly<Record<"reader" | "writer", { type: string; dataSources: readonly string[] }>>;

/** For whom a plan is made. */
export interface PreviewOptions {
  /** The caller may see records of the environment. */
  readonly mayRead: boolean;
  /** Told what will be looked into, before it is. */
  keep(sides: JobSides): Promise<void>;
}

/**
 * Tells what a run of a script would do. What connects is done where the run would be planned: in the network of its
 * resource group. Nothing of the user's is run but the SELECTs that splitting needs, and without `mayRead` not even those.
 *
 * @throws UserError SCRIPT_INVALID with every problem of both sides, PARAMETER_MISSING, NOT_FOUND, and what the systems
 *   answer; TransientError SOURCE_BUSY when the group has no room
 */
export async function previewPlan(
  services: Services,
  input: ResolveInput,
  { mayRead, keep }: PreviewOptions,
): Promise<PlanReport> {
  const group = await groupOfLook(services, input, keep);
  return askGroup(services, group, { kind: "layOut", job: { ...input }, mayRead });
}

/** Puts the columns of both sides of a job side by side; see {@link previewPlan}. */
export async function previewMapping(
  services: Services,
  input: ResolveInput,
  { mayRead, keep }: PreviewOptions,
): Promise<MappingReport> {
  const group = await groupOfLook(services, input, keep);
  return askGroup(services, group, { kind: "mapping", job: { ...input }, mayRead });
}

/** Shows the first records as they would arrive, to somebody who may read them; see {@link previewPlan}. */
export async function previewFirstRecords(
  services: Services,
  input: ResolveInput,
  { limit, keep }: Pick<PreviewOptions, "keep"> & { readonly limit: number },
): Promise<RecordPreview> {
  const group = await groupOfLook(services, input, keep);
  return askGroup(services, group, { kind: "records", job: { ...input }, limit });
}

async function groupOfLook(services: Services, input: ResolveInput, keep: PreviewOptions["keep"]): Promise<string> {
  const resolved = await resolveJob(services, input);
  await keep(sidesOf(resolved));
  return resolved.group;
}

function sidesOf({ reader, writer }: ResolvedJob): JobSides {
  const side = ({ type, sources }: PlannedStep) => ({ type, dataSources: sources.map(({ name }) => name) });
  return { reader: side(reader), writer: side(writer) };
}
