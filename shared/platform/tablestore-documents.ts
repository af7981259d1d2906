import { Agent } from "node:https";
import TableStore from "tablestore";
import { SluiceError, UserError } from "../model/errors.js";
import { retrying } from "../model/retry.js";
import { isKeyable, refuseUnstorable } from "./document-limits.js";
import {
  bounded,
  jsonTextOf,
  type KeyParts,
  mustNotExist,
  newWriter,
  primaryKey,
  putColumns,
  type SdkPage,
  type SdkRow,
  sameKey,
  type TextColumn,
  toStored,
  versionIs,
  whateverIsThere,
  writerOf,
} from "./document-rows.js";
import type { DocumentKey, Documents, DocumentTable, ListRange, Replacement, Stored } from "./documents.js";
import type { Credentials, Environment } from "./environment.js";
import { getDocuments, removeDocuments, writeDocuments } from "./tablestore-batches.js";
import { mapped, retried, settled, tableRetries, tablestoreCode } from "./tablestore-calls.js";

type Client = InstanceType<typeof TableStore.Client>;

/** Opens our own tables over the `tablestore` SDK. */
export function createDocuments(env: Environment, credentials: Credentials): Documents {
  const client = new TableStore.Client({
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.accessKeySecret,
    ...(credentials.securityToken ? { stsToken: credentials.securityToken } : {}),
    endpoint: env.tablestore.endpoint,
    instancename: env.tablestore.instance,
    // Its own retries never match a real error code and are shared by the whole process: we do our own.
    maxRetries: 0,
    httpOptions: { timeout: 5000, maxSockets: 64, ...keepAlive(env) },
  });
  return {
    get: <T>(table: DocumentTable, key: DocumentKey) => getDocument<T>(client, table, { key, column: "doc" }),
    getBrief: <B>(table: DocumentTable, key: DocumentKey) =>
      getDocument<B | null>(client, table, { key, column: "brief" }),
    getMany: (table, keys) => getDocuments(client, table, keys),
    writeMany: (table, rows) => writeDocuments(client, table, rows),
    removeMany: (table, rows) => removeDocuments(client, table, rows),
    insert: (table, row) => write(client, table, { ...row, version: 0 }),
    replace: (table, row) => write(client, table, row),
    remove: (table, key, version) => removeRow(client, table, { key, version }),
    list: async <T>(table: DocumentTable, range: ListRange) =>
      (await listRows<T>(client, table, { ...range, column: "doc" })).items,
    listBriefs: <B>(table: DocumentTable, range: ListRange & { readonly maxBytes: number }) =>
      listRows<B | null>(client, table, { ...range, column: "brief" }),
    count: async (table, prefix, limit) =>
      (await listRows(client, table, { prefix, limit, column: "ver" })).items.length,
    async insertAll(table, entries) {
      for (let at = 0; at < entries.length; at += 16) {
        const some = entries.slice(at, at + 16);
        await Promise.all(some.map(({ key, value }) => write(client, table, { key, value, version: 0 })));
      }
    },
    ensureTable: (table) => ensureTable(client, table),
  };
}

/** With https the SDK opens a connection per call unless it is given an agent that keeps them. */
function keepAlive(env: Environment): { agent?: Agent } {
  return env.tablestore.endpoint.startsWith("https:") ? { agent: new Agent({ keepAlive: true, maxSockets: 64 }) } : {};
}

async function getDocument<T>(
  client: Client,
  table: DocumentTable,
  { key, column }: { readonly key: DocumentKey; readonly column: TextColumn },
): Promise<Stored<T> | undefined> {
  if (!isKeyable(key)) return undefined;
  return toStored<T>(await getRow(client, table, { key, columnsToGet: [column, "ver"] }), column);
}

async function getRow(
  client: Client,
  table: DocumentTable,
  { key, columnsToGet }: { readonly key: DocumentKey; readonly columnsToGet: readonly string[] },
): Promise<SdkRow> {
  const params = { tableName: table.name, primaryKey: primaryKey(table, key), maxVersions: 1, columnsToGet };
  const found = await retried(() => client.getRow(params as never));
  return found.row as SdkRow;
}

/** Version 0 = must not exist. A write whose outcome is unknown is settled by reading the row back. */
async function write<T>(
  client: Client,
  table: DocumentTable,
  { key, value, version, brief }: Replacement<T>,
): Promise<boolean> {
  const writer = newWriter();
  const doc = JSON.stringify(value);
  refuseUnstorable(key, doc);
  const params = {
    tableName: table.name,
    condition: version === 0 ? mustNotExist() : versionIs(version),
    primaryKey: primaryKey(table, key),
    attributeColumns: putColumns({ version, brief }, { doc, writer }),
  };
  const put = async (attempt: number): Promise<boolean> => {
    try {
      await settled(client.putRow(params as never));
      return true;
    } catch (error) {
      if (tablestoreCode(error) !== "OTSConditionCheckFail") throw error;
      return attempt > 1 && (await wroteIt(client, table, { key, writer }));
    }
  };
  try {
    return await retrying(put, tableRetries);
  } catch (error) {
    throw error instanceof SluiceError ? error : mapped(error, table.name);
  }
}

async function wroteIt(
  client: Client,
  table: DocumentTable,
  { key, writer }: { readonly key: DocumentKey; readonly writer: string },
): Promise<boolean> {
  const row = await getRow(client, table, { key, columnsToGet: ["writer"] });
  return writerOf(row) === writer;
}

async function listRows<T>(
  client: Client,
  table: DocumentTable,
  range: ListRange & { readonly column: TextColumn; readonly maxBytes?: number },
): Promise<{ readonly items: readonly Stored<T>[]; readonly isCut: boolean }> {
  const { prefix, after, limit, column, maxBytes = Number.POSITIVE_INFINITY, order = "ascending" } = range;
  if (!isKeyable(after ?? prefix))
    throw new UserError("CONFIG_INVALID", "page: this is no page mark", { path: "page" });
  const items: Stored<T>[] = [];
  let bytes = 0;
  const { first, end, skipped } = boundsOf(table, range);
  let start: KeyParts | null = first;
  while (start) {
    const page = await readRange(client, table, {
      start,
      end,
      column,
      order,
      limit: Math.min(1000, limit - items.length + 1),
    });
    for (const row of page.rows) {
      const stored = toStored<T>(row, column);
      if (!stored || (skipped && sameKey(stored.key, skipped))) continue;
      bytes += jsonTextOf(row, column)?.length ?? 0;
      if (items.length === limit || (items.length > 0 && bytes > maxBytes)) return { items, isCut: true };
      items.push(stored);
    }
    start = page.nextStartPrimaryKey?.map(({ name, value }) => ({ [name]: value })) ?? null;
  }
  return { items, isCut: false };
}

/** The keys between which a range is read: the first included, the last not; one of them may be none of the range. */
function boundsOf(table: DocumentTable, { prefix, after, before, order }: ListRange) {
  const low = bounded(table, after ?? prefix, TableStore.INF_MIN);
  const high = before ? bounded(table, before, TableStore.INF_MIN) : bounded(table, prefix, TableStore.INF_MAX);
  // The service excludes the end alone: against the order, what comes after is.
  return order === "descending"
    ? { first: high, end: low, skipped: before }
    : { first: low, end: high, skipped: after };
}

/** A part of a range that one call reads. */
interface SdkRange {
  readonly start: KeyParts;
  readonly end: KeyParts;
  readonly column: TextColumn;
  readonly limit: number;
  readonly order: NonNullable<ListRange["order"]>;
}

async function readRange(
  client: Client,
  table: DocumentTable,
  { start, end, column, limit, order }: SdkRange,
): Promise<SdkPage> {
  return (await retried(() =>
    client.getRange({
      tableName: table.name,
      direction: TableStore.Direction[order === "ascending" ? "FORWARD" : "BACKWARD"],
      maxVersions: 1,
      inclusiveStartPrimaryKey: start,
      exclusiveEndPrimaryKey: end,
      columnsToGet: [...new Set([column, "ver"])],
      limit,
    } as never),
  )) as unknown as SdkPage;
}

async function ensureTable(client: Client, table: DocumentTable): Promise<void> {
  try {
    await client.createTable({
      tableMeta: { tableName: table.name, primaryKey: table.key.map(({ name, type }) => ({ name, type })) },
      reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
      tableOptions: { timeToLive: table.keepSeconds ?? -1, maxVersions: 1 },
    } as never);
  } catch (error) {
    if (tablestoreCode(error) !== "OTSObjectAlreadyExist") throw mapped(error, table.name);
  }
}

async function removeRow(
  client: Client,
  table: DocumentTable,
  { key, version }: { readonly key: DocumentKey; readonly version: number | undefined },
): Promise<void> {
  const condition = version === undefined ? whateverIsThere() : versionIs(version);
  const params = { tableName: table.name, condition, primaryKey: primaryKey(table, key) } as never;
  try {
    await retried(async () => void (await client.deleteRow(params)));
  } catch (error) {
    const { cause } = error instanceof Error ? error : {};
    if (tablestoreCode(cause) !== "OTSConditionCheckFail") throw error;
  }
}
