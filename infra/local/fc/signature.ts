import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { LocalCredentials } from "../service.js";
import { FcError } from "./fc-error.js";

/** A request as far as its signature covers it. */
export interface FcSignedRequest {
  readonly method: string;
  /** With version prefix, without query, as it was sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

const ALLOWED_SKEW_MS = 15 * 60 * 1000;

/**
 * What the legacy FC scheme signs: method, three headers, all `x-fc-` headers by name, the path.
 * `content-md5` is covered as sent; fc2 fills it with base64 of the hex digest, so it is never compared with the body.
 */
export function stringToSign({ method, path, headers }: FcSignedRequest): string {
  const own = Object.keys(headers)
    .filter((name) => name.startsWith("x-fc-"))
    .sort()
    .map((name) => `${name}:${headers[name]}\n`)
    .join("");
  return [method, headers["content-md5"] ?? "", headers["content-type"] ?? "", headers.date ?? "", own + path].join(
    "\n",
  );
}

/** The signature that belongs to a request, base64. */
export function sign(request: FcSignedRequest, secret: string): string {
  return createHmac("sha256", secret).update(stringToSign(request), "utf8").digest("base64");
}

/**
 * Checks `authorization: FC id:signature` and the date.
 *
 * @param nowMs  the machine's time: clients stamp requests with theirs, however the local cloud's clock is set
 * @throws FcError 403; the message of SignatureNotMatch shows the string that the server signed
 */
export function verifySignature(request: FcSignedRequest, credentials: LocalCredentials, nowMs: number): void {
  const { authorization = "", date = "" } = request.headers;
  const [, id, given] = /^FC ([^:]+):(.+)$/.exec(authorization) ?? [];
  if (id === undefined || given === undefined) {
    throw new FcError(403, "AccessDenied", "the header authorization is missing or not of the form FC id:signature");
  }
  if (id !== credentials.accessKeyId) throw new FcError(403, "InvalidAccessKeyID", `invalid access key ID '${id}'`);
  const sentAtMs = Date.parse(date);
  if (!(Math.abs(nowMs - sentAtMs) <= ALLOWED_SKEW_MS)) {
    throw new FcError(403, "AccessDenied", `the header date is missing or more than 15 minutes off: ${date}`);
  }
  // fc2 signs the path as the caller wrote it; other clients sign it as it travels.
  const paths = [request.path, decoded(request.path)];
  if (!paths.some((path) => equal(given, sign({ ...request, path }, credentials.accessKeySecret)))) {
    const signed = JSON.stringify(stringToSign(request));
    const message = "The request signature we calculated does not match the signature you provided";
    throw new FcError(403, "SignatureNotMatch", `${message}. String to sign: ${signed}`);
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function equal(given: string, expected: string): boolean {
  const left = Buffer.from(given);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}
