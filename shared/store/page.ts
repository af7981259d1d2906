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

/** JSON of the items of one page at most: what a list costs is bounded by what is asked, not by what is stored. */
export const PAGE_BYTES = 1024 * 1024;

/**
 * A page of what lists show of the documents of a workspace, shorter where more than {@link PAGE_BYTES} would be read.
 *
 * @param show  undefined leaves a document out that has gone meanwhile
 */
export async function listBriefs<B, T>(
  documents: Documents,
  table: DocumentTable,
  { workspace, limit, page }: { workspace: string; limit: number; page: string | null },
  show: (brief: Stored<B | null>) => Promise<T | undefined>,
): Promise<Page<T>> {
  const after = page === null ? {} : { after: [workspace, page] };
  const range = { prefix: [workspace], limit, maxBytes: PAGE_BYTES, ...after };
  const { items: found, isCut } = await documents.listBriefs<B>(table, range);
  const items: T[] = [];
  for (const one of found) {
    const item = await show(one);
    if (item !== undefined) items.push(item);
  }
  const last = found.at(-1)?.key[1];
  return { items, nextPage: isCut && last !== undefined ? String(last) : null };
}
