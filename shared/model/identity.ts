/** What somebody may do in a workspace; each role includes those before it. */
export const roles = ["viewer", "developer", "operator", "admin"] as const;

/**
 * viewer: see everything but records and secrets. developer: drafts, plans, development runs. operator: production
 * runs and schedules. admin: data sources, members, tokens, the audit trail.
 */
export type Role = (typeof roles)[number];

/** True when who holds `held` may do what takes `needed`. */
export function includesRole(held: Role, needed: Role): boolean {
  return roles.indexOf(held) >= roles.indexOf(needed);
}

/** Who sent a request. */
export interface Caller {
  /** Stable: `root`, `token/<id>`, `oidc/<subject>` or `anonymous`. */
  readonly id: string;
  /** For people to read. */
  readonly name: string;
  /** In the workspace of the request. */
  readonly role: Role;
}

/** A change to be kept in the audit trail. Secrets are masked already by whoever tells it. */
export interface AuditEntry {
  /** What happened, noun and verb, such as `job.store`. */
  readonly action: string;
  /** To which object, kind and name, such as `job/orders`. */
  readonly object: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** An entry of the audit trail as it is listed. */
export interface AuditRecord extends AuditEntry {
  readonly id: string;
  /** ISO time. */
  readonly at: string;
  readonly caller: Caller;
  readonly requestId: string;
}

/** A token as it may be listed: everything but the token. */
export interface TokenView {
  readonly id: string;
  readonly name: string;
  /** The first characters of the token, to recognize it by. */
  readonly prefix: string;
  readonly role: Role;
  readonly state: "active" | "expired" | "revoked";
  readonly createdAt: string;
  /** Id of the caller who made it. */
  readonly createdBy: string;
  /** ISO time; null = never. */
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  /** ISO time, to the hour; null = never used. */
  readonly lastUsedAt: string | null;
}

/** A person of the company's identity provider, with a role in a workspace. */
export interface MemberView {
  /** The `sub` claim of the person's tokens. */
  readonly subject: string;
  readonly role: Role;
  readonly updatedAt: string;
  readonly version: number;
}
