import type { FunctionSpec } from "../manifest.js";
import type { InvocationOutcome } from "./invocation.js";
import type { QueuedTask } from "./queue-rows.js";

/** How an async request ended for good. */
export type Ending =
  | { readonly kind: "succeeded"; readonly outcome: InvocationOutcome }
  | { readonly kind: "failed"; readonly outcome: InvocationOutcome }
  | { readonly kind: "expired" }
  | { readonly kind: "stopped" };

/** What follows a try: another one, not before a moment, or the end. */
export type NextStep =
  | { readonly kind: "retry"; readonly job: QueuedTask }
  | { readonly kind: "end"; readonly ending: Ending };

/** The first wait of the platform's back-off; each further one is twice as long. */
const FIRST_WAIT_MS = 500;

/** Decides what follows a try of an async request. */
export function afterTry(
  spec: FunctionSpec,
  job: QueuedTask,
  { outcome, nowMs }: { outcome: InvocationOutcome; nowMs: number },
): NextStep {
  if (outcome.ok) return { kind: "end", ending: { kind: "succeeded", outcome } };
  if (job.attempt >= spec.maxRetries) return { kind: "end", ending: { kind: "failed", outcome } };
  const dueAtMs = nowMs + FIRST_WAIT_MS * 2 ** job.attempt;
  return { kind: "retry", job: { ...job, attempt: job.attempt + 1, dueAtMs } };
}

/** Whether a request waited longer than its function allows. */
export function isTooOld(spec: FunctionSpec, job: QueuedTask, nowMs: number): boolean {
  return nowMs - job.acceptedAtMs > spec.maxEventAgeS * 1000;
}
