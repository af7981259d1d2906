import http from "node:http";
import https from "node:https";
import { cutEnd } from "../../model/cut-end.js";
import { guardedAgent } from "../network/agent.js";
import { keyGiver } from "../network/cloud-key.js";
import { MaxcomputeFailure, odpsWorkStopped, type Patience, withOdpsRetries } from "./failure.js";
import { type MaxcomputeSource, odpsEndpointOf } from "./source.js";
import { authorization } from "./wire/signature.js";

/** A request, without what every request has. */
export interface OdpsRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** Below the endpoint, not encoded, such as `/projects/shop/tables/orders`. */
  readonly resource: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
}

/** An answer that is a success. */
export interface OdpsAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** The two interfaces of a project. Calls are repeated while the service is busy or unreachable, and reject with SluiceError. */
export interface OdpsClient {
  readonly source: MaxcomputeSource;
  readonly signal: AbortSignal;
  /** @param what  names the object or the call in errors */
  rest(what: string, request: OdpsRequest): Promise<OdpsAnswer>;
  tunnel(what: string, request: OdpsRequest): Promise<OdpsAnswer>;
  /** One attempt; the body is still to come. @throws MaxcomputeFailure, or the network's error */
  stream(request: OdpsRequest): Promise<http.IncomingMessage>;
}

/** How a client behaves. */
export interface OdpsClientOptions {
  /** A connectivity test wants 1. */
  readonly attempts?: number;
  /** The tunnel's quota of a job. */
  readonly quota?: string | null;
  readonly timeoutMs?: number;
}

const ATTEMPTS = 6;
const TIMEOUT_MS = 300_000;
/** Without these PyODPS and the Java SDK are not understood alike; see the headers of either. */
const tunnelHeaders = {
  "x-odps-tunnel-version": "6",
  "odps-tunnel-date-transform": "v1",
  "odps-tunnel-sdk-support-schema-evolution": "true",
};

/** Opens a client. Nothing is sent before the first call. @throws SluiceError when no key is to be had */
export function openClient(source: MaxcomputeSource, signal: AbortSignal, options: OdpsClientOptions = {}): OdpsClient {
  const { quota = null, timeoutMs = TIMEOUT_MS } = options;
  const patience: Patience = { signal, attempts: options.attempts ?? ATTEMPTS };
  const sender: Sender = { source, signal, timeoutMs, giveKey: keyGiver(source, process.env, [source.project]) };
  const base = odpsEndpointOf(source);
  const findTunnel = async () => {
    const resource = `/projects/${source.project}/tunnel`;
    const query = { service: "", ...(quota !== null && { quotaName: quota }) };
    const what = `tunnel of project ${source.project}`;
    const { text } = await withOdpsRetries(what, () => ask(sender, base, { method: "GET", resource, query }), patience);
    return `${new URL(base).protocol}//${text.trim()}`;
  };
  let found: Promise<string> | undefined;
  const tunnelBase = () => {
    found ??= source.tunnelServer ? Promise.resolve(source.tunnelServer) : findTunnel();
    return found;
  };
  const toTunnel = (request: OdpsRequest): OdpsRequest => ({
    ...request,
    query: { ...request.query, ...(quota !== null && { quotaName: quota }) },
    headers: { ...tunnelHeaders, ...request.headers },
  });
  return {
    ...{ source, signal },
    rest: (what, request) => withOdpsRetries(what, () => ask(sender, base, request), patience),
    async tunnel(what, request) {
      const to = await tunnelBase();
      return withOdpsRetries(what, () => ask(sender, to, toTunnel(request)), patience);
    },
    stream: async (request) => send(sender, await tunnelBase(), toTunnel(request)),
  };
}

interface Sender {
  readonly source: MaxcomputeSource;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly giveKey: ReturnType<typeof keyGiver>;
}

async function ask(sender: Sender, base: string, request: OdpsRequest): Promise<OdpsAnswer> {
  const response = await send(sender, base, request);
  return { status: response.statusCode ?? 0, headers: response.headers, text: await textOf(response) };
}

/** Sends a request. @returns the answer, whose body is still to come @throws MaxcomputeFailure for what is no success */
async function send(sender: Sender, base: string, request: OdpsRequest): Promise<http.IncomingMessage> {
  const { source, signal } = sender;
  if (signal.aborted) throw odpsWorkStopped(signal, request.resource);
  const key = await sender.giveKey();
  const { method, resource, body } = request;
  const query = { curr_project: source.project, ...request.query };
  const headers: Record<string, string> = { date: new Date().toUTCString(), "x-odps-user-agent": "sluice/0.1" };
  Object.assign(headers, request.headers);
  if (key.securityToken !== "") headers["authorization-sts-token"] = key.securityToken;
  const region = source.signatureVersion === "4" ? (source.regionId ?? null) : null;
  const signer = { ...key, region, now: Date.now() };
  headers.authorization = authorization(signer, { method, resource, query, headers });
  if (method !== "GET") headers["content-length"] = String(body?.length ?? 0);
  const path = resource.split("/").map(encodeURIComponent).join("/");
  // A blank as %20: both ways are understood, and a plus sign would be one.
  const text = new URLSearchParams(query).toString().replaceAll("+", "%20");
  const url = new URL(`${cutEnd(base, /\//)}${path}?${text}`);
  const response = await exchange(url, { method, headers, body }, sender);
  if ((response.statusCode ?? 0) < 300) return response;
  throw failureOf(response.statusCode ?? 0, await textOf(response));
}

function exchange(
  url: URL,
  { method, headers, body }: { method: string; headers: Record<string, string>; body: Buffer | undefined },
  { signal, timeoutMs }: Sender,
): Promise<http.IncomingMessage> {
  const { request } = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: agentFor(url.protocol), signal, timeout: timeoutMs }, resolve);
    sent.once("timeout", () => sent.destroy(new Error(`timed out after ${timeoutMs} ms`)));
    sent.once("error", reject);
    sent.end(body);
  });
}

const agents = new Map<string, http.Agent>();

/** Connections are shared by all clients of a process; an idle one is closed before the service does so. */
function agentFor(protocol: string): http.Agent {
  const agent = agents.get(protocol) ?? guardedAgent(protocol, { keepAlive: true, timeout: 30_000 });
  agents.set(protocol, agent);
  return agent;
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer); // no encoding is set
  return Buffer.concat(pieces).toString("utf8");
}

/** Both interfaces answer in either form. */
function failureOf(status: number, text: string): MaxcomputeFailure {
  const found = (name: string) => new RegExp(`<${name}>(?:<!\\[CDATA\\[)?([^<\\]]*)`).exec(text)?.[1]?.trim() ?? "";
  const [code, message] = /^\s*\{/.test(text) ? fromJson(text) : [found("Code"), found("Message")];
  return new MaxcomputeFailure(status, code, message || `the service answered ${status}`);
}

function fromJson(text: string): [string, string] {
  try {
    const { Code = "", Message = "" } = JSON.parse(text) as { Code?: string; Message?: string }; // as documented
    return [String(Code), String(Message)];
  } catch {
    return ["", ""];
  }
}
