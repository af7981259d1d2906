import { counted } from "../../model/counted.js";
import type { ErrorReport } from "../../model/errors.js";
import { sumCounters } from "../../model/progress.js";
import type { RunRecord } from "../../model/run.js";
import type { SplitRow } from "../../model/split.js";

/** Sums absolute figures of the splits; a repeated report changes nothing. */
export function totalsOf(splits: readonly SplitRow[]): Pick<RunRecord, "counters" | "waitMs" | "dirtyKept" | "splits"> {
  return {
    counters: sumCounters(splits.map(({ live }) => live)),
    waitMs: {
      reader: splits.reduce((sum, { waitMs }) => sum + waitMs.reader, 0),
      writer: splits.reduce((sum, { waitMs }) => sum + waitMs.writer, 0),
    },
    dirtyKept: splits.reduce((sum, { dirtyKept }) => sum + dirtyKept, 0),
    splits: { total: splits.length, done: splits.filter(({ state }) => state === "done").length },
  };
}

/** Records that must have been read before a percentage means anything in a run that goes on. */
const PERCENTAGE_FROM = 1000;

/**
 * Judges the error limit of the whole run.
 *
 * @returns what is wrong, or null
 */
export function overErrorLimit(
  run: Pick<RunRecord, "errorLimit" | "counters">,
  { isAllRead }: { readonly isAllRead: boolean },
): string | null {
  const { errorLimit, counters } = run;
  if (errorLimit.record !== null)
    return counters.dirty > errorLimit.record
      ? `${counted(counters.dirty, "dirty record")}; the job allows ${errorLimit.record}`
      : null;
  if (errorLimit.percentage === null || counters.read === 0) return null;
  // None allowed: what is read later cannot make up for the first.
  if (!isAllRead && counters.read < PERCENTAGE_FROM && errorLimit.percentage > 0) return null;
  const share = counters.dirty / counters.read;
  if (share <= errorLimit.percentage) return null;
  const percent = (share * 100).toFixed(2);
  const verb = counters.dirty === 1 ? "is" : "are";
  return `${counters.dirty} of ${counted(counters.read, "record")} ${verb} dirty (${percent} %); the job allows ${errorLimit.percentage * 100} %`;
}

/**
 * What the sums of a run that was broken off do not know: splits whose last shard went away without a word, or never heard
 * whether its last transaction was committed. Decision 0008 says why the target is not asked.
 *
 * @param delivery  class in force; null = nothing was prepared
 * @returns a note for the report, or null when the sums are exact
 */
export function uncertaintyOf(splits: readonly SplitRow[], delivery: string | null): string | null {
  const open = splits.filter(({ state, uncertain }) => state === "claimed" || (state !== "done" && uncertain));
  // What was only staged is never seen.
  if (open.length === 0 || delivery === null || delivery === "publish") return null;
  const numbers = open.slice(0, MOST_NAMED).map(({ number }) => number);
  const more = open.length > numbers.length ? " and others" : "";
  const which = `${open.length} of ${counted(splits.length, "split")} ended without a last word (${numbers.join(", ")}${more})`;
  return `${which}: the target may hold more of their records than are counted here; counting its rows tells the true number`;
}

/** Splits that a note names one by one. */
const MOST_NAMED = 10;

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
