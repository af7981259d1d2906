/** What the environment says about callers. */
export interface IdentitySettings {
  /** SHA-256 (hex) of the installation's own token, an admin everywhere; empty = there is none. */
  readonly rootTokenHash: string;
  /** The company's identity provider; null = tokens only. */
  readonly oidc: OidcSettings | null;
  /** Requests per second that one caller may send to one instance, with bursts of twice as many. */
  readonly ratePerSecond: number;
  /** Sign-ins per second that may fail from one address at one instance, with bursts of twice as many. */
  readonly failedSignInsPerSecond: number;
}

/** An identity provider whose signed tokens (JWT) are let in. */
export interface OidcSettings {
  /** The `iss` claim. */
  readonly issuer: string;
  /** What the `aud` claim must hold. */
  readonly audience: string;
  /** Where its public keys are. */
  readonly jwksUrl: string;
  /** The claim that tells roles: `admin`, `team:operator`, or a list of such. */
  readonly roleClaim: string;
}

const RATE_PER_SECOND = 100;

/** Reads the settings; an identity provider needs issuer, audience and key address, all three. */
export function readIdentitySettings(env: NodeJS.ProcessEnv): IdentitySettings {
  const { SLUICE_OIDC_ISSUER: issuer, SLUICE_OIDC_AUDIENCE: audience, SLUICE_OIDC_JWKS_URL: jwksUrl } = env;
  const rate = Number(env.SLUICE_RATE_LIMIT);
  const ratePerSecond = rate > 0 ? rate : RATE_PER_SECOND;
  return {
    rootTokenHash: env.SLUICE_API_TOKEN_HASH ?? "",
    oidc:
      issuer && audience && jwksUrl
        ? { issuer, audience, jwksUrl, roleClaim: env.SLUICE_OIDC_ROLE_CLAIM || "sluice_role" }
        : null,
    ratePerSecond,
    failedSignInsPerSecond: Math.max(1, ratePerSecond / 10),
  };
}
