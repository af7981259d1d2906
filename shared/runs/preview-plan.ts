import type { PlanReport } from "../model/run.js";
import { askGroup } from "../sources/ask-group.js";
import { type ResolveInput, resolveJob } from "./resolve-job.js";
import type { Services } from "./services.js";

/**
 * Tells what a run of a script would do. What connects is done where the run would be planned: in the network of its
 * resource group.
 *
 * @throws UserError SCRIPT_INVALID with every problem of both sides, PARAMETER_MISSING, NOT_FOUND, and what the systems
 *   answer; TransientError SOURCE_BUSY when the group has no room
 */
export async function previewPlan(services: Services, input: ResolveInput): Promise<PlanReport> {
  const { group } = await resolveJob(services, input);
  return askGroup(services, group, { kind: "layOut", job: { ...input, at: input.at.toISOString() } });
}
