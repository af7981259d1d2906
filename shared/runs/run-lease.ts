import { randomBytes } from "node:crypto";
import { fromErrorReport, SluiceError, UserError } from "../model/errors.js";
import { Overdue } from "../model/overdue.js";
import type { RunRecord } from "../model/run.js";
import type { Services } from "../services.js";

/** A lease on a run holds this long without renewal; it is renewed three times as often. */
export const RUN_LEASE_MS = 30_000;

/** True when somebody else is at work on a step that must not be done by two at once. */
export function isLeasedByOther(run: RunRecord, owner: string, now: number): boolean {
  return run.lease !== null && run.lease.owner !== owner && run.lease.until > now;
}

/**
 * Takes the lease on a run together with a change of it.
 *
 * @param change  what it becomes, or undefined to leave it
 * @returns the run as stored; undefined when somebody else holds the lease, or nothing was to be changed
 */
export async function takeLease(
  services: Services,
  { run, owner }: Pick<LeaseHolder, "run" | "owner">,
  change: (run: RunRecord) => RunRecord | undefined,
): Promise<RunRecord | undefined> {
  const { run: taken, changed } = await services.runs.update(run, (current) => {
    const now = services.now();
    const next = isLeasedByOther(current, owner, now) ? undefined : change(current);
    return next && { ...next, lease: { owner, until: now + RUN_LEASE_MS } };
  });
  return changed ? taken : undefined;
}

/** The work under a lease broke off because somebody else may do it by now: that one has the last word on the run. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/** Who holds a lease for what work, and how often it is renewed; times in milliseconds. */
export interface LeaseHolder {
  readonly run: string;
  readonly owner: string;
  readonly renewMs?: number;
  /** How long the work may take in all, statements of the user's included. */
  readonly limitMs?: number;
  /** How often to see whether the run was cancelled; absent = the work is not to be cancelled. */
  readonly lookMs?: number;
  /** Data sources that the work may wait for, told when none of their connections says which it was. */
  readonly sources: readonly string[];
}

/**
 * Does something while the lease on a run is kept alive. The signal fires when the lease is lost (a late `preSql` would
 * empty a table that the shards of the next planner are filling), when the run is cancelled, and when the time is up.
 * Then it is over, also for an action that waits for somebody who says nothing and does not heed the signal.
 *
 * @throws LeaseLost when the action failed after it was lost, whatever it threw; UserError CANCELLED, SOURCE_UNREACHABLE
 */
export async function whileLeased<T>(
  services: Services,
  { run, owner, renewMs = RUN_LEASE_MS / 3, limitMs = WORK_MS, lookMs, sources }: LeaseHolder,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  // By this reason whoever waits for a server tells which one.
  const limit = setTimeout(() => lost.abort(new Overdue(limitMs)), limitMs);
  const cancelTimer = lookMs && setInterval(() => void heedCancel(services, run, lost), lookMs);
  let until = services.now() + RUN_LEASE_MS;
  const renew = async (): Promise<void> => {
    const next = services.now() + RUN_LEASE_MS;
    try {
      const { run: current } = await services.runs.update(run, (record) =>
        record.lease?.owner === owner ? { ...record, lease: { owner, until: next } } : undefined,
      );
      if (current.lease?.owner === owner) until = next;
      else lost.abort(new LeaseLost(`the lease on run ${run} was lost`));
    } catch (error) {
      services.log.warn("lease not renewed", { run, error: String(error) });
    }
    if (services.now() >= until) lost.abort(new LeaseLost(`the lease on run ${run} was lost`));
  };
  const renewal = setInterval(() => void renew(), renewMs);
  try {
    return await Promise.race([action(lost.signal), whenAborted(lost.signal)]);
  } catch (error) {
    const { aborted, reason } = lost.signal;
    if (aborted && reason instanceof Overdue) throw tooLate(limitMs, error, sources);
    throw aborted ? reason : error;
  } finally {
    clearTimeout(limit);
    if (cancelTimer) clearInterval(cancelTimer);
    clearInterval(renewal);
  }
}

/** Final, though a connection that ends calls it passing: the next try would wait as long. */
function tooLate(limitMs: number, error: unknown, sources: readonly string[]): UserError {
  const isKnown = error instanceof SluiceError && error.code === "SOURCE_UNREACHABLE";
  const names = sources.map((name) => `"${name}"`).join(" or ");
  const silent = `the server of data source ${names} lets in and then does not answer, or a statement takes longer`;
  const reason = isKnown ? error.message : silent;
  return new UserError(
    "SOURCE_UNREACHABLE",
    `planning or publishing did not end within ${limitMs / 1000} s: ${reason}`,
  );
}

/** Longest planning or publishing, statements of the user's included: the planner has ten minutes in all (`s.yaml`). */
const WORK_MS = 9 * 60_000;

/** How long an action that heeds the signal may take to clean up. */
const CLEAN_UP_MS = 2000;

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => setTimeout(() => reject(signal.reason), CLEAN_UP_MS).unref(), {
      once: true,
    });
  });
}

async function heedCancel(services: Services, run: string, lost: AbortController): Promise<void> {
  try {
    const brief = await services.runs.findBrief(run);
    if (brief?.state === "aborting" && brief.error) lost.abort(fromErrorReport(brief.error));
  } catch (error) {
    services.log.warn("run not looked at", { run, error: String(error) });
  }
}

/** Gives a lease back. False when it is somebody else's by now, who alone decides about the run then. */
export async function dropLease(services: Services, run: string, owner: string): Promise<boolean> {
  const { changed } = await services.runs.update(run, (current) =>
    current.lease?.owner === owner ? { ...current, lease: null } : undefined,
  );
  return changed;
}

/** A name for one invocation as holder of leases. A repeated delivery may carry the same request id, so that alone will not do. */
export function leaseOwner(requestId: string): string {
  return `${requestId}-${randomBytes(6).toString("hex")}`;
}
