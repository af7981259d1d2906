import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { LocalCredentials } from "../../service.js";
import { OssError } from "../errors.js";
import { checkExpiry, checkSkew, compactText, compactTime, requestTime } from "../request-time.js";
import { headerText, type WireRequest } from "../wire-request.js";

const ALGORITHM = "AWS4-HMAC-SHA256";

/** The longest life of a signed URL, seconds. */
const MAX_EXPIRES_S = 7 * 24 * 3600;

/** A signature that was verified, as those of the body's chunks go on from it. */
export interface VerifiedS3 {
  readonly signature: string;
  readonly key: Buffer;
  /** `yyyymmddThhmmssZ` */
  readonly date: string;
  readonly scope: string;
}

interface Claim {
  readonly credential: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly date: string;
  readonly token: string | undefined;
  readonly payloadHash: string;
}

/** True when a request is signed for S3, in a header or in its URL. */
export function isSignedForS3({ headers, query }: Pick<WireRequest, "headers" | "query">): boolean {
  return (
    /^AWS4-HMAC-SHA256\b/.test(headers.authorization ?? "") ||
    query.some(({ name, value }) => name.toLowerCase() === "x-amz-algorithm" && value === ALGORITHM)
  );
}

/**
 * Verifies AWS signature version 4, in the header or in the URL. Which bucket is meant has no part in it.
 * Source: Amazon S3 API reference, "Authenticating Requests (AWS Signature Version 4)".
 *
 * @param nowMs the machine's time
 * @throws OssError InvalidAccessKeyId, SignatureDoesNotMatch, RequestTimeTooSkewed, InvalidSecurityToken, AccessDenied (expired)
 */
export function verifyS3(request: WireRequest, credentials: LocalCredentials, nowMs: number): VerifiedS3 {
  const claim = claimOf(request, nowMs);
  const [accessKeyId = "", ...scopeParts] = claim.credential.split("/");
  const [day = "", , service, end] = scopeParts;
  const compact = compactText(requestTime(claim.date));
  if (end !== "aws4_request" || service !== "s3" || day !== compact.slice(0, 8))
    throw badAuthorization("The credential is not <id>/<yyyymmdd>/<region>/s3/aws4_request of the request's own day.");
  if (accessKeyId !== credentials.accessKeyId)
    throw new OssError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", {
      details: { AWSAccessKeyId: accessKeyId },
    });
  const key = scopeParts.reduce<Buffer>(
    (before, part) => createHmac("sha256", before).update(part).digest(),
    Buffer.from(`AWS4${credentials.accessKeySecret}`),
  );
  const verified = { key, date: compact, scope: scopeParts.join("/"), signature: claim.signature };
  const text = [ALGORITHM, compact, verified.scope, sha256(canonicalRequest(request, claim))].join("\n");
  requireSignature(signS3(key, text), claim.signature, { StringToSign: text });
  if (claim.token !== undefined && claim.token !== credentials.securityToken)
    throw new OssError("InvalidSecurityToken", "The provided token is malformed or otherwise invalid.");
  return verified;
}

/** HMAC-SHA256 in hex. */
export function signS3(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}

/** SHA-256 in hex. */
export function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

/** @throws OssError SignatureDoesNotMatch */
export function requireSignature(
  expected: string,
  given: string,
  details: Readonly<Record<string, string>> = {},
): void {
  const [wanted, found] = [Buffer.from(expected), Buffer.from(given)];
  if (wanted.length === found.length && timingSafeEqual(wanted, found)) return;
  throw new OssError(
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    { details: { SignatureProvided: given, ...details } },
  );
}

function claimOf(request: WireRequest, nowMs: number): Claim {
  const header = request.headers.authorization;
  return header?.startsWith(ALGORITHM) ? headerClaim(request, header, nowMs) : urlClaim(request, nowMs);
}

function headerClaim({ headers }: WireRequest, header: string, nowMs: number): Claim {
  const fields = new Map<string, string>();
  for (const part of header.slice(ALGORITHM.length).split(",")) {
    const cut = part.indexOf("=");
    fields.set(part.slice(0, cut).trim(), part.slice(cut + 1).trim());
  }
  const date = headers["x-amz-date"] ?? headers.date ?? "";
  const payloadHash = headers["x-amz-content-sha256"];
  checkSkew(date, nowMs);
  if (payloadHash === undefined)
    throw new OssError("InvalidArgument", "Missing required header for this request: x-amz-content-sha256");
  return {
    credential: fields.get("Credential") ?? "",
    signedHeaders: (fields.get("SignedHeaders") ?? "").split(";"),
    signature: fields.get("Signature") ?? "",
    token: headers["x-amz-security-token"],
    ...{ date, payloadHash },
  };
}

function urlClaim({ headers, query }: WireRequest, nowMs: number): Claim {
  const parameters = new Map(query.map(({ name, value }) => [name.toLowerCase(), value]));
  const date = parameters.get("x-amz-date") ?? "";
  const expires = Number(parameters.get("x-amz-expires") ?? Number.NaN);
  const issued = compactTime(date);
  if (!(expires > 0 && expires <= MAX_EXPIRES_S) || Number.isNaN(issued))
    throw new OssError(
      "AuthorizationQueryParametersError",
      `X-Amz-Expires must be 1 to ${MAX_EXPIRES_S} and X-Amz-Date a compact ISO time.`,
    );
  checkExpiry(issued + expires * 1000, nowMs);
  return {
    credential: parameters.get("x-amz-credential") ?? "",
    signedHeaders: (parameters.get("x-amz-signedheaders") ?? "").split(";"),
    signature: parameters.get("x-amz-signature") ?? "",
    date,
    token: parameters.get("x-amz-security-token"),
    payloadHash: headers["x-amz-content-sha256"] ?? parameters.get("x-amz-content-sha256") ?? "UNSIGNED-PAYLOAD",
  };
}

function canonicalRequest({ method, path, query, headers }: WireRequest, claim: Claim): string {
  const pairs = query
    .filter(({ name }) => name.toLowerCase() !== "x-amz-signature")
    .map(({ name, value }) => `${encodeStrictly(name)}=${encodeStrictly(value)}`)
    .sort();
  const signed = claim.signedHeaders.map((name) => `${name}:${headerValueOf(headers[name])}\n`);
  return [
    method,
    encodeStrictly(decodePath(path)).replaceAll("%2F", "/"),
    pairs.join("&"),
    signed.join(""),
    claim.signedHeaders.join(";"),
    claim.payloadHash,
  ].join("\n");
}

function headerValueOf(header: string | undefined): string {
  return headerText(header ?? "")
    .trim()
    .replace(/ +/g, " ");
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new OssError("InvalidURI", "Couldn't parse the specified URI.", { cause });
  }
}

function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function badAuthorization(message: string): OssError {
  return new OssError("InvalidArgument", message, { details: { ArgumentName: "Authorization" } });
}
