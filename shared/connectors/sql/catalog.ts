import type { Catalog, CatalogColumn, CatalogPage, CatalogQuery, CatalogTable } from "../contract.js";
import type { SqlSystem } from "./system.js";
import type { SqlTypes } from "./types.js";

/** What a system says about its catalog. */
export interface CatalogWords<X extends SqlTypes> {
  /** @throws UserError CONFIG_INVALID for a data source that names nothing to look into */
  require?(source: X["source"]): void;
  /** Statements before the look, such as the longest time that one may take. */
  readonly session?: readonly string[];
  /**
   * One page of tables: a statement of name, `table` or `view`, rows and bytes (null = not known) and comment, for names that hold `search` in
   * any case and come behind `page`, in the order of the names' bytes whatever the server's collation, and one row more than `limit`.
   */
  tables(source: X["source"], query: CatalogQuery): string;
  /** The name as jobs write it, from the further columns of the statement; absent = the first column is it. */
  displayed?(further: readonly (string | null)[]): string;
}

/** Looks into what the data source names, in a connection of its own for each look. */
export function sqlCatalog<X extends SqlTypes>(system: SqlSystem<X>, words: CatalogWords<X>): Catalog<X["source"]> {
  return {
    tables: (source, query, signal) =>
      withClient({ system, words, source, signal }, (client) => listTables(client, words, { source, query })),
    columns: (source, table, signal) =>
      withClient({ system, words, source, signal }, async (client) => {
        return catalogColumns(await system.describeTable(client, source, table));
      }),
  };
}

interface CatalogSession<X extends SqlTypes> {
  readonly system: SqlSystem<X>;
  readonly words: CatalogWords<X>;
  readonly source: X["source"];
  readonly signal: AbortSignal;
}

async function withClient<X extends SqlTypes, T>(
  { system, words, source, signal }: CatalogSession<X>,
  work: (client: X["client"]) => Promise<T>,
): Promise<T> {
  words.require?.(source);
  const client = await system.connect(source, { use: "control", signal });
  try {
    for (const statement of words.session ?? []) await client.execute(statement);
    return await work(client);
  } catch (error) {
    throw system.errors.toSluiceError(error, `looking into database ${source.database}`);
  } finally {
    await client.close();
  }
}

async function listTables<X extends SqlTypes>(
  client: X["client"],
  words: CatalogWords<X>,
  { source, query }: { readonly source: X["source"]; readonly query: CatalogQuery },
): Promise<CatalogPage> {
  const { rows } = await client.query(words.tables(source, query));
  const items = rows.slice(0, query.limit).map((row) => {
    const item = catalogRow(row);
    return words.displayed ? { ...item, name: words.displayed(row.slice(5)) } : item;
  });
  return { items, nextPage: rows.length > query.limit ? (rows[query.limit - 1]?.[0] ?? null) : null };
}

function catalogRow([name, kind, rows, bytes, comment]: readonly (string | null)[]): CatalogTable {
  const isView = kind === "view";
  return {
    name: name ?? "",
    kind: isView ? "view" : "table",
    rows: rows == null ? null : Number(rows),
    bytes: bytes == null ? null : Number(bytes),
    comment: comment ?? "",
  };
}

function catalogColumns<X extends SqlTypes>({
  columns,
  indexes,
}: Awaited<ReturnType<SqlSystem<X>["describeTable"]>>): readonly CatalogColumn[] {
  const primary = indexes.find(({ isPrimary }) => isPrimary)?.columns ?? [];
  return columns.map(({ name, type, declared, isNullable }) => {
    const place = primary.indexOf(name);
    return { name, type, declared, nullable: isNullable, key: place < 0 ? null : place + 1 };
  });
}
