import type { Label } from "../../calendar/label.js";
import type { Occurrence, Occurrences } from "../../calendar/occurrences.js";

/** What becomes of labels that were due while no tick came. */
export type CatchUp = "all" | "latest" | "skip";

/** How far firings are made up for. */
export interface CatchUpRule {
  readonly policy: CatchUp;
  /** Older ones are not made up. */
  readonly windowMs: number;
  /** Of one job at once. */
  readonly most: number;
}

/** As jobs have it unless they say otherwise: a job that uses no business time would do the same work again and again. */
export function defaultCatchUp({ usesBusinessTime }: { readonly usesBusinessTime: boolean }): CatchUpRule {
  return { policy: usesBusinessTime ? "all" : "latest", windowMs: 7 * 86_400_000, most: 1_000 };
}

/** What a tick makes of a job's labels. */
export interface MadeUp {
  /** In the order in which they became due. */
  readonly make: readonly Occurrence[];
  /** First and last label that are not made: one record says so, that they are not gone in silence. */
  readonly skipped: { readonly from: Label; readonly to: Label } | null;
}

/** What was due in the minute before its tick was not missed. */
const ON_TIME_MS = 60_000;

/**
 * Decides which of the labels that became due after one moment and up to a tick are made. Where not all are, the oldest are left out.
 *
 * @param afterMs  exclusive, epoch ms
 * @param tickMs   inclusive, epoch ms
 */
export function catchUp(
  occurrences: Occurrences,
  { afterMs, tickMs }: { readonly afterMs: number; readonly tickMs: number },
  { policy, windowMs, most }: CatchUpRule,
): MadeUp {
  const due = dueIn(occurrences, Math.max(afterMs, tickMs - windowMs), tickMs);
  const onTime = due.filter(({ at }) => at > tickMs - ON_TIME_MS);
  const make = { all: due.slice(-most), latest: due.slice(-1), skip: onTime }[policy];
  const first = occurrences.after(afterMs).next().value;
  if (!first || first.at > tickMs || first.label === make[0]?.label) return { make, skipped: null };
  const next = make[0] ?? occurrences.after(tickMs).next().value;
  const last = next ? occurrences.before(next.label) : due.at(-1);
  return { make, skipped: { from: first.label, to: last?.label ?? first.label } };
}

function dueIn(occurrences: Occurrences, afterMs: number, tickMs: number): readonly Occurrence[] {
  const due: Occurrence[] = [];
  for (const one of occurrences.after(afterMs)) {
    if (one.at > tickMs) break;
    due.push(one);
  }
  return due;
}

/**
 * The own instance whose end a label waits for, where at most `parallel` of a job run at once: the one so many before it.
 *
 * @param labels  of the job, ascending
 */
export function heldInOrderBy(labels: readonly Label[], label: Label, parallel: number): Label | null {
  const before = labels.filter((one) => one < label);
  return before.at(-parallel) ?? null;
}
