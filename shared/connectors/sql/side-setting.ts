import { UserError } from "../../model/errors.js";
import type { ParameterAdvice } from "../../model/job.js";
import type { Side } from "../contract.js";
import type { ConnectSetting } from "./client.js";

/** What both sides' parameters have that matters here. */
export interface InSession {
  readonly session: readonly string[];
}

/** What a session is used for. */
export type SessionUse = "read" | "write";

/** Why planning does not run an entry of `session`; null when it may. */
export type WhyNotPlanned = (entry: string) => string | null;

/**
 * What the connections of a side are for; the signal is the caller's business.
 *
 * @throws UserError UNSUPPORTED at `session[i]` when a plan would have to run a statement
 */
export function settingOf<U extends SessionUse>(
  whyNot: WhyNotPlanned,
  { params: { session }, timeZone, preview }: Side<unknown, InSession>,
  use: U,
): ConnectSetting & { readonly use: U } {
  if (preview) for (const [at, entry] of session.entries()) refuseRunning(whyNot, entry, `session[${at}]`);
  return { use, session, timeZone: timeZone ?? "+00:00", preview };
}

function refuseRunning(whyNot: WhyNotPlanned, entry: string, path: string): void {
  const why = whyNot(entry);
  if (why === null) return;
  const hint =
    "Take the entry out to plan the job. A run executes it on each of its connections; what is to happen once belongs to preSql.";
  throw new UserError("UNSUPPORTED", `${path}: ${entry} ${why}; plan runs only SET for its own session`, {
    path,
    hint,
  });
}

/** What `validate` says about entries that a plan refuses. */
export function sessionAdvice(whyNot: WhyNotPlanned, { session }: InSession): readonly ParameterAdvice[] {
  return session.flatMap((entry, at) => {
    const why = whyNot(entry);
    const path = `session[${at}]`;
    return why === null ? [] : [{ path, message: `${path} ${why}: a run does so on each connection, plan refuses it` }];
  });
}
