import { timingSafeEqual } from "node:crypto";
import { keyV4, type OdpsSignedRequest, signed, textToSign } from "../../../shared/connectors/odps/wire/signature.js";
import type { LocalCredentials } from "../service.js";
import { OdpsError } from "./errors.js";

/** What the service tolerates. */
const MAX_SKEW_MS = 15 * 60_000;

/**
 * Checks who sent a request: version 2 or 4 of the signature, the date, the token of a role.
 *
 * @throws OdpsError as the service words it
 */
export function authorizeOdps(request: OdpsSignedRequest, credentials: LocalCredentials, nowMs: number): void {
  const { authorization = "", date = "", "authorization-sts-token": token } = request.headers;
  const [, scope = "", signature = ""] = /^ODPS ([^:]+):(\S+)$/.exec(authorization) ?? [];
  if (scope === "") throw new OdpsError("ODPS-0410001", "ODPS-0410001:Parameter missing - Authorization");
  const [id = "", day, region = ""] = scope.split("/");
  if (id !== credentials.accessKeyId)
    throw new OdpsError("ODPS-0410051", "ODPS-0410051:Invalid credentials - accessKeyId not found");
  const sentMs = Date.parse(date);
  if (Number.isNaN(sentMs)) throw new OdpsError("ODPS-0410001", "ODPS-0410001:Parameter missing - Date");
  if (Math.abs(sentMs - nowMs) > MAX_SKEW_MS)
    throw new OdpsError(
      "ODPS-0410031",
      "ODPS-0410031:Authentication request expired - the request's date is too far from now",
    );
  const key = day === undefined ? credentials.accessKeySecret : keyV4(credentials.accessKeySecret, day, region);
  if (!readingsOf(request).some((reading) => isEqual(signed(key, textToSign(reading)), signature)))
    throw new OdpsError("ODPS-0410042", "ODPS-0410042:Invalid signature value - User signature does not match");
  if (token !== undefined && token !== credentials.securityToken)
    throw new OdpsError("Unauthorized", "The specified security token is invalid or expired");
}

/** PyODPS decodes the values of a query twice before it signs them. */
function readingsOf(request: OdpsSignedRequest): OdpsSignedRequest[] {
  const entries = Object.entries(request.query);
  const query = Object.fromEntries(entries.map(([name, value]) => [name, decodedAgain(value)]));
  return [request, { ...request, query }];
}

function decodedAgain(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text; // a lone percent sign means itself
  }
}

function isEqual(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
