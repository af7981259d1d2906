import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type SluiceError, TransientError, UserError } from "../../model/errors.js";
import { retrying } from "../../model/retry.js";
import { type Signer, signAcs3 } from "../../platform/acs3.js";

/** An access key; `securityToken` is empty unless it is temporary. */
export type CloudKey = Signer;

/** Which role to take on. */
export interface RoleRequest {
  /** `acs:ram::account:role/name` */
  readonly roleArn: string;
  /** What the role's trust policy asks of us; empty = nothing. */
  readonly externalId: string;
}

/** Who asks, and from where. */
export interface Asker {
  /** The function's own key at this moment. */
  readonly own: () => CloudKey;
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds; tests bring their own clock. */
  readonly now?: () => number;
}

interface IssuedKey extends CloudKey {
  readonly endsAtMs: number;
}

interface Kept {
  key: IssuedKey | null;
  renewal: Promise<IssuedKey> | null;
  /** A renewal ahead of time that failed is not repeated before. */
  pausedUntilMs: number;
}

/** The most that a role gives unless its owner raised it; STS takes 900 to 3600 from everybody. */
const DURATION_S = 3600;
/** A key is renewed so long before its end, while the old one still serves. */
const RENEW_AHEAD_MS = 10 * 60_000;
/** With less left than this, calls wait for the new key: a request may be on its way for a while. */
const LEAST_LEFT_MS = 2 * 60_000;
const PAUSE_MS = 10_000;
const ATTEMPTS = 3;
const TIMEOUT_MS = 4_000;

const kept = new Map<string, Kept>();

/**
 * A key of a role, good for two minutes at least where STS gives it for longer. Kept by role and external id for as long
 * as this process lives, and renewed before it ends: ask before every call.
 *
 * @throws UserError ACCESS_DENIED when STS refuses, CONFIG_INVALID for a bad `SLUICE_STS_ENDPOINT`; TransientError when it
 *   does not answer
 */
export async function assumeRole(role: RoleRequest, asker: Asker): Promise<CloudKey> {
  const { env, now = Date.now } = asker;
  const endpoint = stsEndpoint(env);
  const id = JSON.stringify([endpoint.origin, role.roleArn, role.externalId]);
  const entry = kept.get(id) ?? { key: null, renewal: null, pausedUntilMs: 0 };
  const { key } = entry;
  const leftMs = key ? key.endsAtMs - now() : 0;
  if (key && leftMs > RENEW_AHEAD_MS) return key;
  if (key && leftMs > LEAST_LEFT_MS) {
    if (now() >= entry.pausedUntilMs) renew(entry, () => issue(endpoint, role, asker)).catch(() => pause(entry, now()));
    return key;
  }
  forgetEnded(now());
  // Before the answer, so that others find the renewal that they may wait for.
  kept.set(id, entry);
  return await renew(entry, () => issue(endpoint, role, asker));
}

/** All who need a new key at a time wait for the same one. */
function renew(entry: Kept, ask: () => Promise<IssuedKey>): Promise<IssuedKey> {
  entry.renewal ??= ask()
    .then((issued) => {
      entry.key = issued;
      return issued;
    })
    .finally(() => {
      entry.renewal = null;
    });
  return entry.renewal;
}

function pause(entry: Kept, nowMs: number): void {
  entry.pausedUntilMs = nowMs + PAUSE_MS;
}

/** Also what never came to a key. */
function forgetEnded(nowMs: number): void {
  for (const [id, { key, renewal }] of kept) if ((key?.endsAtMs ?? 0) <= nowMs && !renewal) kept.delete(id);
}

const answered = z.object({
  Credentials: z.object({
    AccessKeyId: z.string().min(1),
    AccessKeySecret: z.string().min(1),
    SecurityToken: z.string().min(1),
    Expiration: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
  }),
});
const refusal = z.object({ Code: z.string().default("") });

/**
 * One AssumeRole, repeated while STS is busy.
 *
 * Source: Alibaba Cloud STS, API reference 2015-04-01, "AssumeRole"; signed as `signAcs3` says.
 * NOT verified against the real service: only against a server of the tests that checks signature and parameters.
 */
function issue(endpoint: URL, role: RoleRequest, asker: Asker): Promise<IssuedKey> {
  const mayPass = (error: unknown) => error instanceof TransientError;
  return retrying(() => issueOnce(endpoint, role, asker), { attempts: ATTEMPTS, mayPass });
}

async function issueOnce(endpoint: URL, { roleArn, externalId }: RoleRequest, asker: Asker): Promise<IssuedKey> {
  const askedAtMs = (asker.now ?? Date.now)();
  const parameters = {
    RoleArn: roleArn,
    RoleSessionName: "sluice",
    DurationSeconds: String(DURATION_S),
    ...(externalId === "" ? {} : { ExternalId: externalId }),
  };
  const date = new Date().toISOString().replace(/\.\d{3}Z$/, "Z");
  const call = { host: endpoint.host, action: "AssumeRole", version: "2015-04-01", parameters, date };
  const { query, headers } = signAcs3({ ...call, nonce: randomUUID() }, asker.own());
  // `fetch` sets the host itself, to the same value.
  const { host, ...sent } = headers;
  const response = await fetch(`${endpoint.origin}/?${query}`, {
    ...{ method: "POST", redirect: "error", headers: { ...sent, accept: "application/json" } },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new TransientError("SOURCE_UNREACHABLE", `STS at ${endpoint.host} does not answer`, { cause });
  });
  const body: unknown = await response.json().catch(() => ({}));
  if (!response.ok) throw refused(roleArn, response.status, body);
  const { data } = answered.safeParse(body);
  if (!data) throw new TransientError("SOURCE_BUSY", "STS answered AssumeRole with something else than documented");
  const { AccessKeyId, AccessKeySecret, SecurityToken, Expiration } = data.Credentials;
  // Whichever is earlier: the other clock may be ahead of ours.
  const endsAtMs = Math.min(Date.parse(Expiration), askedAtMs + DURATION_S * 1000);
  return { accessKeyId: AccessKeyId, accessKeySecret: AccessKeySecret, securityToken: SecurityToken, endsAtMs };
}

/** The service's own message is left out: for a wrong signature it repeats what was signed, external id included. */
function refused(roleArn: string, status: number, body: unknown): SluiceError {
  const code = refusal.safeParse(body).data?.Code || String(status);
  if (status >= 500 || status === 429 || code.startsWith("Throttling"))
    return new TransientError("SOURCE_BUSY", `STS answered AssumeRole with ${code}`);
  const message = `STS did not let the function take on ${roleArn}: ${code}`;
  return new UserError("ACCESS_DENIED", message, { path: "authIdentity" });
}

/** Not the data source's to say: the request is signed with the function's own key. */
function stsEndpoint(env: NodeJS.ProcessEnv): URL {
  const ofRegion = env.FC_REGION ? `https://sts.${env.FC_REGION}.aliyuncs.com` : "https://sts.aliyuncs.com";
  const text = env.SLUICE_STS_ENDPOINT || ofRegion;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && (url.protocol === "https:" || /^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname))) return url;
  throw new UserError("CONFIG_INVALID", `SLUICE_STS_ENDPOINT ${text}: expected https`, { path: "SLUICE_STS_ENDPOINT" });
}
