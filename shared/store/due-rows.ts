import type { Documents, DocumentTable, Stored } from "../platform/documents.js";

/**
 * Documents that are due until a time, part by part, the oldest of a part first. Those written meanwhile may come or not.
 *
 * @param table  its key is a part and a text that begins with an ISO time and a blank
 * @param until  ISO time, inclusive
 */
export async function* dueRows<T>(
  documents: Documents,
  table: DocumentTable,
  { parts, until }: { readonly parts: readonly string[]; readonly until: string },
): AsyncGenerator<Stored<T>> {
  // The usual tick: there are few, and one read shows them all, whichever part they are of.
  const all = await documents.list<T>(table, { prefix: [], limit: PAGE });
  if (all.length < PAGE) {
    yield* all.filter(({ key }) => String(key[1]) < `${until}!`);
    return;
  }
  for (const part of parts) yield* dueIn<T>(documents, table, { part, until });
}

const PAGE = 200;

async function* dueIn<T>(
  documents: Documents,
  table: DocumentTable,
  { part, until }: { readonly part: string; readonly until: string },
): AsyncGenerator<Stored<T>> {
  // "!" comes after the blank that ends a time.
  const range = { prefix: [part], before: [part, `${until}!`], limit: PAGE };
  for (let after = {}; ; ) {
    const found = await documents.list<T>(table, { ...range, ...after });
    yield* found;
    const last = found.at(-1);
    if (!last || found.length < PAGE) return;
    after = { after: last.key };
  }
}
