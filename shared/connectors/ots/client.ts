import { setTimeout as sleep } from "node:timers/promises";
import TableStore, { type BatchWriteRowParams, type ConfigOptions, type GetRangeParams } from "tablestore";
import { SluiceError, UserError } from "../../model/errors.js";
import { interruption } from "../../model/overdue.js";
import { retrying } from "../../model/retry.js";
import { guardedAgent } from "../network/agent.js";
import { keyGiver } from "../network/cloud-key.js";
import { guardRefusal } from "../network/guard.js";
import { isPassingOts, OtsFailure, otsFailure, otsFailureOf } from "./failure.js";
import type { OtsSource } from "./source.js";

/** A connection to one instance. Every call is one attempt and rejects with OtsFailure, or CANCELLED after an abort. */
export interface OtsClient {
  listTable(): Promise<TableStore.ListTableResult>;
  describeTable(tableName: string): Promise<TableStore.DescribeTableResult>;
  getRange(params: GetRangeParams): Promise<TableStore.GetRangeResult>;
  batchWriteRow(params: BatchWriteRowParams): Promise<TableStore.BatchWriteRowResult>;
  /** Ends all connections, also those at work; may be called twice. */
  close(): void;
}

/** How many calls of one client run at once. */
export const MAX_CALLS = 8;

/** A connection that is silent for so long is given up. */
const SILENCE_MS = 15_000;
/** The SDK never settles a call whose answer breaks off in the middle. */
const CALL_MS = 40_000;
const ATTEMPTS = 12;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 3_000;

/** Connects to an instance; nothing is sent yet. An abort ends all calls at once. */
export function connectOts(source: OtsSource, signal: AbortSignal): OtsClient {
  // Not the SDK's own agent: that one opens a new TLS connection per call.
  const agent = guardedAgent(new URL(source.endpoint).protocol, { maxSockets: MAX_CALLS });
  const giveKey = keyGiver(source, process.env, [
    source.instanceName,
    new URL(source.endpoint).hostname.split(".")[0] ?? "",
  ]);
  const config = {
    endpoint: source.endpoint,
    instancename: source.instanceName,
    maxRetries: 0, // its retry rules compare codes that it never decodes
    httpOptions: { timeout: SILENCE_MS, agent },
  };
  const client = new TableStore.Client(config as unknown as ConfigOptions); // the types lack `agent`
  const interruption = interruptionBy(signal, `Tablestore instance ${source.instanceName}`);
  const call = <T>(start: () => Promise<T>) =>
    attempt(async () => {
      const { accessKeyId, accessKeySecret: secretAccessKey, securityToken: stsToken } = await giveKey();
      // The SDK signs with what its configuration holds then; the types lack it.
      Object.assign((client as unknown as { config: object }).config, { accessKeyId, secretAccessKey, stsToken });
      return start();
    }, interruption);
  return {
    listTable: () => call(() => client.listTable({})),
    describeTable: (tableName) => call(() => client.describeTable({ tableName })),
    getRange: (params) => call(() => client.getRange(params)),
    batchWriteRow: (params) => call(() => client.batchWriteRow(params)),
    close() {
      interruption.forget();
      agent.destroy();
    },
  };
}

/**
 * Repeats a call, with growing and jittered pauses, while its failure may pass. For reads and writes that may be repeated.
 *
 * @param subject  table or instance, for the message
 * @throws SluiceError
 */
export async function repeating<T>(run: () => Promise<T>, subject: string, signal: AbortSignal): Promise<T> {
  const mayPass = (error: unknown) => error instanceof OtsFailure && isPassingOts(error.code);
  try {
    return await retrying(run, { attempts: ATTEMPTS, mayPass, wait: (tries) => pauseOts(tries, signal) });
  } catch (error) {
    throw error instanceof OtsFailure ? otsFailure(error, subject) : error;
  }
}

/** True when a call that failed so often is worth another attempt. */
export function mayRepeat(tries: number): boolean {
  return tries < ATTEMPTS;
}

/** Waits before the next attempt: at random up to a bound that doubles, so that many shards do not return together. */
export async function pauseOts(tries: number, signal: AbortSignal, wait = sleep): Promise<void> {
  const bound = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1));
  try {
    await wait(bound / 2 + (Math.random() * bound) / 2, undefined, { signal });
  } catch {
    throw otsWorkStopped(signal, "Tablestore");
  }
}

/** One call that ends with its result, its failure, the deadline or an abort, whichever comes first. */
async function attempt<T>(start: () => Promise<T>, interruption: Interruption): Promise<T> {
  let deadline: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const failure = new OtsFailure("TimeoutError", `no answer in ${CALL_MS} ms`);
    deadline = setTimeout(() => reject(failure), CALL_MS);
  });
  try {
    return await Promise.race([interruption.guard(start), late]);
  } catch (error) {
    throw guardRefusal(error) ?? (error instanceof SluiceError ? error : otsFailureOf(error));
  } finally {
    clearTimeout(deadline);
  }
}

/** An abort that all calls of a client wait for with one listener: signals warn when they get many. */
interface Interruption {
  /** Runs a call unless stopped; rejects as soon as the abort comes. */
  guard<T>(start: () => Promise<T>): Promise<T>;
  forget(): void;
}

function interruptionBy(signal: AbortSignal, instance: string): Interruption {
  const waiting = new Set<(error: SluiceError) => void>();
  const onAbort = () => {
    for (const reject of waiting) reject(otsWorkStopped(signal, instance));
  };
  signal.addEventListener("abort", onAbort, { once: true });
  return {
    async guard(start) {
      if (signal.aborted) throw otsWorkStopped(signal, instance);
      let interrupt = (_: SluiceError): void => undefined;
      const interrupted = new Promise<never>((_, reject) => {
        interrupt = reject;
      });
      waiting.add(interrupt);
      try {
        return await Promise.race([start(), interrupted]);
      } finally {
        waiting.delete(interrupt);
      }
    },
    forget: () => signal.removeEventListener("abort", onAbort),
  };
}

/** What reading and writing end with after an abort. */
export function otsWorkStopped(signal: AbortSignal, who: string): SluiceError {
  const { reason: cause } = signal;
  return interruption(signal, who, () => new UserError("CANCELLED", "work on Tablestore was stopped", { cause }));
}
