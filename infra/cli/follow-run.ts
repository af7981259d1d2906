import type { Client } from "../../shared/api/client/client.js";
import type { KeptDirtyRecord } from "../../shared/model/dirty-record.js";
import type { RunOrder } from "./api-requests.js";
import { dirtyLines } from "./dirty-list.js";
import { type ExitCode, exitCodeOfRun } from "./exit-codes.js";
import { groupedCounted } from "./numbers.js";
import { runFigures } from "./run-figures.js";
import { showReport } from "./run-report.js";
import type { CommandCall } from "./shell.js";
import { missingSourceAdvice } from "./source-advice.js";
import { type WatchedRun, watchRun } from "./watch-run.js";

/** How many dirty records the report shows. */
const DISPLAYED_DIRTY = 10;

/** Starts a run, follows it and reports. */
export async function runAndReport(call: CommandCall, client: Client, request: RunOrder): Promise<ExitCode> {
  return followAndReport(call, client, (await client.startRun({ body: request })).id);
}

/** Follows a run to its end and reports it, with its first dirty records; the exit code says how it ended. */
export async function followAndReport(call: CommandCall, client: Client, id: string): Promise<ExitCode> {
  const { terminal, json } = call;
  const view = await watchRun(client, id, { terminal, quiet: json });
  const dirty =
    view.run.counters.dirty === 0 ? [] : (await client.dirty({ id, query: { limit: DISPLAYED_DIRTY } })).items;
  call.answer({ ...view, figures: runFigures(view.run, view.splits), dirty }, () => showRun(call, view, dirty));
  return exitCodeOfRun(view.run);
}

function showRun(
  { terminal: { out }, script }: CommandCall,
  { run, splits }: WatchedRun,
  dirty: readonly KeptDirtyRecord[],
): void {
  showReport(run, splits, { output: out, script });
  const advice = run.error && missingSourceAdvice(run.error.message);
  if (advice) out.write(`${advice}\n`);
  if (run.resumableUntil) out.write(`once the cause is gone, it can go on where it stands: sluice resume ${run.id}\n`);
  if (dirty.length === 0) return;
  const listed = dirty.slice(0, DISPLAYED_DIRTY);
  const more = run.counters.dirty - listed.length;
  const kept = run.dirtyKept < run.counters.dirty ? `, ${groupedCounted(run.dirtyKept, "record")} kept` : "";
  out.write(`\n${dirtyLines(listed).join("\n")}\n`);
  if (more > 0) out.write(`… and ${groupedCounted(more, "more dirty record")}${kept}: sluice dirty ${run.id}\n`);
}
