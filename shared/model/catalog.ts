import type { Column } from "./batch.js";

/** Which tables to list. */
export interface CatalogQuery {
  /** Part of the name, in any case; where names are found by their beginning only, the beginning. Empty = all. */
  readonly search: string;
  readonly limit: number;
  /** The name after which to go on; null = at the beginning. */
  readonly page: string | null;
}

/** A page of tables; `nextPage` continues it, null at the end. */
export interface CatalogPage {
  readonly items: readonly CatalogTable[];
  readonly nextPage: string | null;
  /** Why the page is shorter than asked for although more may follow. */
  readonly note?: string;
}

/** A table, or what stands for one. */
export interface CatalogTable {
  readonly name: string;
  readonly kind: "table" | "view" | "object";
  /** The source's own estimate; null = it offers none. */
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly comment: string;
}

/** A column of a table. */
export interface CatalogColumn extends Column {
  /** The type as the system writes it, such as `varchar(20)`. */
  readonly declared: string;
  /** Null = unknown. */
  readonly nullable: boolean | null;
  /** 1-based place in the primary key; null = not part of it. */
  readonly key: number | null;
}
