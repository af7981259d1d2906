import { UserError } from "../model/errors.js";
import { type Caller, includesRole, type Role } from "../model/identity.js";
import type { MembersStore } from "../store/members-store.js";
import type { TokensStore } from "../store/tokens-store.js";
import { verifyJwt } from "./oidc.js";
import type { IdentitySettings } from "./settings.js";
import { hashToken, sameHash, TOKEN_START } from "./token-text.js";
import { callerOfToken } from "./tokens.js";

/** What it takes to know a caller. */
export interface IdentifyContext {
  readonly tokens: TokensStore;
  readonly members: MembersStore;
  readonly settings: IdentitySettings;
  readonly workspace: string;
  /** Epoch ms. */
  readonly now: number;
}

/** Who calls where nobody needs to say so. */
export const anonymous: Caller = { id: "anonymous", name: "anonymous", role: "viewer" };

/**
 * Finds who sends a request, from its Authorization header: the installation's own token, a token of the workspace,
 * or a JWT of the identity provider.
 *
 * @throws UserError UNAUTHORIZED when nobody can be made out, FORBIDDEN when the caller has no role in the workspace
 */
export async function identify(authorization: string | undefined, context: IdentifyContext): Promise<Caller> {
  const { tokens, members, settings, workspace, now } = context;
  const text = /^Bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1];
  if (text === undefined) throw new UserError("UNAUTHORIZED", "the request carries no bearer token");
  if (sameHash(hashToken(text), settings.rootTokenHash)) return { id: "root", name: "root", role: "admin" };
  if (text.startsWith(TOKEN_START)) return callerOfToken(tokens, text, { workspace, now });
  if (settings.oidc && text.split(".").length === 3) {
    const { subject, name, role } = await verifyJwt(text, settings.oidc, { workspace, now });
    const member = await members.find(workspace, subject);
    return { id: `oidc/${subject}`, name, role: higher(role, member?.value.role ?? null, workspace) };
  }
  throw new UserError("UNAUTHORIZED", "the bearer token is not valid");
}

/**
 * @throws UserError FORBIDDEN naming the role it takes
 */
export function demandRole(caller: Caller, needed: Role, what: string): void {
  if (includesRole(caller.role, needed)) return;
  throw new UserError("FORBIDDEN", `${what} takes role ${needed}; ${caller.id} is ${caller.role}`);
}

/** Claim and membership add up: each may give a role, neither takes the other's away. */
function higher(a: Role | null, b: Role | null, workspace: string): Role {
  const role = a !== null && b !== null ? (includesRole(a, b) ? a : b) : (a ?? b);
  if (role === null)
    throw new UserError("FORBIDDEN", `you have no role in workspace "${workspace}"`, { path: "x-sluice-workspace" });
  return role;
}
