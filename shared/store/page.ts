import type { Documents, DocumentTable, Stored } from "../platform/documents.js";

/** A page of a listing; `nextPage` continues it, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPage: string | null;
}

/**
 * A page of the documents of a workspace, in the order of their keys.
 *
 * @param table  its key is the workspace and one text, which marks where a page ended
 * @param page   `nextPage` of the page before; null = from the beginning
 */
export async function listPage<T>(
  documents: Documents,
  table: DocumentTable,
  { workspace, limit, page }: { workspace: string; limit: number; page: string | null },
): Promise<Page<Stored<T>>> {
  const after = page === null ? {} : { after: [workspace, page] };
  const found = await documents.list<T>(table, { prefix: [workspace], limit: limit + 1, ...after });
  const items = found.slice(0, limit);
  const last = items.at(-1)?.key[1];
  return { items, nextPage: found.length > limit && last !== undefined ? String(last) : null };
}
