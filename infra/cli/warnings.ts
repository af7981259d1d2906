import type { Warning } from "../../shared/model/job.js";
import { type ScriptText, showIssue } from "./problem.js";
import type { OutputStream } from "./terminal.js";

/** Shows warnings of a job script at their places. */
export function showWarnings(warnings: readonly Warning[], output: OutputStream, script: ScriptText | null): void {
  for (const warning of warnings) showIssue(warning, { output, script, label: output.paint("yellow", "warning") });
}
