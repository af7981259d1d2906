import type { ErrorReport } from "../model/errors.js";
import type { RunRecord, RunState } from "../model/run.js";

/** What can happen to a run. */
export type RunEvent =
  | { readonly kind: "plan" }
  | { readonly kind: "planned" }
  | { readonly kind: "splitsDone" }
  | { readonly kind: "published" }
  | { readonly kind: "abort"; readonly outcome: "failed" | "cancelled"; readonly error: ErrorReport }
  | { readonly kind: "settled" };

const allowed: Readonly<Record<RunEvent["kind"], readonly RunState[]>> = {
  plan: ["queued", "planning"],
  planned: ["planning"],
  splitsDone: ["running", "publishing"],
  published: ["publishing"],
  abort: ["queued", "planning", "running", "publishing"],
  settled: ["aborting"],
};

/**
 * Decides what an event makes of a run; carries nothing out.
 *
 * @param at  ISO time of the event
 * @returns undefined when the event means nothing any more, which is normal: everything may be delivered twice
 */
export function transitionRun(run: RunRecord, event: RunEvent, at: string): RunRecord | undefined {
  if (!allowed[event.kind].includes(run.state)) return undefined;
  // What is about to become visible is not taken back.
  if (event.kind === "abort" && event.outcome === "cancelled" && run.state === "publishing") return undefined;
  return apply(run, event, at);
}

function apply(run: RunRecord, event: RunEvent, at: string): RunRecord {
  switch (event.kind) {
    case "plan":
      return { ...run, state: "planning", startedAt: run.startedAt ?? at, planAttempts: run.planAttempts + 1 };
    case "planned":
      return { ...run, state: "running", lease: null };
    case "splitsDone":
      return { ...run, state: "publishing", finishAttempts: run.finishAttempts + 1 };
    case "published":
      return { ...run, state: "succeeded", endedAt: at, lease: null };
    case "abort":
      return { ...run, state: "aborting", outcome: event.outcome, error: event.error };
    case "settled":
      return { ...run, state: run.outcome ?? "failed", endedAt: at, lease: null };
  }
}
