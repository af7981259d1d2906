import { isUtf8 } from "node:buffer";
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { FcError } from "./fc-error.js";
import { type Answer, jsonAnswer } from "./wire.js";

/** What an HTTP event tells beside the request itself. */
export interface HttpEventPlace {
  readonly accountId: string;
  readonly requestId: string;
  readonly nowMs: number;
  /** Path and query that the function sees, still encoded. */
  readonly url: string;
}

/** Types that reach a function as text; every other body arrives in base64. */
const TEXT_TYPES =
  /^(text\/|application\/(json|xml|javascript|x-www-form-urlencoded|graphql|yaml|x-ndjson)\b|[^;]*\+(json|xml)\b)/i;

/** The event that an HTTP trigger gives its function (built-in runtimes of FC 3.0). */
export function httpEvent(request: IncomingMessage, body: Buffer, place: HttpEventPlace): Buffer {
  const { accountId, requestId, nowMs, url } = place;
  const [rawPath = "/", query = ""] = url.split("?", 2);
  const isText = body.length === 0 || (isTextType(request.headers) && isUtf8(body));
  const domainName = request.headers.host ?? "localhost";
  const event = {
    version: "v1",
    rawPath,
    headers: canonicalHeaders(request.rawHeaders),
    queryParameters: joined([...new URLSearchParams(query)]),
    body: body.toString(isText ? "utf8" : "base64"),
    isBase64Encoded: !isText,
    requestContext: {
      accountId,
      domainName,
      domainPrefix: domainName.split(/[.:]/, 1)[0],
      requestId,
      time: `${new Date(nowMs).toISOString().slice(0, 19)}Z`,
      timeEpoch: String(nowMs),
      http: {
        method: request.method,
        path: decodePath(rawPath),
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? "",
        userAgent: request.headers["user-agent"] ?? "",
      },
    },
  };
  return Buffer.from(JSON.stringify(event));
}

function isTextType(headers: IncomingMessage["headers"]): boolean {
  const { "content-type": type, "content-encoding": encoding } = headers;
  return encoding === undefined && (type === undefined || TEXT_TYPES.test(type));
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new FcError(400, "InvalidArgument", `the path ${path} is not properly encoded`);
  }
}

/** Names as `Content-Type`, whatever the client wrote; repeated ones joined. */
function canonicalHeaders(raw: readonly string[]): Record<string, string> {
  const pairs: [string, string][] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? "").toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
    pairs.push([name, raw[index + 1] ?? ""]);
  }
  return joined(pairs);
}

function joined(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of pairs) {
    const earlier = values.get(name);
    values.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return Object.fromEntries(values);
}

/** Headers that belong to the platform: a function's values for them are dropped. */
const RESERVED = /^(x-fc-.*|connection|content-length|date|keep-alive|server|transfer-encoding)$/i;
const RESPONSE_HEADER_LIMIT = 8192;

/**
 * Turns what a function returned into the HTTP answer: an object with `statusCode` is one, anything else becomes the
 * body of a 200. The header `content-disposition` passes, as it does behind a domain of one's own.
 *
 * @throws FcError 502 for headers above 8 KB or a response that is none
 */
export function httpAnswer(payload: Buffer): Answer {
  const returned = parseResponse(payload);
  if (!returned) return { status: 200, headers: { "content-type": "application/json" }, body: payload };
  const { statusCode, headers, body, isBase64Encoded } = returned;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new FcError(502, "BadResponse", `the function answered with statusCode ${JSON.stringify(statusCode)}`);
  }
  const text = typeof body === "string" ? body : body === undefined || body === null ? "" : JSON.stringify(body);
  return {
    status,
    headers: readHeaders(headers),
    body: Buffer.from(text, isBase64Encoded === true ? "base64" : "utf8"),
  };
}

function parseResponse(payload: Buffer): Record<string, unknown> | null {
  // A response is a JSON object: other payloads, which may be long, need not be parsed.
  if (payload[0] !== 0x7b) return null;
  try {
    const value: unknown = JSON.parse(payload.toString());
    return typeof value === "object" && value !== null && "statusCode" in value ? { ...value } : null;
  } catch {
    return null;
  }
}

function readHeaders(given: unknown): OutgoingHttpHeaders {
  if (typeof given !== "object" || given === null) return {};
  const kept = Object.entries(given).filter(([name]) => !RESERVED.test(name));
  const size = kept.reduce((bytes, [name, value]) => bytes + name.length + String(value).length, 0);
  if (size > RESPONSE_HEADER_LIMIT) throw new FcError(502, "BadResponse", "the response headers are larger than 8 KB");
  return Object.fromEntries(
    kept.map(([name, value]) => [name, Array.isArray(value) ? value.map(String) : String(value)]),
  );
}

/** The answer when a function fails behind an HTTP trigger. */
export function httpFailure(errorType: string, payload: Buffer): Answer {
  return jsonAnswer(502, JSON.parse(payload.toString()), { "x-fc-error-type": errorType });
}
