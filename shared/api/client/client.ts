import type { z } from "zod";
import { UserError } from "../../model/errors.js";
import type { Endpoint } from "../endpoint.js";
import { endpoints } from "../endpoints.js";
import type { Sent } from "../sent.js";
import { type ApiAddress, notTheApi, type Query, send } from "./send.js";

type NamesIn<P extends string> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;

/** What a part of a request may leave out altogether, it may. */
type Part<K extends string, T> = object extends T
  ? { readonly [One in K]?: Sent<T> }
  : { readonly [One in K]: Sent<T> };

/** What a call is given: the names in its path, and what else its endpoint takes. */
export type RequestOf<E extends Endpoint> = { readonly [Name in NamesIn<E["path"]>]: string } & (E extends {
  readonly body: z.ZodType<unknown, infer Body>;
}
  ? Part<"body", Body>
  : object) &
  (E extends { readonly query: z.ZodType<unknown, infer Asked> } ? Part<"query", Asked> : object) &
  (E extends { readonly version: "takes" | "both" } ? { readonly ifMatch?: number } : object) & {
    /** In place of the client's own workspace. */
    readonly inWorkspace?: string;
  };

/** An answer that is no JSON. */
export interface TextAnswer {
  readonly text: string;
  readonly headers: Headers;
}

/** What a call is answered. */
export type AnswerOf<E extends Endpoint> = E extends { readonly answerType: string | readonly string[] }
  ? TextAnswer
  : E["answer"] extends z.ZodType<infer Answer>
    ? Answer
    : undefined;

/** One function per call of the API, by its name in `endpoints`. Every one throws ApiProblem and Unreachable. */
export type Client = {
  readonly [K in keyof typeof endpoints]: object extends RequestOf<(typeof endpoints)[K]>
    ? (request?: RequestOf<(typeof endpoints)[K]>) => Promise<AnswerOf<(typeof endpoints)[K]>>
    : (request: RequestOf<(typeof endpoints)[K]>) => Promise<AnswerOf<(typeof endpoints)[K]>>;
};

/** How far a client trusts. */
export interface ApiClientOptions {
  /** Answers are held to their schemas; absent = they are trusted, so that a newer API may say more. */
  readonly checksAnswers?: boolean;
}

/** Makes a client of the API at an address. It needs nothing but `fetch`, so that it works in a browser too. */
export function createClient(address: ApiAddress, options: ApiClientOptions = {}): Client {
  const calls = Object.entries<Endpoint>(endpoints).map(([name, endpoint]) => [
    name,
    (request: AnyRequest = {}) => call(endpoint, request, { address, options }),
  ]);
  // Each is made of the endpoint that its type is made of.
  return Object.fromEntries(calls) as Client;
}

interface AnyRequest {
  readonly body?: unknown;
  readonly query?: Query;
  readonly ifMatch?: number;
  readonly inWorkspace?: string;
  readonly [name: string]: unknown;
}

interface Caller {
  readonly address: ApiAddress;
  readonly options: ApiClientOptions;
}

async function call(endpoint: Endpoint, request: AnyRequest, { address, options }: Caller): Promise<unknown> {
  const { query, ifMatch, inWorkspace = address.workspace, body = endpoint.body && {} } = request;
  const { method } = endpoint;
  const answer = await send(
    { ...address, workspace: inWorkspace },
    {
      ...{ method, path: pathOf(endpoint, request), query, body, ifMatch },
      isRepeatable: method === "GET" || endpoint.repeatable === true,
    },
  );
  const text = await answer.text();
  if (endpoint.answer === null) return undefined;
  if (endpoint.answerType !== undefined) return { text, headers: answer.headers };
  const value = parsed(text, (cause) => notTheApi(address, `answered ${answer.status} without JSON`, cause));
  if (!options.checksAnswers) return value;
  const checked = endpoint.answer.safeParse(value);
  if (checked.success) return checked.data;
  throw notTheApi(address, `answered ${method} ${endpoint.path} in another shape`, checked.error);
}

/** @throws UserError CONFIG_INVALID for an empty name: behind it lies another route, or none */
function pathOf({ path }: Endpoint, request: AnyRequest): string {
  return path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = String(request[name] ?? "");
    if (value !== "") return encodeURIComponent(value);
    throw new UserError("CONFIG_INVALID", "a name is empty", {
      path: name,
      hint: "Give every name and type that the command asks for.",
    });
  });
}

function parsed(text: string, refusal: (cause: unknown) => Error): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refusal(cause);
  }
}

/** What the call of this name is answered. */
export type Answered<K extends keyof typeof endpoints> = AnswerOf<(typeof endpoints)[K]>;

/** What the call of this name is given. */
export type Asked<K extends keyof typeof endpoints> = RequestOf<(typeof endpoints)[K]>;
