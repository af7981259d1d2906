import type { MemberView, Role } from "../model/identity.js";
import type { Documents, Stored } from "../platform/documents.js";
import { listPage, type Page } from "./page.js";
import { storeTables } from "./tables.js";

/** A member as stored, under workspace and subject. */
export interface MemberRecord {
  readonly role: Role;
  readonly updatedAt: string;
}

/** Roles of people whom the identity provider signs in. */
export interface MembersStore {
  /** The member with this `sub` claim, if the workspace has one. */
  find(workspace: string, subject: string): Promise<Stored<MemberRecord> | undefined>;
  /** Stores a member if it is still at that version, 0 = if it is new. */
  replace(found: Stored<MemberRecord>): Promise<boolean>;
  /** Takes a member out of a workspace. */
  remove(workspace: string, subject: string): Promise<void>;
  /** Members of a workspace by subject. */
  list(workspace: string, limit: number, page: string | null): Promise<Page<MemberView>>;
}

/** Opens the store over our documents. */
export function createMembersStore(documents: Documents): MembersStore {
  return {
    find: (workspace, subject) => documents.get<MemberRecord>(storeTables.members, [workspace, subject]),
    replace: ({ key, value, version }) => documents.replace(storeTables.members, { key, value, version }),
    remove: (workspace, subject) => documents.remove(storeTables.members, [workspace, subject]),
    async list(workspace, limit, page) {
      const asked = { prefix: [workspace], limit, page };
      const { items, nextPage } = await listPage<MemberRecord>(documents, storeTables.members, asked);
      return { items: items.map(viewMember), nextPage };
    },
  };
}

/** A member as it may be seen. */
export function viewMember({ key, value, version }: Stored<MemberRecord>): MemberView {
  return { subject: String(key[1]), role: value.role, updatedAt: value.updatedAt, version };
}
