import { setTimeout as sleep } from "node:timers/promises";
import type { CheckOptions, CheckStep, Connector } from "../connectors/contract.js";
import { UserError } from "../model/errors.js";

/** What a connectivity test found. */
export interface TestedConnection {
  readonly ok: boolean;
  /** In order; the last one is the one that failed, if any did. */
  readonly steps: readonly CheckStep[];
}

/** What is tested, and for how long. */
export interface ConnectivityOptions extends CheckOptions {
  /** Time for the whole test. Default 10 s. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
/** A connector that watches the signal needs no more to write its last step. */
const GRACE_MS = 500;

/**
 * Tests a data source from where this runs. Always settles in time, also when a driver does not.
 *
 * @param source  parsed with the connector's schema
 * @throws UserError UNSUPPORTED when data sources of this type cannot be tested; they do not pass then
 */
export async function testConnectivity<S>(
  connector: Connector<S>,
  source: S,
  { timeoutMs = TIMEOUT_MS, ...options }: ConnectivityOptions = {},
): Promise<TestedConnection> {
  if (!connector.check)
    throw new UserError("UNSUPPORTED", `data sources of type ${connector.name} have no connectivity test`);
  const given = new AbortController();
  const expiry = setTimeout(() => given.abort(new Error("the test took too long")), timeoutMs);
  const overdue = new AbortController();
  try {
    const late = sleep(timeoutMs + GRACE_MS, [tooSlow(timeoutMs)], { signal: overdue.signal });
    late.catch(() => {});
    const steps = await Promise.race([connector.check(source, given.signal, options), late]);
    return { ok: steps.length > 0 && steps.every(({ ok }) => ok), steps: steps.map(shortened) };
  } finally {
    clearTimeout(expiry);
    overdue.abort();
  }
}

/** Servers may write books, and the answer to many tests is one message. */
const LONGEST_WORDS = 1_000;

function shortened({ message, ...step }: CheckStep): CheckStep {
  return { ...step, message: message.length > LONGEST_WORDS ? `${message.slice(0, LONGEST_WORDS)} …` : message };
}

function tooSlow(timeoutMs: number): CheckStep {
  return {
    name: "connect",
    ok: false,
    durationMs: timeoutMs,
    message: "no answer within the time limit of the test",
    hint: "Check that the server runs, and that its allow-list and firewall admit the functions' network.",
  };
}
