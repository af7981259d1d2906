import { isStaging } from "../../model/staging-name.js";
import type { Catalog, CatalogPage, CatalogTable } from "../contract.js";
import type { FileStore } from "./bucket.js";
import type { FileOrigin } from "./file-origin.js";

/** Keys looked at for one page, at most: whole folders of folder markers would cost listings without end. */
const MOST = 50_000;

/** Lists the objects whose key begins with the search. What is inside an object, only a job says. */
export function fileCatalog<S>({ open }: FileOrigin<S>): Catalog<S> {
  return { tables: (source, query, signal) => objectPage(open(source, signal, { attempts: 2 }), query) };
}

/**
 * A page of objects, folder markers left out. A page that ends before its time says so and is continued like any other.
 *
 * @param page  the key after which to go on
 * @param most  keys to look at
 */
export async function objectPage(
  store: Pick<FileStore, "list">,
  { search, limit, page }: { search: string; limit: number; page: string | null },
  most = MOST,
): Promise<CatalogPage> {
  const items: CatalogTable[] = [];
  let seen = 0;
  let last = page;
  for await (const { key, size } of store.list(search, 1000, page ?? "")) {
    if (items.length === limit) return { items, nextPage: last };
    if (seen === most)
      return { items, nextPage: last, note: `${most} keys were looked at for this page; go on with the next one` };
    seen += 1;
    last = key;
    if (!key.endsWith("/") && !isStaging(key))
      items.push({ name: key, kind: "object", rows: null, bytes: size, comment: "" });
  }
  return { items, nextPage: null };
}
