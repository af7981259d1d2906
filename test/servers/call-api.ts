import { problemAnswer } from "../../shared/api/problem.js";
import { demandSchema, demandShape } from "./answer-shape.js";

/** An answer of the API. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Tests look into answers freely.
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the test asserts
  readonly body: any;
}

/** What is asked of which API, and as whom. */
export interface ApiCall {
  readonly endpoint: string;
  /** null = no Authorization header at all. */
  readonly token: string | null;
  readonly method: string;
  readonly url: string;
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls an API that listens somewhere; bodies of answers that are JSON are parsed. */
export async function callApi({ endpoint, token, method, url, body, headers }: ApiCall): Promise<Answer> {
  const response = await fetch(`${endpoint}${url}`, {
    method,
    headers: {
      "content-type": "application/json",
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /[/+]json\b/.test(response.headers.get("content-type") ?? "");
  const answer = { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : text };
  if (response.ok) demandShape(`${method} ${url}`, answer.body);
  else if (response.headers.get("content-type") === "application/problem+json")
    demandSchema(`${method} ${url}`, problemAnswer, answer.body);
  return answer;
}
