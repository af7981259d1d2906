import { randomBytes } from "node:crypto";
import type { RunRecord } from "../model/run-record.js";
import type { Services } from "./services.js";

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
  run: string,
  owner: string,
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

/** Who holds a lease, and how often it is renewed, in milliseconds. */
export interface LeaseHolder {
  readonly owner: string;
  readonly renewMs?: number;
}

/**
 * Does something while the lease on a run is kept alive. The signal fires when the lease is lost: a late `preSql` would
 * empty a table that the shards of the next planner are filling.
 *
 * @throws LeaseLost when the action failed after that, whatever it threw
 */
export async function whileLeased<T>(
  services: Services,
  run: string,
  { owner, renewMs = RUN_LEASE_MS / 3 }: LeaseHolder,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  let until = services.now() + RUN_LEASE_MS;
  const renew = async (): Promise<void> => {
    const next = services.now() + RUN_LEASE_MS;
    try {
      const { run: current } = await services.runs.update(run, (record) =>
        record.lease?.owner === owner ? { ...record, lease: { owner, until: next } } : undefined,
      );
      if (current.lease?.owner === owner) until = next;
      else lost.abort();
    } catch (error) {
      services.log.warn("lease not renewed", { run, error: String(error) });
    }
    if (services.now() >= until) lost.abort();
  };
  const renewal = setInterval(() => void renew(), renewMs);
  try {
    return await action(lost.signal);
  } catch (error) {
    if (lost.signal.aborted) throw new LeaseLost(`the lease on run ${run} was lost`, { cause: error });
    throw error;
  } finally {
    clearInterval(renewal);
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
