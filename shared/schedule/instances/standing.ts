import type { JobLabel } from "../../dependencies/edges.js";
import type { InstanceState } from "../../model/instance.js";

/** How an awaited instance stands; null = it was not made yet. */
export type StandingOf = (awaited: JobLabel) => InstanceState | null;

const satisfying: readonly (InstanceState | null)[] = ["succeeded", "skipped"];

const words: Readonly<Record<Exclude<InstanceState, "succeeded" | "skipped">, string>> = {
  waiting: "which waits itself",
  ready: "which waits for a slot",
  running: "which runs",
  failed: "which failed",
  cancelled: "which was cancelled",
  frozen: "which is frozen",
};

/** An awaited instance that holds another one, and why, for people. */
export interface Holding extends JobLabel {
  /** `waits for orders_load 2026-11-28T02:00, which failed`. */
  readonly reason: string;
}

/**
 * Which of the awaited are not satisfied, the latest first: that is the one to register on. What failed does not fail its dependants;
 * they wait and name it, so that its rerun is enough.
 */
export function holding(awaited: readonly JobLabel[], standingOf: StandingOf): readonly Holding[] {
  const held = awaited.flatMap(({ job, label }): Holding[] => {
    const state = standingOf({ job, label });
    if (satisfying.includes(state)) return [];
    return [{ job, label, reason: `waits for ${job} ${label}, ${standingText(state)}` }];
  });
  return held.sort((a, b) => (a.label === b.label ? 0 : a.label < b.label ? 1 : -1));
}

/** How an awaited instance stands, for people; null = it was not made. */
export function standingText(state: InstanceState | null): string {
  if (state === null) return "which is not due yet";
  return state === "succeeded" || state === "skipped" ? "which is done" : words[state];
}
