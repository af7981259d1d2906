import type { Route } from "./router.js";

/** A part of an OpenAPI document: plain JSON. */
type Part = Record<string, unknown>;

/** Headers that requests may carry, for the document's components. */
export const headerParameters = {
  Workspace: {
    name: "x-sluice-workspace",
    in: "header",
    description: "The workspace the request is about",
    schema: { type: "string", default: "default" },
  },
  IdempotencyKey: {
    name: "idempotency-key",
    in: "header",
    description: "Requests with the same key are done once; for 24 h a repeat gets the first answer",
    schema: { type: "string", minLength: 1, maxLength: 200 },
  },
  IfMatch: {
    name: "if-match",
    in: "header",
    description: "The ETag of the version that the change is meant for",
    schema: { type: "string" },
  },
} satisfies Part;

const text = (description: string): Part => ({ description, schema: { type: "string" } });

/** Headers of an answer when all is well. */
export function answerHeaders({
  method,
  status = 200,
  version,
  answerHeaders: own = {},
}: Pick<Route<never>, "method" | "status" | "version" | "answerHeaders">): Part {
  const isCreation = method === "POST" && (status === 201 || status === 202);
  return {
    ...requestId,
    ...((version === "answers" || version === "both") && { etag: text("Version of the object, for If-Match") }),
    ...(isCreation && { "idempotency-replayed": text("`true`: what the first request with this key was answered") }),
    ...Object.fromEntries(Object.entries(own).map(([name, meaning]) => [name, text(meaning)])),
  };
}

const requestId: Part = { "x-request-id": text("Id of the request, which the logs carry too") };

function refusal(description: string, headers: Part = {}): Part {
  const schema = { $ref: "#/components/schemas/Problem" };
  return { description, headers: { ...requestId, ...headers }, content: { "application/problem+json": { schema } } };
}

/** Answers when all is not well, for the document's components: by status, or by the first digit of several. */
export const problemResponses = {
  401: refusal("No token, or none that is valid", { "www-authenticate": text("How to sign in") }),
  403: refusal("The caller's role does not allow it"),
  412: refusal("The object has another version than If-Match says"),
  429: refusal("Too many requests, or a quota is full", { "retry-after": text("Seconds until the next one is taken") }),
  "4XX": refusal("Refused: the request is to be corrected", { allow: text("With 405: the methods that there are") }),
  "5XX": refusal("Failed: on the way to a system (503), or inside Sluice (500)"),
} satisfies Part;
