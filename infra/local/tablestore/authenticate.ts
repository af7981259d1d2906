import { createHash, createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { LocalCredentials } from "../service.js";
import { limits } from "./limits.js";
import { invalid, OtsError } from "./ots-error.js";

/** The parts of a request that its signature covers. */
export interface OtsSignedRequest {
  readonly headers: IncomingHttpHeaders;
  /** Without query. */
  readonly path: string;
  readonly body: Buffer;
}

const API_VERSION = "2015-12-31";
const SIGNATURE = "x-ots-signature";
const TOKEN = "x-ots-ststoken";

/**
 * Checks version, key, signature, clock and body digest of a request.
 *
 * @returns name of the instance it is meant for
 * @throws OtsError OTSParameterInvalid when a header is missing or malformed, OTSAuthFailed when one is wrong
 */
export function authenticate(request: OtsSignedRequest, credentials: LocalCredentials, nowMs: number): string {
  const header = (name: string) => headerOf(request.headers, name);
  const version = header("x-ots-apiversion");
  if (version !== API_VERSION) throw invalid(`Unsupported API version: ${version}.`);
  const instance = header("x-ots-instancename");
  const dateMs = Date.parse(header("x-ots-date"));
  if (Number.isNaN(dateMs)) throw invalid(`Invalid date format: ${header("x-ots-date")}.`);
  if (header("x-ots-accesskeyid") !== credentials.accessKeyId) throw denied("The AccessKeyID does not exist.");
  const token = request.headers[TOKEN];
  if (token !== undefined && token !== credentials.securityToken) throw denied("The security token is invalid.");
  if (header(SIGNATURE) !== signatureOf(request, credentials.accessKeySecret)) {
    throw denied(`Signature mismatch. The server signed: ${stringToSign(withoutToken(request))}`);
  }
  if (Math.abs(nowMs - dateMs) > limits.clockSkewMs) {
    throw denied("Mismatch between system time and x-ots-date: more than 15 minutes.");
  }
  if (header("x-ots-contentmd5") !== md5Of(request.body))
    throw denied("Mismatch between MD5 of the body and x-ots-contentmd5.");
  return instance;
}

function denied(message: string): OtsError {
  return new OtsError("OTSAuthFailed", message);
}

function headerOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  if (typeof value !== "string" || value === "") throw invalid(`Missing header: '${name}'.`);
  return value;
}

/** Digest of a body as the protocol's headers carry it. */
export function md5Of(body: Buffer): string {
  return createHash("md5").update(body).digest("base64");
}

function signatureOf(request: OtsSignedRequest, secret: string): string {
  return createHmac("sha1", secret).update(stringToSign(request), "utf8").digest("base64");
}

function stringToSign({ headers, path }: OtsSignedRequest): string {
  const signed = Object.keys(headers)
    .filter((name) => name.startsWith("x-ots-") && name !== SIGNATURE)
    .sort()
    .map((name) => `${name}:${headers[name]}\n`);
  return `${path}\nPOST\n\n${signed.join("")}`;
}

/**
 * The `authorization` header of a response, which the Java, Python and Go clients verify.
 *
 * @param path of the request, without query
 * @param headers of the response; those of the protocol are covered
 */
export function signResponse(
  path: string,
  headers: Readonly<Record<string, string>>,
  { accessKeyId, accessKeySecret }: LocalCredentials,
): string {
  const signed = Object.keys(headers)
    .filter((name) => name.startsWith("x-ots-"))
    .sort()
    .map((name) => `${name}:${headers[name]}\n`);
  const signature = createHmac("sha1", accessKeySecret)
    .update(`${signed.join("")}${path}`, "utf8")
    .digest("base64");
  return `OTS ${accessKeyId}:${signature}`;
}

function withoutToken(request: OtsSignedRequest): OtsSignedRequest {
  return TOKEN in request.headers ? { ...request, headers: { ...request.headers, [TOKEN]: "***" } } : request;
}
