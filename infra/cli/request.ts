import { setTimeout as sleep } from "node:timers/promises";
import { cutEnd } from "../../shared/model/cut-end.js";
import type { JsonObject } from "../../shared/model/json.js";
import { isJsonObject } from "../../shared/model/json.js";
import type { ScriptIssue } from "../../shared/script/text/script-error.js";
import { ApiProblem, BadInput, type Problem, Unreachable } from "./failures.js";

/** Query parameters; null and undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | null | undefined>>;

/** One call of the API. */
export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** From `/v1` on. */
  readonly path: string;
  readonly query?: Query;
  readonly body?: object;
  /** Version that the object must have, or the change is refused. */
  readonly ifMatch?: number;
  /** A repeat would not do the same again: do not repeat when nobody answers. */
  readonly once?: boolean;
}

/** Where the API is and what opens it. */
export interface ApiAddress {
  /** Base address without the `/v1`. */
  readonly endpoint: string;
  readonly token: string;
  /** Absent = the default one. */
  readonly workspace?: string | undefined;
}

/** The api function may work for 60 s; a little more for the way there and back. */
const CALL_TIMEOUT_MS = 65_000;

/** Waits before each repeat. Starting a run may be repeated too: it carries an idempotency key. */
const REPEAT_AFTER_MS = [150, 600];

/** The longest that all waits of one call may add up to. */
const MAX_WAIT_MS = 30_000;

/** Too many calls, no instance, an instance that ended under the call: the next call may succeed. */
const passing = new Set([429, 502, 503, 504]);

/**
 * Calls the API and parses the JSON it answers. The shape is the one docs/api.md promises: it is trusted.
 *
 * @throws ApiProblem for an error answer
 * @throws BadInput when a name in the path is empty
 * @throws Unreachable when nothing, or something that is not the API, answers
 */
export async function request<T>(address: ApiAddress, call: Call): Promise<T> {
  const answer = await send(address, call);
  const body = await answer.text();
  try {
    // The API and this client share the model's types; a body is checked no further than being JSON.
    return JSON.parse(body) as T;
  } catch (cause) {
    throw notTheApi(address, `answered ${answer.status} without JSON`, cause);
  }
}

/** Calls the API and gives the answer undecoded; throws like {@link request}. */
export async function send(address: ApiAddress, call: Call): Promise<Response> {
  let waitedMs = 0;
  for (let repeat = 0; ; repeat++) {
    const answer = await attempt(address, call).catch((error: unknown) => {
      if (call.once || repeat >= REPEAT_AFTER_MS.length) throw error;
      return null;
    });
    const pauseMs = pauseBefore(call, answer, repeat);
    if (answer && (pauseMs === null || waitedMs + pauseMs > MAX_WAIT_MS)) return accepted(address, answer);
    await answer?.body?.cancel();
    await sleep(pauseMs ?? 0);
    waitedMs += pauseMs ?? 0;
  }
}

/** How long to wait before the call is repeated; null = its answer stands. */
function pauseBefore({ once }: Call, answer: Response | null, repeat: number): number | null {
  const usual = REPEAT_AFTER_MS[repeat] ?? null;
  if (answer === null) return usual;
  // Refused before anything was done: who must not call twice may call again, when told to.
  const askedMs = answer.status === 429 ? Number(answer.headers.get("retry-after")) * 1000 : 0;
  if (askedMs > 0) return askedMs;
  return !once && passing.has(answer.status) ? usual : null;
}

async function attempt(address: ApiAddress, call: Call): Promise<Response> {
  const url = urlOf(address, call);
  try {
    return await fetch(url, {
      method: call.method,
      headers: {
        authorization: `Bearer ${address.token}`,
        accept: "application/json",
        ...(address.workspace && { "x-sluice-workspace": address.workspace }),
        ...(call.body && { "content-type": "application/json" }),
        ...(call.ifMatch !== undefined && { "if-match": `"${call.ifMatch}"` }),
      },
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      ...(call.body && { body: JSON.stringify(call.body) }),
    });
  } catch (cause) {
    throw new Unreachable(
      `cannot reach the Sluice API at ${address.endpoint}: ${reasonOf(cause)}`,
      "Check --endpoint or SLUICE_ENDPOINT; without either, a local cloud is started here.",
      { cause },
    );
  }
}

function urlOf(address: ApiAddress, { path, query = {} }: Call): URL {
  // Behind an empty name lies another route, or none.
  if (/\/(\/|$)/.test(path))
    throw new BadInput("a name is empty", "Give every name and type that the command asks for.");
  let url: URL;
  try {
    url = new URL(cutEnd(address.endpoint, /\//) + path);
  } catch (cause) {
    throw new Unreachable(
      `"${address.endpoint}" is not a web address`,
      "Give --endpoint or SLUICE_ENDPOINT such as https://…",
      { cause },
    );
  }
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== undefined) url.searchParams.set(name, String(value));
  return url;
}

/** `fetch` says only "fetch failed"; the socket's own words are in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${CALL_TIMEOUT_MS / 1000} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const code = "code" in cause ? String(cause.code) : "";
  return cause.message || code;
}

async function accepted(address: ApiAddress, answer: Response): Promise<Response> {
  if (answer.ok) return answer;
  const body = await answer.text();
  const problem = problemOf(answer.status, body);
  if (problem) throw new ApiProblem(problem);
  throw notTheApi(address, `answered ${answer.status} ${answer.statusText}`.trim());
}

function notTheApi(address: ApiAddress, what: string, cause?: unknown): Unreachable {
  return new Unreachable(
    `${address.endpoint} ${what}: that is not the Sluice API`,
    "Check --endpoint or SLUICE_ENDPOINT.",
    { cause },
  );
}

function problemOf(status: number, body: string): Problem | null {
  const json = parseOrNull(body);
  if (!isJsonObject(json) || typeof json.code !== "string") return null;
  const word = (name: string): string => (typeof json[name] === "string" ? json[name] : "");
  const optional = (name: "path" | "requestId") => (word(name) === "" ? {} : { [name]: word(name) });
  return {
    status,
    title: word("title"),
    detail: word("detail") || word("title"),
    code: word("code"),
    hint: word("hint"),
    ...optional("path"),
    ...optional("requestId"),
    ...(Array.isArray(json.issues) && { issues: json.issues.filter(isJsonObject).map(issueOf) }),
  };
}

function issueOf(json: JsonObject): ScriptIssue {
  const { message, path, line, column } = json;
  return {
    message: typeof message === "string" ? message : "",
    ...(typeof path === "string" && path !== "" && { path }),
    ...(typeof line === "number" && { line }),
    ...(typeof column === "number" && { column }),
  };
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
