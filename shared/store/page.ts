import type { DocumentKey, Documents, DocumentTable, Stored } from "../platform/documents.js";

/** A page of a listing; `nextPage` continues it, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPage: string | null;
}

/** Which page of which documents. */
export interface PageAsked {
  /** First values of their keys, of which there is one more: a text, which marks where a page ended. */
  readonly prefix: DocumentKey;
  readonly limit: number;
  /** `nextPage` of the page before; null = from the beginning. */
  readonly page: string | null;
}

/** A page of documents, in the order of their keys. */
export async function listPage<T>(
  documents: Documents,
  table: DocumentTable,
  asked: PageAsked,
): Promise<Page<Stored<T>>> {
  const found = await documents.list<T>(table, { ...rangeOf(asked), limit: asked.limit + 1 });
  const items = found.slice(0, asked.limit);
  return { items, nextPage: markAfter(items, { isCut: found.length > items.length }) };
}

/** JSON of the items of one page at most: what a list costs is bounded by what is asked, not by what is stored. */
export const PAGE_BYTES = 1024 * 1024;

/**
 * A page of what lists show of documents, shorter where more than {@link PAGE_BYTES} would be read.
 *
 * @param show  undefined leaves a document out that has gone meanwhile
 */
export async function listBriefs<B, T>(
  documents: Documents,
  table: DocumentTable,
  { asked, show }: { asked: PageAsked; show: (brief: Stored<B | null>) => Promise<T | undefined> },
): Promise<Page<T>> {
  const found = await documents.listBriefs<B>(table, { ...rangeOf(asked), maxBytes: PAGE_BYTES });
  const items: T[] = [];
  for (const one of found.items) {
    const item = await show(one);
    if (item !== undefined) items.push(item);
  }
  return { items, nextPage: markAfter(found.items, found) };
}

function rangeOf({ prefix, limit, page }: PageAsked) {
  return { prefix, limit, ...(page !== null && { after: [...prefix, page] }) };
}

function markAfter(rows: readonly Stored<unknown>[], { isCut }: { readonly isCut: boolean }): string | null {
  const last = rows.at(-1)?.key.at(-1);
  return isCut && last !== undefined ? String(last) : null;
}
