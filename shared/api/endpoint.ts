import type { z } from "zod";
import type { Role } from "../model/identity.js";

/** One call of the API: what is sent and what comes back. `path` is like `/v1/runs/{id}`. */
export interface Endpoint {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  /** Who may call it; `anyone` = without a token too. */
  readonly role: Role | "anyone";
  /** What it does, in a few words, for the OpenAPI document. */
  readonly summary: string;
  /** What the answer tells, and what else there is to know; Markdown, for the documents. Absent = the summary says it. */
  readonly result?: string;
  /** What the body is parsed with; absent = none is read. */
  readonly body?: z.ZodType;
  /** What the query string is parsed with. */
  readonly query?: z.ZodType;
  /** Shape of the answer; null = it has no body. */
  readonly answer: z.ZodType | null;
  /** Media type of the answer, or those it may have; absent = JSON. */
  readonly answerType?: string | readonly string[];
  /** Status of the answer when all is well; absent = 200. A POST that answers 201 or 202 takes an idempotency key. */
  readonly status?: number;
  /** Status when the object was not there before; absent = the same. */
  readonly newStatus?: number;
  /** `answers`: the answer tells the object's version as `ETag`; `takes`: `If-Match` is heeded. */
  readonly version?: "answers" | "takes" | "both";
  /** A repeat changes nothing more, so that it may be sent again when nobody answered; every GET may. */
  readonly repeatable?: true;
  /** Other headers of the answer and what they mean. */
  readonly answerHeaders?: Readonly<Record<string, string>>;
}
