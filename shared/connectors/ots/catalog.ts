import type { Catalog } from "../contract.js";
import { connectOts, type OtsClient, repeating } from "./client.js";
import type { OtsSource } from "./source.js";
import { describeOtsTable, keyColumnTypes } from "./table.js";

/** Looks into an instance. A table declares its key and perhaps some columns; rows may have others. */
export const otsCatalog: Catalog<OtsSource> = {
  tables: (source, { search, limit, page }, signal) =>
    withClient(source, signal, async (client) => {
      const { tableNames } = await repeating(() => client.listTable(), `instance ${source.instanceName}`, signal);
      const found = tableNames
        .filter((name) => name.toLowerCase().includes(search.toLowerCase()) && (page === null || name > page))
        .sort();
      const items = found
        .slice(0, limit)
        .map((name) => ({ name, kind: "table" as const, rows: null, bytes: null, comment: "" }));
      return { items, nextPage: found.length > limit ? (items.at(-1)?.name ?? null) : null };
    }),
  columns: (source, table, signal) =>
    withClient(source, signal, async (client) => {
      const { keys, declared } = await describeOtsTable(client, table, signal);
      return [
        ...keys.map(({ name, type }, i) => {
          return { name, type: keyColumnTypes[type], declared: type, nullable: false, key: i + 1 };
        }),
        ...[...declared].map(([name, type]) => ({ name, type, declared: type, nullable: true, key: null })),
      ];
    }),
};

async function withClient<T>(
  source: OtsSource,
  signal: AbortSignal,
  work: (client: OtsClient) => Promise<T>,
): Promise<T> {
  const client = connectOts(source, signal);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}
