import type { DocumentKey, Documents, DocumentTable, Stored } from "../../../../shared/platform/documents.js";

/** Documents in memory, in key order. */
export function memoryDocuments(): Documents {
  const rows = new Map<string, Stored<unknown>>();
  const id = (table: DocumentTable, key: DocumentKey) => JSON.stringify([table.name, ...key]);
  const get = <T>(table: DocumentTable, key: DocumentKey) => rows.get(id(table, key)) as Stored<T> | undefined;
  return {
    get: async (table, key) => get(table, key),
    async insert(table, key, value) {
      if (rows.has(id(table, key))) return false;
      rows.set(id(table, key), { key, value, version: 1 });
      return true;
    },
    async replace(table, key, value, version) {
      if ((get(table, key)?.version ?? 0) !== version) return false;
      rows.set(id(table, key), { key, value, version: version + 1 });
      return true;
    },
    remove: async (table, key) => void rows.delete(id(table, key)),
    async list<T>(table: DocumentTable, { prefix, limit }: { prefix: DocumentKey; limit: number }) {
      const start = JSON.stringify([table.name, ...prefix]).slice(0, -1);
      const found = [...rows].filter(([one]) => one.startsWith(start)).sort(([a], [b]) => (a < b ? -1 : 1));
      return found.slice(0, limit).map(([, row]) => row as Stored<T>);
    },
    insertAll: async () => {},
    ensureTable: async () => {},
  };
}
