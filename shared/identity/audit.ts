import { randomBytes } from "node:crypto";
import type { AuditEntry, Caller } from "../model/identity.js";
import type { AuditStore } from "../store/audit-store.js";

/** Longest text of `before` and `after` that is kept whole; of a longer one the audit trail keeps the beginning. */
const MAX_SIDE_CHARS = 64 * 1024;

/** Who made a change, where, in which request. */
export interface AuditContext {
  readonly workspace: string;
  readonly caller: Caller;
  readonly requestId: string;
  /** Epoch ms. */
  readonly now: number;
}

/** Keeps a change in the audit trail of a workspace. */
export async function recordAudit(trail: AuditStore, entry: AuditEntry, context: AuditContext): Promise<void> {
  const { workspace, caller, requestId, now } = context;
  const { action, object, before, after } = entry;
  await trail.append(workspace, {
    id: randomBytes(6).toString("hex"),
    at: new Date(now).toISOString(),
    caller,
    requestId,
    action,
    object,
    ...(before === undefined ? {} : { before: shortened(before) }),
    ...(after === undefined ? {} : { after: shortened(after) }),
  });
}

function shortened(side: unknown): unknown {
  const text = JSON.stringify(side) ?? "null";
  return text.length <= MAX_SIDE_CHARS ? side : { cut: text.slice(0, MAX_SIDE_CHARS) };
}
