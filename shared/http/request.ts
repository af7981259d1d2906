import { isUtf8 } from "node:buffer";
import { type ParseError, parse as parseTolerantly } from "jsonc-parser";
import { UserError } from "../model/errors.js";
import { isJsonObject, type Json } from "../model/json.js";

/** An HTTP request as our routes see it. */
export interface HttpRequest {
  readonly method: string;
  /** Path segments, decoded: `/v1/runs/a%2Fb` is `["v1", "runs", "a/b"]`. */
  readonly segments: readonly string[];
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text; empty when there is none. */
  readonly body: string;
  /** IP address that the platform saw the request come from; empty = it did not tell. */
  readonly clientAddress: string;
  readonly requestId: string;
}

/** Largest body that is parsed. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Decodes the event of an FC HTTP trigger (platform reference, 2.3).
 *
 * @throws UserError CONFIG_INVALID when the event is no HTTP event, PAYLOAD_TOO_LARGE
 */
export function decodeHttpEvent(event: Buffer, requestId: string): HttpRequest {
  const parsed = parseJson(event.toString("utf8"), "event");
  if (!isJsonObject(parsed)) throw new UserError("CONFIG_INVALID", "event: expected an HTTP event");
  const context = isJsonObject(parsed.requestContext) ? parsed.requestContext : {};
  const http = isJsonObject(context.http) ? context.http : {};
  const raw = typeof parsed.body === "string" ? parsed.body : "";
  const headers = lowered(textMap(parsed.headers));
  const body = parsed.isBase64Encoded === true ? textOf(Buffer.from(raw, "base64"), headers) : raw;
  if (Buffer.byteLength(body) > MAX_BODY_BYTES)
    throw new UserError("PAYLOAD_TOO_LARGE", `the body has more than ${MAX_BODY_BYTES} bytes`);
  const query = textMap(parsed.queryParameters);
  refuseLong("header", headers);
  refuseLong("query parameter", query);
  return {
    method: typeof http.method === "string" ? http.method.toUpperCase() : "GET",
    segments: segmentsOf(typeof parsed.rawPath === "string" ? parsed.rawPath : "/"),
    query,
    headers,
    body,
    clientAddress: typeof http.sourceIp === "string" ? http.sourceIp : "",
    requestId,
  };
}

/** As long as a token of an identity provider may be; the platform takes 8 KB of headers in all. */
const MAX_VALUE_CHARS = 8192;

function refuseLong(what: string, values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) {
    const displayed = name.length > 60 ? `${name.slice(0, 60)}…` : name;
    const fault = name.length > MAX_NAME_CHARS ? "a name of" : value.length > MAX_VALUE_CHARS ? "a value of" : null;
    const chars = name.length > MAX_NAME_CHARS ? name.length : value.length;
    // The value is not repeated: it may be a token.
    if (fault)
      throw new UserError("CONFIG_INVALID", `${what} ${displayed}: ${fault} ${chars} characters`, { path: displayed });
  }
}

const MAX_NAME_CHARS = 200;

function lowered(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Bytes that are no text would be stored as others than were sent: a password that opens nothing. */
function textOf(
  bytes: Buffer,
  { "content-encoding": encoding = "identity" }: Readonly<Record<string, string>>,
): string {
  if (encoding.toLowerCase() !== "identity")
    throw new UserError("CONFIG_INVALID", "content-encoding: bodies are taken as they are, not compressed", {
      path: "content-encoding",
    });
  if (isUtf8(bytes)) return bytes.toString("utf8");
  throw new UserError("CONFIG_INVALID", "body: not UTF-8", { path: "body" });
}

/** Parses a JSON body; an empty one is an empty object. */
export function jsonBody(request: HttpRequest): Json {
  const text = request.body.replace(/^\uFEFF/, "");
  if (text.trim() === "") return {};
  const body = parseJson(text, "body");
  refuseDeep(body);
  return body;
}

/** Deepest nesting of a body. Checks and printers recurse: a deeper body could only be meant to exhaust the stack. */
const MAX_DEPTH = 100;

function refuseDeep(body: Json): void {
  let level: readonly (Json | undefined)[] = [body];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH)
      throw new UserError("CONFIG_INVALID", `body: nested more than ${MAX_DEPTH} deep`, { path: "body" });
    // JSON may have such a key, and schemas pass over it without a word.
    if (level.some((value) => isJsonObject(value) && Object.hasOwn(value, "__proto__")))
      throw new UserError("CONFIG_INVALID", 'body: "__proto__" can be no name', { path: "body" });
    level = level.flatMap((value) =>
      typeof value === "object" && value !== null ? Object.values<Json | undefined>(value) : [],
    );
  }
}

function parseJson(text: string, where: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // The parser's own message quotes the text around the fault, and with it perhaps a password.
    throw new UserError("CONFIG_INVALID", `${where}: not JSON${faultIn(text)}`, { path: where });
  }
}

/** Where a text stops being JSON. */
function faultIn(text: string): string {
  const faults: ParseError[] = [];
  try {
    parseTolerantly(text, faults, { disallowComments: true });
  } catch {
    return ": nested too deep";
  }
  const [fault] = faults;
  if (!fault) return "";
  const before = text.slice(0, fault.offset).split("\n");
  return `: line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`;
}

/** No name of ours is longer, even percent-encoded. */
const MAX_SEGMENT_CHARS = 2000;

function segmentsOf(rawPath: string): string[] {
  const segments = rawPath.split("/").filter((segment) => segment !== "");
  return segments.map((segment) => {
    if (segment.length > MAX_SEGMENT_CHARS)
      throw new UserError("CONFIG_INVALID", `path: a segment of more than ${MAX_SEGMENT_CHARS} characters`, {
        path: "path",
      });
    try {
      return decodeURIComponent(segment);
    } catch (cause) {
      throw new UserError("CONFIG_INVALID", `path: "${segment}" is not percent-encoded UTF-8`, { cause, path: "path" });
    }
  });
}

function textMap(value: Json | undefined): Record<string, string> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, String(one ?? "")]));
}
