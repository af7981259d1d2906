import { costOf } from "../../jobs/cost.js";
import { UserError } from "../../model/errors.js";
import { isEnded, type Run, type RunRecord, viewRun } from "../../model/run.js";
import type { SplitRow, SplitView } from "../../model/split.js";
import type { Services } from "../../services.js";
import { totalsOf } from "../end/totals.js";
import { splitSetOf } from "../wake.js";

/** A run as anybody may see it; figures of a run that goes on are those of the splits at this moment. */
export interface RunView {
  readonly run: Run;
  readonly splits: readonly SplitView[];
}

/**
 * The record of a run, for callers of its workspace: to others it does not exist.
 *
 * @throws UserError NOT_FOUND
 */
export async function runOf(services: Services, workspace: string, id: string): Promise<RunRecord> {
  const found = await services.runs.find(id);
  if (!found || found.value.workspace !== workspace)
    throw new UserError("NOT_FOUND", `there is no run "${id}"`, { path: "id" });
  return found.value;
}

/**
 * Reads a run of a workspace with its splits.
 *
 * @throws UserError NOT_FOUND
 */
export async function readRun(services: Services, workspace: string, id: string): Promise<RunView> {
  const record = await runOf(services, workspace, id);
  const rows = record.plan ? (await services.splits.all(splitSetOf(record))).map(({ value }) => value) : [];
  const live = isEnded(record.state) || rows.length === 0 ? record : { ...record, ...totalsOf(rows) };
  const cost = costOf(await services.usage.all(id), record.trigger.kind === "http" ? 1 : 0);
  return { run: { ...viewRun(live), cost }, splits: rows.map(viewSplit) };
}

function viewSplit({ run, spec, token, progress, uncertain, ...split }: SplitRow): SplitView {
  return split;
}
