import type { MemberView, Role } from "../model/identity.js";
import type { Documents, Stored } from "../platform/documents.js";
import { listPage, type Page } from "./page.js";
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
  return documents.replace(tables.members, [workspace, subject], member, version);
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
  const { items, nextPage } = await listPage<MemberRecord>(documents, tables.members, {
    prefix: [workspace],
    limit,
    page,
  });
  return { items: items.map(viewMember), nextPage };
}

/** A member as it may be seen. */
export function viewMember({ key, value, version }: Stored<MemberRecord>): MemberView {
  return { subject: String(key[1]), role: value.role, updatedAt: value.updatedAt, version };
}
