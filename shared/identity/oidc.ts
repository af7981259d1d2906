import { TransientError, UserError } from "../model/errors.js";
import { includesRole, type Role, roles } from "../model/identity.js";
import { providerKeys } from "./provider-keys.js";
import type { OidcSettings } from "./settings.js";

/** Who a verified JWT speaks of. */
export interface OidcSubject {
  /** The `sub` claim. */
  readonly subject: string;
  readonly name: string;
  /** The highest role that the role claim gives in the workspace; null = none. */
  readonly role: Role | null;
}

/** Signatures by key pair only: with a shared secret or `none`, who can check could also sign. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
const CLOCK_TOLERANCE_S = 5;

/**
 * Verifies a JWT of the identity provider: signature, issuer, audience, times.
 *
 * @throws UserError UNAUTHORIZED saying what is wrong with it; TransientError when the provider's keys cannot be had
 */
export async function verifyJwt(
  text: string,
  settings: OidcSettings,
  { workspace, now }: { workspace: string; now: number },
): Promise<OidcSubject> {
  // Only installations with an identity provider pay for loading it.
  const jose = await import("jose");
  const { issuer, audience, jwksUrl, roleClaim } = settings;
  try {
    const { payload } = await jose.jwtVerify(text, providerKeys(jose, jwksUrl), {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      requiredClaims: ["sub", "exp"],
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(now),
    });
    // jose looks at the types of no claims but times.
    const { sub, name }: Readonly<Record<string, unknown>> = payload;
    if (typeof sub !== "string" || sub === "" || sub.length > 200)
      throw new UserError("UNAUTHORIZED", "the JWT is not valid: sub is no text of 1 to 200 characters");
    return {
      subject: sub,
      name: typeof name === "string" && name !== "" ? name.slice(0, 200) : sub,
      role: roleOfClaim(payload[roleClaim], workspace),
    };
  } catch (error) {
    throw refusal(error, jose.errors);
  }
}

/**
 * The highest role that a claim gives in a workspace: `admin` counts everywhere, `team:operator` in workspace team.
 *
 * @param claim  a text or a list of texts; anything else gives no role
 */
export function roleOfClaim(claim: unknown, workspace: string): Role | null {
  const words = Array.isArray(claim) ? claim : [claim];
  return words.reduce<Role | null>((best, word) => {
    const [, place, name] = /^(?:([^:]+):)?([a-z]+)$/.exec(typeof word === "string" ? word : "") ?? [];
    const role = roles.find((one) => one === name);
    if (role === undefined || (place !== undefined && place !== workspace)) return best;
    return best === null || includesRole(role, best) ? role : best;
  }, null);
}

function refusal(error: unknown, kinds: typeof import("jose")["errors"]): Error {
  if (error instanceof UserError) return error;
  const isAboutToken =
    error instanceof kinds.JOSEError &&
    !(error instanceof kinds.JWKSTimeout || error instanceof kinds.JWKSInvalid) &&
    error.code !== "ERR_JOSE_GENERIC";
  if (!isAboutToken)
    return new TransientError("SOURCE_UNREACHABLE", "the identity provider does not hand out its keys", {
      cause: error,
    });
  const claim = "claim" in error && typeof error.claim === "string" ? ` (${error.claim})` : "";
  return new UserError(
    "UNAUTHORIZED",
    `the JWT is not valid: ${reasons[error.code] ?? "it cannot be verified"}${claim}`,
    {
      cause: error,
    },
  );
}

/** By jose's stable codes; its messages are not for our users. */
const reasons: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: "it has expired",
  ERR_JWT_CLAIM_VALIDATION_FAILED: "a claim is not as expected",
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "the signature does not fit",
  ERR_JWKS_NO_MATCHING_KEY: "the identity provider has no such key",
  ERR_JOSE_ALG_NOT_ALLOWED: "its algorithm is not allowed",
};
