import { createHash, createHmac } from "node:crypto";
import { UserError } from "../model/errors.js";
import type { AnswersStore, KeptAnswer } from "../store/answers-store.js";
import type { HttpRequest } from "./request.js";
import type { HttpResponse } from "./response.js";

/** How long an answer is given again. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** Longest time the api function may work: who began earlier and has not answered is gone. */
const WORKING_MS = 60_000;

/** Answers to creations are small; one that is not would not fit a table. */
const MAX_KEPT_CHARS = 500_000;

const NEW_KEY = "Send another request under another key.";
const WAIT = "Repeat the request with its key in a moment, for the first one's answer.";

/** What idempotency depends on. */
export interface IdempotencyContext {
  readonly answers: AnswersStore;
  /** Workspace and caller: keys of different ones never meet. */
  readonly scope: string;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * Does a creating request once per `idempotency-key`: a repeat gets the stored answer, marked `idempotency-replayed`.
 * Refusals are not kept, so that a corrected request may use the key again. Answers that must not be stored
 * (`cache-control: no-store`) are not given again either.
 *
 * @throws UserError CONFLICT when the key stands for another request, one still worked on, or an answer not kept;
 *   CONFIG_INVALID for a malformed key
 */
export async function once(
  request: HttpRequest,
  { answers, scope, now }: IdempotencyContext,
  work: () => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const given = request.headers["idempotency-key"];
  if (given === undefined) return work();
  if (!/^[\x21-\x7e]{1,200}$/.test(given))
    throw conflictOr("CONFIG_INVALID", "expected 1 to 200 printable ASCII characters without blanks");
  const key = createHash("sha256").update(`${scope}\n${given}`).digest("hex");
  const { method, segments, query, body } = request;
  const print = fingerprint(given, [method, segments, Object.entries(query).sort(), body]);
  const claim: KeptAnswer = { fingerprint: print, at: new Date(now).toISOString(), answer: null };
  const found = await answers.find(key);
  if (found && !isFree(found.value, now)) return replay(found.value, print);
  if (!(await answers.store(key, claim, found?.version ?? 0)))
    throw conflictOr("CONFLICT", "another request with this key began at the same moment", WAIT);
  const version = (found?.version ?? 0) + 1;
  const response = await workOrForget(work, () => answers.remove(key));
  await answers.store(key, { ...claim, answer: keepable(response) }, version);
  return response;
}

async function workOrForget(work: () => Promise<HttpResponse>, forget: () => Promise<void>): Promise<HttpResponse> {
  try {
    return await work();
  } catch (error) {
    await forget();
    throw error;
  }
}

/** True for what ran out, and for a claim whose holder died. */
function isFree({ at, answer }: KeptAnswer, now: number): boolean {
  return now - Date.parse(at) > (answer === null ? WORKING_MS : KEPT_MS);
}

function replay({ fingerprint: first, answer }: KeptAnswer, given: string): HttpResponse {
  if (first !== given) throw conflictOr("CONFLICT", "the key was used for another request", NEW_KEY);
  if (answer === null) throw conflictOr("CONFLICT", "the first request with this key is still worked on", WAIT);
  if (answer === "unkept") {
    const what = "the first request with this key was answered; that answer, shown once, is not kept";
    throw conflictOr("CONFLICT", what, NEW_KEY);
  }
  const { status: statusCode, headers, body } = answer;
  return { statusCode, headers: { ...headers, "idempotency-replayed": "true" }, body, isBase64Encoded: false };
}

function keepable({ statusCode, headers, body }: HttpResponse): KeptAnswer["answer"] {
  const isUnkept = headers["cache-control"] === "no-store" || body.length > MAX_KEPT_CHARS;
  return isUnkept ? "unkept" : { status: statusCode, headers, body };
}

function conflictOr(code: "CONFLICT" | "CONFIG_INVALID", what: string, hint?: string): UserError {
  return new UserError(code, `idempotency-key: ${what}`, { path: "idempotency-key", hint });
}

/**
 * What tells a request from others under the same key. It depends on the key, which is stored nowhere, so that nobody can
 * try passwords against it.
 */
export function fingerprint(key: string, parts: readonly unknown[]): string {
  return createHmac("sha256", key).update(JSON.stringify(parts)).digest("hex");
}
