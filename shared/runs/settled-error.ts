import type { ErrorReport } from "../model/errors.js";
import type { RunRecord } from "../model/run.js";
import type { SplitRow } from "../model/split.js";

/**
 * The error with which an aborted run ends. Of several splits that failed at once the one of lowest number tells: whose
 * came first is chance. A run that was cancelled, or failed for another reason, keeps that.
 */
export function settledError(
  { outcome, error }: Pick<RunRecord, "outcome" | "error">,
  splits: readonly Pick<SplitRow, "number" | "state" | "error">[],
): ErrorReport | null {
  const failed = splits.filter((split) => split.state === "failed" && split.error !== null);
  const isOfSplit = failed.some(
    (split) => split.error?.code === error?.code && split.error?.message === error?.message,
  );
  if (outcome !== "failed" || !isOfSplit) return error;
  return failed.reduce((first, split) => (split.number < first.number ? split : first)).error;
}
