import { isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { SluiceError } from "../../model/errors.js";
import type { CheckStep } from "../contract.js";
import { guardedConnect, type NetworkTarget, networkGuard } from "./guard.js";

/** What went wrong in a step and what to do about it; no secret in either. */
export interface Fault {
  readonly step: CheckStep["name"];
  readonly message: string;
  readonly hint: string;
}

/** A connectivity test under way. Every step settles as soon as the signal aborts, whatever the driver does. */
export interface Probe {
  readonly steps: readonly CheckStep[];
  readonly signal: AbortSignal;
  /** Does one step; false = it failed, which ends the test. `work` resolves to what was found. */
  run(step: CheckStep["name"], work: () => Promise<string>, explain?: (error: unknown) => Fault): Promise<boolean>;
  /**
   * Does one call that settles several steps, in the order in which a server goes through them: those before the one that
   * `explain` blames went well. Undefined = the test is over.
   *
   * @param call.late  closes what came after the test had given up
   */
  settle<T>(order: readonly CheckStep["name"][], call: SettlingCall<T>): Promise<T | undefined>;
  /** Notes a step whose outcome is known already. */
  note(step: CheckStep): void;
}

/** A call whose failure tells several steps apart. */
export interface SettlingCall<T> {
  readonly open: () => Promise<T>;
  readonly late: (opened: T) => unknown;
  readonly explain: (error: unknown) => Fault;
  readonly tells?: (opened: T) => Partial<Record<CheckStep["name"], string>>;
}

/** Starts a test. */
export function startProbe(signal: AbortSignal): Probe {
  const steps: CheckStep[] = [];
  const note = (step: CheckStep): void => void steps.push(step);
  const passed = (name: CheckStep["name"], message = passing[name]): void =>
    note({ name, ok: true, durationMs: 0, message });
  return {
    ...{ steps, signal, note },
    async run(name, work, explain = (error) => networkFault(name, error)) {
      const startedAt = performance.now();
      const outcome = await untilAborted(work, signal).then(
        (message) => ({ name, ok: true, message }),
        (error: unknown) => failed(isAbort(error) ? tooSlow(name) : explain(error)),
      );
      note({ ...outcome, durationMs: Math.round(performance.now() - startedAt) });
      return outcome.ok;
    },
    async settle(order, { open, late, explain, tells }) {
      const startedAt = performance.now();
      const [first = "login"] = order;
      const opening = open();
      try {
        const opened = await untilAborted(() => opening, signal);
        const messages = tells?.(opened) ?? {};
        for (const name of order) passed(name, messages[name]);
        return opened;
      } catch (error) {
        if (isAbort(error)) opening.then(late, () => {});
        const fault = isAbort(error) ? tooSlow(first) : explain(error);
        for (const name of order.slice(0, Math.max(0, order.indexOf(fault.step)))) passed(name);
        note({ ...failed(fault), durationMs: Math.round(performance.now() - startedAt) });
        return undefined;
      }
    },
  };
}

function failed({ step, message, hint }: Fault): Omit<CheckStep, "durationMs"> {
  return { name: step, ok: false, message, hint };
}

/**
 * Resolves and reaches the first address that answers; when none does, the steps of the last one tell why.
 *
 * @returns the address that answered; undefined when the test is over
 */
export async function reach(
  probe: Probe,
  targets: readonly NetworkTarget[],
  timeoutMs: number,
): Promise<NetworkTarget | undefined> {
  const tries = targets.map((target) => ({ target, trial: startProbe(probe.signal) }));
  let last: readonly CheckStep[] = [];
  for (const { target, trial } of tries) {
    const isReached =
      (await trial.run("resolve", () => resolveName(target.host))) &&
      (await trial.run("connect", () => knock(target, timeoutMs, probe.signal)));
    last = trial.steps;
    if (isReached || probe.signal.aborted) break;
  }
  for (const step of last) probe.note(step);
  const reached = tries.find(({ trial }) => trial.steps.length === 2 && trial.steps.every(({ ok }) => ok));
  return reached?.target;
}

/** Longest wait for an endpoint's port, in milliseconds. */
const ENDPOINT_MS = 10_000;

/** Reaches an endpoint of HTTP: its name, its port and, where its scheme says so, TLS. False = the test is over. */
export async function reachEndpoint(probe: Probe, endpoint: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(endpoint);
  const isTls = protocol === "https:";
  const target = { host: hostname, port: Number(port || (isTls ? 443 : 80)) };
  if (!(await reach(probe, [target], ENDPOINT_MS))) return false;
  return !isTls || shakeHands(probe, target);
}

/** Does the TLS handshake of HTTPS; for protocols that begin with it. */
function shakeHands(probe: Probe, { host, port }: NetworkTarget): Promise<boolean> {
  const handshake = () => {
    const bare = host.replace(/^\[|\]$/g, "");
    const socket = connectTls({
      socket: guardedConnect({ host: bare, port }),
      // An address is no server name, but certificates may be made for one.
      ...(isIP(bare) === 0 ? { servername: bare } : { host: bare }),
    });
    return settled(socket, "secureConnect", {
      signal: probe.signal,
      message: () => `${socket.getProtocol()}, certificate accepted`,
    });
  };
  return probe.run("tls", handshake, (error) => {
    const fault = networkFault("tls", error);
    // Services of the cloud take no certificate from their users.
    return fault.hint === certificateHint ? { ...fault, hint: endpointHint } : fault;
  });
}

const passing: Readonly<Record<CheckStep["name"], string>> = {
  resolve: "the name is known",
  connect: "the port answers",
  tls: "the connection is encrypted",
  login: "the account is accepted",
  exists: "it exists",
  read: "it can be read",
  write: "it can be written",
};

async function resolveName(host: string): Promise<string> {
  const bare = host.replace(/^\[|\]$/g, "");
  await networkGuard().resolve(bare);
  return isIP(bare) === 0 ? `the name ${bare} is known` : bare;
}

function knock({ host, port }: NetworkTarget, timeoutMs: number, signal: AbortSignal): Promise<string> {
  const socket = guardedConnect({ host: host.replace(/^\[|\]$/g, ""), port });
  socket.setTimeout(timeoutMs, () => socket.destroy(codeError("ETIMEDOUT", `no answer within ${timeoutMs} ms`)));
  return settled(socket, "connect", { signal, message: () => `${host}:${port} answers` });
}

function settled(
  socket: Socket,
  event: string,
  { signal, message }: { signal: AbortSignal; message: () => string },
): Promise<string> {
  const abort = () => socket.destroy();
  signal.addEventListener("abort", abort, { once: true });
  return new Promise<string>((resolve, reject) => {
    socket.once("error", reject);
    socket.once(event, () => resolve(message()));
  }).finally(() => {
    signal.removeEventListener("abort", abort);
    socket.destroy();
  });
}

function codeError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

const ABORTED = Symbol("aborted");

function isAbort(error: unknown): boolean {
  return error === ABORTED;
}

async function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(ABORTED);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
  // A step that was given up may still fail later, unheard.
  aborted.catch(() => {});
  try {
    return await Promise.race([aborted, signal.aborted ? aborted : work()]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

const allowList =
  "Check that the server runs, and that its allow-list, security group and firewall admit the functions' network.";

function tooSlow(step: CheckStep["name"]): Fault {
  const hint = step === "resolve" ? "The name server does not answer; check the functions' network." : allowList;
  return { step, message: "no answer within the time limit of the test", hint };
}

const certificateHint =
  "Give the certificate of the server's authority as sslCa and connect by the name it was made for.";

const endpointHint =
  "Check the endpoint: no public authority vouches for its certificate, it was made for another name, or no TLS is spoken there.";

const byCode: Readonly<Record<string, string>> = {
  ENOTFOUND: "The host is unknown: check its spelling, and that the functions' network knows this name.",
  EAI_AGAIN: "The name server did not answer; try again, or check the functions' network.",
  ECONNREFUSED: "The port is closed: check the port, and that the server listens on this address.",
  ECONNRESET: `The other side hung up; it may not speak this protocol. ${allowList}`,
  ETIMEDOUT: allowList,
  EHOSTUNREACH: `There is no way to this address. ${allowList}`,
  ENETUNREACH: `There is no way to this address. ${allowList}`,
};

/** What an error of the network means for the user. */
export function networkFault(step: CheckStep["name"], error: unknown): Fault {
  if (error instanceof SluiceError) return { step, message: error.message, hint: error.hint };
  const { message, code } = deepest(error);
  if (isCertificate(code)) return { step: "tls", message: `${message} (${code})`, hint: certificateHint };
  return { step, message: code ? `${message} (${code})` : message, hint: byCode[code] ?? "Check host and port." };
}

/** True for an error that says how the network failed, rather than what the server thinks. */
export function isNetworkError(error: unknown): boolean {
  const { code } = deepest(error);
  return code in byCode || isCertificate(code) || (error instanceof SluiceError && error.code === "NETWORK_DENIED");
}

/** True where the server's certificate is not trusted, out of date or made for another name: no later try would end otherwise. */
export function isRefusedCertificate(error: unknown): boolean {
  return /CERT_|_CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(deepest(error).code);
}

function isCertificate(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL|EPROTO/.test(code);
}

/** Codes of drivers that say only that something below them failed. */
const wrapping = new Set(["ESOCKET", "PROTOCOL_CONNECTION_LOST"]);

/** The first error inside that has a code: several tries come as one AggregateError, and SDKs wrap. */
function deepest(error: unknown): { message: string; code: string } {
  if (!(error instanceof Error)) return { message: String(error), code: "" };
  const { code, errors, cause } = error as Error & { code?: unknown; errors?: unknown; cause?: unknown }; // what Node's errors carry
  const inner: unknown = Array.isArray(errors) ? errors[0] : undefined;
  if (inner !== undefined) return deepest(inner);
  if (typeof code === "string" && !wrapping.has(code)) return { message: error.message, code };
  const found = cause === undefined ? undefined : deepest(cause);
  // What drivers say of their own when a connection ends in the middle of the greeting.
  if (!found?.code && /hang up|terminated unexpectedly|connection lost/i.test(error.message))
    return { message: error.message, code: "ECONNRESET" };
  return found?.code ? found : { message: error.message, code: "" };
}
