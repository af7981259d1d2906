import { TransientError, UserError } from "../model/errors.js";
import type { Quotas } from "../model/quotas.js";
import type { Counted, QuotasStore } from "./quotas-store.js";

/** Where quotas are looked up. */
interface WithQuotas {
  readonly quotas: QuotasStore;
}

const nouns: Readonly<Record<Counted, string>> = {
  jobs: "stored jobs",
  dataSources: "data sources",
  tokens: "tokens",
  queuedRuns: "runs that have not ended",
};

/**
 * Refuses one more of what a workspace has its fill of. Two that come at once may both pass: a quota bounds what others
 * pay for, not to the last one.
 *
 * @throws UserError QUOTA_EXCEEDED; for runs a TransientError, since some will end
 */
export async function keepQuota({ quotas }: WithQuotas, workspace: string, what: Counted): Promise<void> {
  const { [what]: most } = await quotas.get(workspace);
  if ((await quotas.used(workspace, what, most)) < most) return;
  const message = `workspace "${workspace}" has ${most} ${nouns[what]}, as many as it may (quota ${what})`;
  throw what === "queuedRuns"
    ? new TransientError("QUOTA_EXCEEDED", message)
    : new UserError("QUOTA_EXCEEDED", message);
}

/**
 * Refuses a script that is longer than a workspace may store.
 *
 * @throws UserError QUOTA_EXCEEDED at `script`
 */
export async function keepScriptQuota({ quotas }: WithQuotas, workspace: string, script: string): Promise<void> {
  const { scriptBytes: most }: Quotas = await quotas.get(workspace);
  const bytes = Buffer.byteLength(script);
  if (bytes <= most) return;
  const message = `script: ${bytes} bytes; workspace "${workspace}" takes ${most} (quota scriptBytes)`;
  throw new UserError("QUOTA_EXCEEDED", message, { path: "script" });
}
