import { randomBytes } from "node:crypto";
import { UserError } from "../model/errors.js";
import type { Caller, Role, TokenView } from "../model/identity.js";
import type { FoundToken, TokenRecord, TokensStore } from "../store/tokens-store.js";
import { hashToken, newToken, sameHash } from "./token-text.js";

/** What an admin asks for. */
export interface TokenRequest {
  readonly name: string;
  readonly role: Role;
  /** ISO time; null = never. */
  readonly expiresAt: string | null;
}

/** Last use is kept to the hour: a write per request would cost more than it tells. */
const USE_STEP_MS = 60 * 60 * 1000;

/**
 * Makes a token for a workspace.
 *
 * @param by   id of the caller who asks
 * @param now  epoch ms
 * @returns the token's text, which nobody can read again, and what lists show
 * @throws UserError CONFIG_INVALID when it would expire in the past
 */
export async function createToken(
  store: TokensStore,
  { name, role, expiresAt }: TokenRequest,
  { workspace, by, now }: { workspace: string; by: string; now: number },
): Promise<{ readonly token: string; readonly view: TokenView }> {
  if (expiresAt !== null && Date.parse(expiresAt) <= now)
    throw new UserError("CONFIG_INVALID", `expiresAt: ${expiresAt} is in the past`, { path: "expiresAt" });
  const { text, hash, prefix } = newToken();
  const record: TokenRecord = {
    id: randomBytes(8).toString("hex"),
    workspace,
    name,
    prefix,
    role,
    createdAt: new Date(now).toISOString(),
    createdBy: by,
    expiresAt,
    revokedAt: null,
    lastUsedAt: null,
  };
  await store.insert(hash, record);
  return { token: text, view: viewToken(record, now) };
}

/**
 * Revokes a token at once and for good; again is no error.
 *
 * @throws UserError NOT_FOUND in this workspace, CONFLICT when it changes at the same moment
 */
export async function revokeToken(
  store: TokensStore,
  { workspace, id, now }: { workspace: string; id: string; now: number },
): Promise<{ readonly before: TokenView; readonly after: TokenView }> {
  for (let attempt = 1; attempt <= 5; attempt++) {
    const found = await store.findById(workspace, id);
    if (!found) throw new UserError("NOT_FOUND", `there is no token "${id}"`, { path: "id" });
    const { value, version, hash } = found;
    const before = viewToken(value, now);
    if (value.revokedAt !== null) return { before, after: before };
    const revoked = { ...value, revokedAt: new Date(now).toISOString() };
    if (await store.replace(hash, revoked, version)) return { before, after: viewToken(revoked, now) };
  }
  throw new UserError("CONFLICT", `token "${id}" changes at this moment`);
}

/**
 * Finds who holds a token.
 *
 * @throws UserError UNAUTHORIZED when it is unknown, expired or revoked, FORBIDDEN when it belongs to another workspace
 */
export async function callerOfToken(
  store: TokensStore,
  text: string,
  { workspace, now }: { workspace: string; now: number },
): Promise<Caller> {
  const hash = hashToken(text);
  const found = await store.find(hash);
  if (!found || !sameHash(found.hash, hash)) throw new UserError("UNAUTHORIZED", "the bearer token is not valid");
  const { state, id, name, role } = viewToken(found.value, now);
  if (state !== "active") throw new UserError("UNAUTHORIZED", `the bearer token is ${state}`);
  if (found.value.workspace !== workspace)
    throw new UserError("FORBIDDEN", `the bearer token is not for workspace "${workspace}"`, {
      path: "x-sluice-workspace",
    });
  await rememberUse(store, found, now);
  return { id: `token/${id}`, name, role };
}

/** A token as lists show it. */
export function viewToken({ workspace, ...token }: TokenRecord, now: number): TokenView {
  const isExpired = token.expiresAt !== null && Date.parse(token.expiresAt) <= now;
  return { ...token, state: token.revokedAt !== null ? "revoked" : isExpired ? "expired" : "active" };
}

/** Losing against another request is fine: that one remembers the same hour. */
async function rememberUse(store: TokensStore, { hash, value, version }: FoundToken, now: number): Promise<void> {
  const lastUsedAt = new Date(now - (now % USE_STEP_MS)).toISOString();
  if (value.lastUsedAt === null || value.lastUsedAt < lastUsedAt)
    await store.replace(hash, { ...value, lastUsedAt }, version);
}
