import type { MemberView, Role } from "../model/identity.js";
import type { Documents, Stored } from "../platform/documents.js";
import type { Page } from "./runs-store.js";
import { tables } from "./tables.js";

/** A member as stored, under workspace and subject. */
export interface MemberRecord {
  readonly role: Role;
  readonly updatedAt: string;
}

/** The member with this `sub` claim, if the workspace has one. */
export function findMember(
  documents: Documents,
  workspace: string,
  subject: string,
): Promise<Stored<MemberRecord> | undefined> {
  return documents.get<MemberRecord>(tables.members, [workspace, subject]);
}

/**
 * Stores a member.
 *
 * @param version  0 = must be new
 * @returns false when the member has changed meanwhile
 */
export function storeMember(
  documents: Documents,
  [workspace, subject]: readonly [string, string],
  member: MemberRecord,
  version: number,
): Promise<boolean> {
  const key = [workspace, subject];
  return version === 0
    ? documents.insert(tables.members, key, member)
    : documents.replace(tables.members, key, member, version);
}

/** Takes a member out of a workspace. */
export function removeMember(documents: Documents, workspace: string, subject: string): Promise<void> {
  return documents.remove(tables.members, [workspace, subject]);
}

/** Members of a workspace by subject. */
export async function listMembers(
  documents: Documents,
  workspace: string,
  limit: number,
  page: string | null,
): Promise<Page<MemberView>> {
  const after = page === null ? {} : { after: [workspace, page] };
  const found = await documents.list<MemberRecord>(tables.members, { prefix: [workspace], limit: limit + 1, ...after });
  const items = found.slice(0, limit).map(viewMember);
  return { items, nextPage: found.length > limit ? (items.at(-1)?.subject ?? null) : null };
}

/** A member as it may be seen. */
export function viewMember({ key, value, version }: Stored<MemberRecord>): MemberView {
  return { subject: String(key[1]), role: value.role, updatedAt: value.updatedAt, version };
}
