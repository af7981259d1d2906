import type {
  DocumentKey,
  Documents,
  DocumentTable,
  ListRange,
  Stored,
} from "../../../../shared/platform/documents.js";

interface Row extends Stored<unknown> {
  readonly brief: unknown;
}

/** Documents in memory, in key order. */
export function memoryDocuments(): Documents {
  const held = new Map<string, Map<string, Row>>();
  const rowsOf = (table: DocumentTable): Map<string, Row> => {
    const rows = held.get(table.name) ?? new Map<string, Row>();
    held.set(table.name, rows);
    return rows;
  };
  const find = (table: DocumentTable, key: DocumentKey) => rowsOf(table).get(JSON.stringify(key));
  const put = (table: DocumentTable, row: Row): true => {
    // A copy, as any store hands out.
    rowsOf(table).set(JSON.stringify(row.key), structuredClone(row));
    return true;
  };
  const within = (table: DocumentTable, { prefix, after, before, order }: ListRange): readonly Row[] =>
    [...rowsOf(table).values()]
      .filter(({ key }) => prefix.every((value, i) => key[i] === value))
      .filter(({ key }) => (!after || inOrder(after, key) < 0) && (!before || inOrder(key, before) < 0))
      .sort((a, b) => (order === "descending" ? inOrder(b.key, a.key) : inOrder(a.key, b.key)));
  const briefOf = <B>({ key, version, brief }: Row) => ({ key, version, value: (brief ?? null) as B | null });
  return {
    get: async <T>(table: DocumentTable, key: DocumentKey) => find(table, key) as Stored<T> | undefined,
    async getBrief(table, key) {
      const row = find(table, key);
      return row && briefOf(row);
    },
    getMany: async <T>(table: DocumentTable, keys: readonly DocumentKey[]) =>
      keys.map((key) => find(table, key) as Stored<T> | undefined),
    writeMany: async (table, rows) =>
      rows.map(
        ({ key, value, version, brief }) =>
          (find(table, key)?.version ?? 0) === version && put(table, { key, value, version: version + 1, brief }),
      ),
    async removeMany(table, rows) {
      for (const { key, version } of rows)
        if (version === undefined || find(table, key)?.version === version) rowsOf(table).delete(JSON.stringify(key));
    },
    insert: async (table, { key, value, brief }) => !find(table, key) && put(table, { key, value, version: 1, brief }),
    replace: async (table, { key, value, version, brief }) =>
      (find(table, key)?.version ?? 0) === version && put(table, { key, value, version: version + 1, brief }),
    async remove(table, key, version) {
      if (version === undefined || find(table, key)?.version === version) rowsOf(table).delete(JSON.stringify(key));
    },
    list: async <T>(table: DocumentTable, range: ListRange) =>
      within(table, range).slice(0, range.limit) as readonly Stored<T>[],
    async listBriefs<B>(table: DocumentTable, range: ListRange) {
      const found = within(table, range);
      return { items: found.slice(0, range.limit).map((row) => briefOf<B>(row)), isCut: found.length > range.limit };
    },
    count: async (table, prefix, limit) => within(table, { prefix, limit }).slice(0, limit).length,
    async insertAll(table, entries) {
      for (const { key, value } of entries)
        if (!find(table, key)) put(table, { key, value, version: 1, brief: undefined });
    },
    ensureTable: async () => {},
  };
}

/** As Tablestore orders keys; a key that ends earlier comes first. */
function inOrder(a: DocumentKey, b: DocumentKey): number {
  for (const [i, value] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    if (value !== other) return value < other ? -1 : 1;
  }
  return a.length - b.length;
}
