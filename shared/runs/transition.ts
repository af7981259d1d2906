import type { Prepared } from "../connectors/contract.js";
import type { ErrorReport } from "../model/errors.js";
import type { RunRecord, RunState } from "../model/run.js";

/** What can happen to a run. */
export type RunEvent =
  | { readonly kind: "plan" }
  | { readonly kind: "planned" }
  | { readonly kind: "splitsDone" }
  | { readonly kind: "published" }
  | { readonly kind: "abort"; readonly outcome: "failed" | "cancelled"; readonly error: ErrorReport }
  | { readonly kind: "settled"; readonly resumableUntil: string }
  | { readonly kind: "resume" };

const allowed: Readonly<Record<RunEvent["kind"], readonly RunState[]>> = {
  plan: ["queued", "planning"],
  planned: ["planning"],
  splitsDone: ["running", "publishing"],
  published: ["publishing"],
  abort: ["queued", "planning", "running", "publishing"],
  settled: ["aborting"],
  resume: ["failed", "cancelled"],
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
  const over = { endedAt: at, lease: null };
  switch (event.kind) {
    case "plan":
      return { ...run, state: "planning", startedAt: run.startedAt ?? at, planAttempts: run.planAttempts + 1 };
    case "planned":
      return { ...run, state: "running", lease: null };
    case "splitsDone":
      return { ...run, state: "publishing", finishAttempts: run.finishAttempts + 1 };
    case "published":
      return { ...run, ...over, state: "succeeded" };
    case "abort":
      return { ...run, state: "aborting", outcome: event.outcome, error: event.error };
    case "settled":
      return { ...run, ...over, state: run.outcome ?? "failed", resumableUntil: event.resumableUntil };
    case "resume":
      return resumed(run);
  }
}

/** As it was when it was asked for, but for its plan where the target keeps what has arrived: that is gone on from. */
function resumed(run: RunRecord): RunRecord {
  const asked = { state: "queued", outcome: null, error: null, endedAt: null, finishAttempts: 0 } as const;
  const resumes = (run.resumes ?? 0) + 1;
  const next: RunRecord = { ...run, ...asked, plan: null, notes: [], resumableUntil: null, resumes };
  return keepsWhatArrived(run) ? { ...next, plan: run.plan, notes: notesOfPlan(run) } : next;
}

/** Without those on how it ended. */
function notesOfPlan({ plan }: RunRecord): readonly string[] {
  return (plan?.prepared as Partial<Prepared> | undefined)?.notes ?? [];
}

/** True for a planned run whose records are in the target as they are written; what is published at the end is removed when the run fails. */
export function keepsWhatArrived({ plan, delivery }: Pick<RunRecord, "plan" | "delivery">): boolean {
  return plan !== null && delivery !== null && delivery !== "publish";
}
