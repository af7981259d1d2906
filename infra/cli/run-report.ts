import { businessDateOf } from "../../shared/calendar/label.js";
import type { InstanceState } from "../../shared/model/instance.js";
import { own } from "../../shared/model/own.js";
import type { Run } from "../../shared/model/run.js";
import type { SplitView } from "../../shared/model/split.js";
import { costText } from "./cost-text.js";
import { bytes, groupedCount, groupedCounted, localTime, seconds } from "./numbers.js";
import { type ScriptText, showIssue, withoutPlace } from "./problem.js";
import { type RunFigures, runFigures } from "./run-figures.js";
import { tableLines } from "./table.js";
import type { OutputStream, Style } from "./terminal.js";
import { showWarnings } from "./warnings.js";

/** What each delivery class promises, in the words of the report. */
const deliveryMeanings: Readonly<Record<string, string>> = {
  publish: "nothing visible before the end, then everything at once",
  ledger: "exactly once, kept by a ledger in the target's own transactions",
  idempotent: "repeatable: a retry writes the same rows again",
  atLeastOnce: "at least once: a retry may repeat records",
};

/** A delivery class with its meaning. */
export function deliveryText(delivery: string): string {
  const meaning = own(deliveryMeanings, delivery);
  return meaning === undefined ? delivery : `${delivery} (${meaning})`;
}

const stateStyles: Partial<Record<string, Style>> = { succeeded: "green", failed: "red", cancelled: "yellow" };

/** A state of a run or an instance in its colour. */
export function stateText(state: Run["state"] | InstanceState, output: OutputStream): string {
  const style = own(stateStyles, state);
  return style ? output.paint(style, state) : state;
}

/**
 * Shows the report of a run to a person.
 *
 * @param script  the file that was run: warnings and errors are shown at their lines; null = it is not at hand
 */
export function showReport(
  run: Run,
  splits: readonly SplitView[],
  { output, script = null }: { output: OutputStream; script?: ScriptText | null | undefined },
): void {
  const what = run.job === null ? "" : ` of job ${run.job}`;
  const lines = [
    `run ${output.paint("bold", run.id)}${what}: ${stateText(run.state, output)}`,
    ...plannedLines(run),
    // A run that failed while it was planned has no figures to tell.
    ...(run.splits.total === 0 && run.state !== "succeeded" ? [] : workLines(run, splits)),
    ...run.notes.map((note) => `note: ${note}`),
  ];
  output.write(`${lines.join("\n")}\n`);
  showWarnings(run.warnings, output, script);
  if (run.error && run.state !== "cancelled") showRunError(run.error, output, script);
}

/** What a job's run is for; of a script that was run by hand that is now. */
function plannedLines({ job, plannedLocal }: Run): string[] {
  if (job === null || plannedLocal === undefined) return [];
  return [`planned time ${plannedLocal.replace("T", " ")}, business date ${businessDateOf(plannedLocal)}`];
}

function workLines(run: Run, splits: readonly SplitView[]): string[] {
  const figures = runFigures(run, splits);
  return [
    `${run.reader} → ${run.writer}, ${groupedCounted(run.concurrent, "shard")} at once, ${groupedCounted(run.splits.total, "split")}`,
    "",
    ...figureLines(run, figures),
    "",
    slowSideText(figures),
  ];
}

function figureLines(run: Run, figures: RunFigures): string[] {
  const rows: [label: string, value: string][] = [
    ["start time", localTime(figures.start)],
    ["end time", localTime(figures.end)],
    ["total time", seconds(figures.totalSeconds)],
    ["average traffic", `${bytes(figures.bytesPerSecond)}/s`],
    ["write speed", `${groupedCount(figures.recordsPerSecond)} rec/s`],
    ["records read", groupedCount(figures.read)],
    ["records written", groupedCount(figures.written)],
    ["dirty records", groupedCount(figures.dirty) + limitText(run)],
    ["wait on reader", seconds(figures.waitOnReaderSeconds)],
    ["wait on writer", seconds(figures.waitOnWriterSeconds)],
    ["delivery", run.delivery === null ? "-" : deliveryText(run.delivery)],
    ...(run.cost ? [["cost", costText(run.cost)] satisfies [string, string]] : []),
  ];
  return rows.map(([label, value]) => `  ${label.padEnd(16)}  ${value}`);
}

function limitText({ errorLimit }: Run): string {
  if (errorLimit.record !== null) return ` (limit ${groupedCount(errorLimit.record)})`;
  return errorLimit.percentage === null ? " (no limit)" : ` (limit ${errorLimit.percentage * 100} %)`;
}

/** Names the slow side in a sentence. */
export function slowSideText(figures: RunFigures): string {
  if (figures.slowSide === "reader")
    return `The reader is the slow side: writers waited ${seconds(figures.waitOnReaderSeconds)} for records, summed over channels.`;
  if (figures.slowSide === "writer")
    return `The writer is the slow side: readers waited ${seconds(figures.waitOnWriterSeconds)} for it, summed over channels.`;
  return "No side holds the other up: neither waited much.";
}

function showRunError(error: NonNullable<Run["error"]>, output: OutputStream, script: ScriptText | null): void {
  const { message, ...issue } = withoutPlace(error);
  const label = output.paint("red", "error");
  showIssue(
    { ...issue, message: `${message}  [${error.code}]` },
    { output, script: issue.line === undefined ? null : script, label },
  );
  output.write(`${output.paint("dim", "hint")}: ${error.hint}\n`);
}

/** A table of the splits, for `sluice runs <id>`. */
export function splitLines(splits: readonly SplitView[]): string[] {
  return tableLines(splits, [
    { title: "split", value: ({ number }) => String(number), right: true },
    { title: "state", value: ({ state }) => state },
    { title: "attempt", value: ({ attempt }) => String(attempt), right: true },
    { title: "read", value: ({ live }) => groupedCount(live.read), right: true },
    { title: "written", value: ({ live }) => groupedCount(live.written), right: true },
    { title: "dirty", value: ({ live }) => groupedCount(live.dirty), right: true },
    { title: "what", value: ({ describe, error }) => (error === null ? describe : `${describe}: ${error.message}`) },
  ]);
}
