import { cutEnd } from "../../model/cut-end.js";
import { ApiProblem, problemOf, Unreachable } from "./failures.js";

/** Query parameters; null and undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** One request to the API. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** From `/v1` on, encoded. */
  readonly path: string;
  readonly query?: Query | undefined;
  readonly body?: unknown;
  /** Version that the object must have, or the change is refused. */
  readonly ifMatch?: number | undefined;
  /** A repeat would do the same again, so that it may be sent again when nobody answers. */
  readonly isRepeatable: boolean;
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

/** Waits before each repeat. */
const REPEAT_AFTER_MS = [150, 600];

/** The longest that all waits of one call may add up to. */
const MAX_WAIT_MS = 30_000;

/** Too many calls, no instance, an instance that ended under the call: the next call may succeed. */
const passing = new Set([429, 502, 503, 504]);

/**
 * Calls the API and gives the answer undecoded.
 *
 * @throws ApiProblem for an error answer
 * @throws Unreachable when nothing, or something that is not the API, answers
 */
export async function send(address: ApiAddress, request: ApiRequest): Promise<Response> {
  let waitedMs = 0;
  for (let repeat = 0; ; repeat++) {
    const answer = await attempt(address, request).catch((error: unknown) => {
      if (!request.isRepeatable || repeat >= REPEAT_AFTER_MS.length) throw error;
      return null;
    });
    const pauseMs = pauseBefore(request, answer, repeat);
    if (answer && (pauseMs === null || waitedMs + pauseMs > MAX_WAIT_MS)) return accepted(address, answer);
    await answer?.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, pauseMs ?? 0));
    waitedMs += pauseMs ?? 0;
  }
}

/** How long to wait before the call is repeated; null = its answer stands. */
function pauseBefore({ isRepeatable }: ApiRequest, answer: Response | null, repeat: number): number | null {
  const usual = REPEAT_AFTER_MS[repeat] ?? null;
  if (answer === null) return usual;
  // Refused before anything was done: who must not call twice may call again, when told to.
  const askedMs = answer.status === 429 ? Number(answer.headers.get("retry-after")) * 1000 : 0;
  if (askedMs > 0) return askedMs;
  return isRepeatable && passing.has(answer.status) ? usual : null;
}

async function attempt(address: ApiAddress, request: ApiRequest): Promise<Response> {
  const url = urlOf(address, request);
  const { method, body, ifMatch } = request;
  try {
    return await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${address.token}`,
        accept: "application/json",
        ...(address.workspace && { "x-sluice-workspace": address.workspace }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(ifMatch !== undefined && { "if-match": `"${ifMatch}"` }),
      },
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw new Unreachable(
      `cannot reach the Sluice API at ${address.endpoint}: ${reasonOf(cause)}`,
      "Check --endpoint or SLUICE_ENDPOINT; without either, a local cloud is started here.",
      { cause },
    );
  }
}

function urlOf(address: ApiAddress, { path, query = {} }: ApiRequest): URL {
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
  const problem = problemOf(answer.status, parseOrNull(await answer.text()));
  if (problem) throw new ApiProblem(problem);
  throw notTheApi(address, `answered ${answer.status} ${answer.statusText}`.trim());
}

/** What answered is something else. */
export function notTheApi({ endpoint }: ApiAddress, what: string, cause?: unknown): Unreachable {
  return new Unreachable(`${endpoint} ${what}: that is not the Sluice API`, "Check --endpoint or SLUICE_ENDPOINT.", {
    cause,
  });
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
