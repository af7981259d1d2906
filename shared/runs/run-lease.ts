import { randomBytes } from "node:crypto";
import type { RunRecord } from "../model/run-record.js";
import type { Services } from "./services.js";

/** A lease on a run holds this long without renewal; it is renewed three times as often. */
export const RUN_LEASE_MS = 30_000;

/** True when somebody else is at work on a step that must not be done by two at once. */
export function isLeasedByOther(run: RunRecord, owner: string, now: number): boolean {
  return run.lease !== null && run.lease.owner !== owner && run.lease.until > now;
}

/** Does something while the lease on a run is kept alive. */
export async function whileLeased<T>(
  services: Services,
  run: string,
  owner: string,
  action: () => Promise<T>,
): Promise<T> {
  const renewal = setInterval(() => void renew(services, run, owner), RUN_LEASE_MS / 3);
  try {
    return await action();
  } finally {
    clearInterval(renewal);
  }
}

async function renew(services: Services, run: string, owner: string): Promise<void> {
  try {
    await services.runs.update(run, (current) =>
      current.lease?.owner === owner
        ? { ...current, lease: { owner, until: services.now() + RUN_LEASE_MS } }
        : undefined,
    );
  } catch (error) {
    services.log.warn("lease not renewed", { run, error: String(error) });
  }
}

/** A name for one invocation as holder of leases. A repeated delivery may carry the same request id, so that alone will not do. */
export function leaseOwner(requestId: string): string {
  return `${requestId}-${randomBytes(6).toString("hex")}`;
}
