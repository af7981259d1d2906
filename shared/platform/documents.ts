import { Agent } from "node:https";
import TableStore from "tablestore";
import { backOff } from "../model/back-off.js";
import { InternalError, TransientError, UserError } from "../model/errors.js";
import { isKeyable, refuseUnstorable } from "./document-limits.js";
import type { Credentials, Environment } from "./environment.js";

/** A primary key: column values in the table's order. Integers are `number`s, everything else text. */
export type DocumentKey = readonly (string | number)[];

/** A table of documents: its name and the key columns, whose type is that of the value. */
export interface DocumentTable {
  readonly name: string;
  readonly key: readonly { readonly name: string; readonly type: "STRING" | "INTEGER" }[];
  /** How long documents stay; absent = for ever. The service takes no less than a day and removes them some time after. */
  readonly keepSeconds?: number;
}

/** A stored document with the version that a compare-and-set must quote. */
export interface Stored<T> {
  readonly key: DocumentKey;
  readonly value: T;
  /** 1 after the insert, plus 1 with every replacement. */
  readonly version: number;
}

/** Which part of a table to list, in key order. */
export interface ListRange {
  /** First values of the key, which all listed documents share. */
  readonly prefix: DocumentKey;
  /** Start after this key (exclusive); absent = at the beginning. */
  readonly after?: DocumentKey;
  readonly limit: number;
}

/** JSON documents in Tablestore with optimistic concurrency: all state of Sluice. */
export interface Documents {
  get<T>(table: DocumentTable, key: DocumentKey): Promise<Stored<T> | undefined>;
  /** Writes a document that must not exist yet; false when it does. */
  insert<T>(table: DocumentTable, key: DocumentKey, value: T): Promise<boolean>;
  /** Replaces version `version` of a document, 0 = there is none yet; false when it has moved on, come or gone. */
  replace<T>(table: DocumentTable, key: DocumentKey, value: T, version: number): Promise<boolean>;
  /** Removes a document; silently when there is none. */
  remove(table: DocumentTable, key: DocumentKey): Promise<void>;
  /** At most `limit` documents in key order. Fewer than `limit` means the end. */
  list<T>(table: DocumentTable, range: ListRange): Promise<readonly Stored<T>[]>;
  /** Inserts many documents of one table; existing ones stay as they are. */
  insertAll<T>(table: DocumentTable, entries: readonly { key: DocumentKey; value: T }[]): Promise<void>;
  /** Creates the table if it does not exist. */
  ensureTable(table: DocumentTable): Promise<void>;
}

type Client = InstanceType<typeof TableStore.Client>;
type KeyParts = Record<string, unknown>[];

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
    get: (table, key) => getDocument(client, table, key),
    insert: (table, key, value) => write(client, table, key, value, 0),
    replace: (table, key, value, version) => write(client, table, key, value, version),
    remove: (table, key) => retried(async () => void (await client.deleteRow(deletion(table, key)))),
    list: (table, range) => listDocuments(client, table, range),
    async insertAll(table, entries) {
      for (let at = 0; at < entries.length; at += 16) {
        const some = entries.slice(at, at + 16);
        await Promise.all(some.map(({ key, value }) => write(client, table, key, value, 0)));
      }
    },
    ensureTable: (table) => ensureTable(client, table),
  };
}

/** With https the SDK opens a connection per call unless it is given an agent that keeps them. */
function keepAlive(env: Environment): { agent?: Agent } {
  return env.tablestore.endpoint.startsWith("https:") ? { agent: new Agent({ keepAlive: true, maxSockets: 64 }) } : {};
}

/** Longest time for one call. The SDK never settles a call whose answer breaks off midway. */
const CALL_MS = 15_000;

async function settled<T>(call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CALL_MS} ms`)), CALL_MS);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function getDocument<T>(client: Client, table: DocumentTable, key: DocumentKey): Promise<Stored<T> | undefined> {
  if (!isKeyable(key)) return undefined;
  return toStored<T>(await getRow(client, table, key));
}

async function getRow(client: Client, table: DocumentTable, key: DocumentKey): Promise<SdkRow> {
  const params = { tableName: table.name, primaryKey: primaryKey(table, key), maxVersions: 1 };
  const found = await retried(() => client.getRow(params as never));
  return found.row as SdkRow;
}

/** Version 0 = must not exist. A write whose outcome is unknown is settled by reading the row back. */
async function write<T>(
  client: Client,
  table: DocumentTable,
  key: DocumentKey,
  value: T,
  version: number,
): Promise<boolean> {
  const writer = `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
  const doc = JSON.stringify(value);
  refuseUnstorable(key, doc);
  const params = {
    tableName: table.name,
    condition: version === 0 ? mustNotExist() : versionIs(version),
    primaryKey: primaryKey(table, key),
    attributeColumns: [{ doc }, { ver: TableStore.Long.fromNumber(version + 1) }, { writer }],
  };
  for (let attempt = 1; ; attempt++) {
    try {
      await settled(client.putRow(params as never));
      return true;
    } catch (error) {
      if (tablestoreCode(error) === "OTSConditionCheckFail")
        return attempt > 1 && (await wroteIt(client, table, key, writer));
      if (!isPassing(error) || attempt >= ATTEMPTS) throw mapped(error, table.name);
      await backOff(attempt, BACK_OFF_MS);
    }
  }
}

async function wroteIt(client: Client, table: DocumentTable, key: DocumentKey, writer: string): Promise<boolean> {
  const row = await getRow(client, table, key);
  return row.attributes?.some((column) => column.columnName === "writer" && column.columnValue === writer) ?? false;
}

async function listDocuments<T>(client: Client, table: DocumentTable, range: ListRange): Promise<readonly Stored<T>[]> {
  const { prefix, after, limit } = range;
  if (!isKeyable(after ?? prefix))
    throw new UserError("CONFIG_INVALID", "page: this is no page mark", { path: "page" });
  const documents: Stored<T>[] = [];
  let start: KeyParts | null = bounded(table, after ?? prefix, TableStore.INF_MIN);
  while (start && documents.length < limit) {
    const page = (await retried(() =>
      client.getRange({
        tableName: table.name,
        direction: TableStore.Direction.FORWARD,
        maxVersions: 1,
        inclusiveStartPrimaryKey: start,
        exclusiveEndPrimaryKey: bounded(table, prefix, TableStore.INF_MAX),
        limit: Math.min(1000, limit - documents.length + 1),
      } as never),
    )) as unknown as SdkPage;
    for (const row of page.rows) {
      const stored = toStored<T>(row);
      if (stored && !(after && sameKey(stored.key, after))) documents.push(stored);
    }
    start = page.nextStartPrimaryKey?.map(({ name, value }) => ({ [name]: value })) ?? null;
  }
  return documents.slice(0, limit);
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

interface SdkPage {
  readonly rows: readonly SdkRow[];
  readonly nextStartPrimaryKey: readonly { readonly name: string; readonly value: unknown }[] | null;
}

interface SdkRow {
  readonly primaryKey?: readonly { readonly name: string; readonly value: unknown }[];
  readonly attributes?: readonly { readonly columnName: string; readonly columnValue: unknown }[];
}

function toStored<T>(row: SdkRow): Stored<T> | undefined {
  if (!row.primaryKey) return undefined;
  const cell = (name: string): unknown => row.attributes?.find((column) => column.columnName === name)?.columnValue;
  return {
    key: row.primaryKey.map(({ value }) => (typeof value === "string" ? value : Number(value))),
    value: JSON.parse(String(cell("doc"))) as T,
    version: Number(cell("ver")),
  };
}

function primaryKey(table: DocumentTable, key: DocumentKey): KeyParts {
  return table.key.map(({ name }, i) => ({ [name]: toSdk(key[i] ?? "") }));
}

/** The key that begins with `start`; columns that are missing get `fill`. */
function bounded(table: DocumentTable, start: DocumentKey, fill: unknown): KeyParts {
  return table.key.map(({ name }, i) => {
    const value = start[i];
    return { [name]: value === undefined ? fill : toSdk(value) };
  });
}

function toSdk(value: string | number): unknown {
  return typeof value === "number" ? TableStore.Long.fromNumber(value) : value;
}

function sameKey(a: DocumentKey, b: DocumentKey): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function deletion(table: DocumentTable, key: DocumentKey): never {
  const condition = new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null as never);
  return { tableName: table.name, condition, primaryKey: primaryKey(table, key) } as never;
}

function mustNotExist(): unknown {
  return new TableStore.Condition(TableStore.RowExistenceExpectation.EXPECT_NOT_EXIST, null as never);
}

function versionIs(version: number): unknown {
  const same = new TableStore.SingleColumnCondition(
    "ver",
    TableStore.Long.fromNumber(version) as never,
    TableStore.ComparatorType.EQUAL,
    false,
  );
  return new TableStore.Condition(TableStore.RowExistenceExpectation.EXPECT_EXIST, same);
}

const ATTEMPTS = 6;
const BACK_OFF_MS = 20;

/** The SDK does not decode errors: the code stands somewhere in the message. Empty = the network failed. */
export function tablestoreCode(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /OTS[A-Za-z]+/.exec(message)?.[0] ?? "";
}

const passing = new Set([
  "",
  "OTSRowOperationConflict",
  "OTSServerBusy",
  "OTSNotEnoughCapacityUnit",
  "OTSTableNotReady",
  "OTSPartitionUnavailable",
  "OTSTimeout",
  "OTSInternalServerError",
  "OTSServerUnavailable",
]);

function isPassing(error: unknown): boolean {
  return !(error instanceof TypeError) && passing.has(tablestoreCode(error));
}

async function retried<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await settled(call());
    } catch (error) {
      if (!isPassing(error) || attempt >= ATTEMPTS) throw mapped(error, "our tables");
      await backOff(attempt, BACK_OFF_MS);
    }
  }
}

function mapped(error: unknown, table: string): Error {
  const code = tablestoreCode(error);
  if (isPassing(error))
    return new TransientError("SOURCE_BUSY", `Tablestore does not serve ${table}: ${code || "no connection"}`, {
      cause: error,
    });
  return new InternalError("INTERNAL", `Tablestore refused a request on ${table}: ${code}`, { cause: error });
}
