import { timingSafeEqual } from "node:crypto";
import type { LocalCredentials } from "../service.js";
import { OssError } from "./errors.js";
import { refuseForeignSignature } from "./foreign-signatures.js";
import { checkExpiry, checkSkew, compactText, compactTime, requestTime } from "./request-time.js";
import { signV1, stringToSignV1 } from "./signature-v1.js";
import { type ScopeV4, signingKeyV4, signV4, stringsToSignV4 } from "./signature-v4.js";
import { readingsOf, type WireReading, type WireRequest } from "./wire-request.js";

/** The longest life of a version 4 signed URL, seconds. */
const MAX_EXPIRES_S = 7 * 24 * 3600;

/** Who sent a request and which bucket and key it means. */
export interface Authorized {
  readonly reading: WireReading;
  readonly anonymous: boolean;
}

interface Claim {
  readonly accessKeyId: string;
  readonly signature: string;
  readonly token: string | undefined;
  /** Signatures that would be right for a reading, each with the text it covers. */
  expected(secret: string, reading: WireReading): Iterable<{ signature: string; stringToSign: string }>;
}

/**
 * Verifies a request's signature: version 1 or 4, in the header or in the URL. The reading whose signature verifies is the request's meaning.
 *
 * @param nowMs the machine's time: callers sign with it, also while a test has moved the cloud's own clock
 * @throws OssError InvalidAccessKeyId, SignatureDoesNotMatch, RequestTimeTooSkewed, InvalidSecurityToken, AccessDenied (expired),
 *   NotImplemented (a signature of S3 or of OSS version 2)
 */
export function authorizeOss(request: WireRequest, credentials: LocalCredentials, nowMs: number): Authorized {
  refuseForeignSignature(request);
  const readings = readingsOf(request.headers.host, request.path);
  const claim = claimOf(request, nowMs);
  if (claim === null) return { reading: readings[0], anonymous: true };
  if (claim.accessKeyId !== credentials.accessKeyId) {
    throw new OssError("InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist in our records.", {
      details: { OSSAccessKeyId: claim.accessKeyId },
    });
  }
  const reading = readings.find((one) => verifies(claim, credentials.accessKeySecret, one));
  if (reading === undefined) throw mismatch(claim, credentials.accessKeySecret, readings[0]);
  if (claim.token !== undefined && claim.token !== credentials.securityToken) {
    throw new OssError("InvalidSecurityToken", "The security token you provided is invalid.");
  }
  return { reading, anonymous: false };
}

function verifies(claim: Claim, secret: string, reading: WireReading): boolean {
  const given = Buffer.from(claim.signature);
  for (const { signature } of claim.expected(secret, reading)) {
    const wanted = Buffer.from(signature);
    if (wanted.length === given.length && timingSafeEqual(wanted, given)) return true;
  }
  return false;
}

function mismatch(claim: Claim, secret: string, reading: WireReading): OssError {
  const [first] = claim.expected(secret, reading);
  return new OssError(
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    {
      details: {
        OSSAccessKeyId: claim.accessKeyId,
        SignatureProvided: claim.signature,
        StringToSign: first?.stringToSign ?? "",
      },
    },
  );
}

function claimOf(request: WireRequest, nowMs: number): Claim | null {
  const header = request.headers.authorization;
  const query = new Map(request.query.map(({ name, value }) => [name, value]));
  if (header?.startsWith("OSS4-HMAC-SHA256 ")) return headerV4(request, header, nowMs);
  if (header?.startsWith("OSS ")) return headerV1(request, header, nowMs);
  if (header !== undefined) throw badAuthorization(header);
  if (query.has("x-oss-signature")) return urlV4(request, query, nowMs);
  if (query.has("Signature") || query.has("OSSAccessKeyId")) return urlV1(request, query, nowMs);
  return null;
}

function headerV1(request: WireRequest, header: string, nowMs: number): Claim {
  const cut = header.lastIndexOf(":");
  if (cut < 0) throw badAuthorization(header);
  const date = request.headers["x-oss-date"] ?? request.headers.date ?? "";
  checkSkew(date, nowMs);
  return claimV1(request, {
    accessKeyId: header.slice("OSS ".length, cut),
    signature: header.slice(cut + 1),
    token: request.headers["x-oss-security-token"],
    date,
  });
}

function urlV1(request: WireRequest, query: ReadonlyMap<string, string>, nowMs: number): Claim {
  const date = query.get("Expires") ?? "";
  if (!/^\d+$/.test(date))
    throw new OssError("AccessDenied", "Query-string authentication requires Signature, Expires and OSSAccessKeyId.");
  checkExpiry(Number(date) * 1000, nowMs);
  return claimV1(request, {
    accessKeyId: query.get("OSSAccessKeyId") ?? "",
    signature: query.get("Signature") ?? "",
    token: query.get("security-token"),
    date,
  });
}

function claimV1(request: WireRequest, fields: Omit<Claim, "expected"> & { date: string }): Claim {
  return {
    ...fields,
    *expected(secret, reading) {
      const stringToSign = stringToSignV1(request, reading, fields.date);
      yield { signature: signV1(secret, stringToSign), stringToSign };
    },
  };
}

function headerV4(request: WireRequest, header: string, nowMs: number): Claim {
  const fields = new Map<string, string>();
  for (const part of header.slice("OSS4-HMAC-SHA256 ".length).split(",")) {
    const cut = part.indexOf("=");
    fields.set(part.slice(0, cut).trim(), part.slice(cut + 1).trim());
  }
  const date = request.headers["x-oss-date"] ?? request.headers.date ?? "";
  const signature = fields.get("Signature");
  if (signature === undefined) throw badAuthorization(header);
  checkSkew(date, nowMs);
  return claimV4(request, {
    credential: fields.get("Credential") ?? "",
    signature,
    token: request.headers["x-oss-security-token"],
    date,
    additionalHeaders: fields.get("AdditionalHeaders") ?? "",
  });
}

function urlV4(request: WireRequest, query: ReadonlyMap<string, string>, nowMs: number): Claim {
  const date = query.get("x-oss-date") ?? "";
  const expires = Number(query.get("x-oss-expires") ?? Number.NaN);
  const issued = compactTime(date);
  if (!(expires > 0 && expires <= MAX_EXPIRES_S) || Number.isNaN(issued)) {
    throw new OssError(
      "AuthorizationQueryParametersError",
      `x-oss-expires must be 1 to ${MAX_EXPIRES_S} and x-oss-date a compact ISO time.`,
    );
  }
  checkExpiry(issued + expires * 1000, nowMs);
  return claimV4(request, {
    credential: query.get("x-oss-credential") ?? "",
    signature: query.get("x-oss-signature") ?? "",
    token: query.get("x-oss-security-token"),
    date,
    additionalHeaders: query.get("x-oss-additional-headers") ?? "",
  });
}

interface FieldsV4 {
  readonly credential: string;
  readonly signature: string;
  readonly token: string | undefined;
  /** As the request carries it: it stands in the signed text so. */
  readonly date: string;
  readonly additionalHeaders: string;
}

function claimV4(request: WireRequest, fields: FieldsV4): Claim {
  const [accessKeyId = "", day = "", region = "", product = "", end] = fields.credential.split("/");
  const compact = compactText(requestTime(fields.date));
  if (end !== "aliyun_v4_request" || day !== compact.slice(0, 8)) throw invalidCredential(fields.credential);
  const additionalHeaders = fields.additionalHeaders.split(";").filter((name) => name !== "");
  const scope: Omit<ScopeV4, "date"> = { day, region, product, additionalHeaders };
  return {
    accessKeyId,
    signature: fields.signature,
    token: fields.token,
    *expected(secret, reading) {
      const key = signingKeyV4(secret, scope);
      // A `Date` header holds HTTP's form: clients sign it stands (Go) or as the compact time that it means.
      for (const date of new Set([fields.date, compact])) {
        for (const stringToSign of stringsToSignV4(request, reading, { ...scope, date })) {
          yield { signature: signV4(key, stringToSign), stringToSign };
        }
      }
    },
  };
}

function invalidCredential(credential: string): OssError {
  return new OssError(
    "InvalidArgument",
    "The credential is not <id>/<yyyymmdd>/<region>/oss/aliyun_v4_request of the request's own day.",
    {
      details: { ArgumentName: "Credential", ArgumentValue: credential },
    },
  );
}

function badAuthorization(header: string): OssError {
  return new OssError("InvalidArgument", "Authorization header is invalid.", {
    details: { ArgumentName: "Authorization", ArgumentValue: header.split(" ")[0] ?? "" },
  });
}
