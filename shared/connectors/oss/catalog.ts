import type { Catalog, CatalogTable } from "../contract.js";
import { openBucket } from "./client.js";
import type { OssSource } from "./source.js";

/** Objects looked at for one page, at most: a page far behind costs the listing of all before it. */
const MOST = 50_000;

/** Lists the objects of a bucket whose key begins with the search. What is inside an object, only a job says. */
export const ossCatalog: Catalog<OssSource> = {
  async tables(source, { search, limit, page }, signal) {
    const items: CatalogTable[] = [];
    let seen = 0;
    for await (const { key, size } of openBucket(source, signal, { attempts: 2 }).list(search)) {
      seen += 1;
      if (seen > MOST) break;
      if (key.endsWith("/") || (page !== null && key <= page)) continue;
      if (items.length === limit) return { items, nextPage: items.at(-1)?.name ?? null };
      items.push({ name: key, kind: "object", rows: null, bytes: size, comment: "" });
    }
    return { items, nextPage: null };
  },
};
