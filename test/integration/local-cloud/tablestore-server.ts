import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as TableStore from "tablestore";
import type { LocalCredentials, PlannedFailure } from "../../../infra/local/service.js";
import { openStore } from "../../../infra/local/store/store.js";
import { createTablestore } from "../../../infra/local/tablestore/server.js";
import { patience } from "../../servers/pace.mjs";

/** Keys that the server under test knows. */
export const credentials: LocalCredentials = {
  accountId: "1000",
  accessKeyId: "local-key",
  accessKeySecret: "local-secret",
  securityToken: "local-token",
};

interface Field {
  readonly name: string;
  readonly value: unknown;
}

/** A row as the SDK hands it out; an absent row has neither member. */
export interface SdkRow {
  readonly primaryKey?: readonly Field[] | null;
  readonly attributes?: readonly { columnName: string; columnValue: unknown; timestamp: unknown }[] | null;
}

/** A row of a batch. */
export interface SdkBatchRow extends SdkRow {
  readonly isOk: boolean;
  readonly errorCode: string | null;
  readonly tableName: string;
}

type Consumed = { capacityUnit: { read: number; write: number } };

/** The SDK's client as it behaves: its published types refuse calls that it accepts. */
export interface SdkClient {
  createTable(params: object): Promise<object>;
  updateTable(params: object): Promise<object>;
  describeTable(params: object): Promise<object>;
  listTable(params: object): Promise<{ tableNames: string[] }>;
  deleteTable(params: object): Promise<object>;
  getRow(params: object): Promise<{ row: SdkRow; consumed: Consumed; RequestId: string }>;
  putRow(params: object): Promise<{ row: SdkRow; consumed: Consumed }>;
  updateRow(params: object): Promise<{ row: SdkRow; consumed: Consumed }>;
  deleteRow(params: object): Promise<{ row: SdkRow; consumed: Consumed }>;
  getRange(params: object): Promise<{ rows: SdkRow[]; nextStartPrimaryKey: Field[] | null; consumed: Consumed }>;
  batchGetRow(params: object): Promise<{ tables: SdkBatchRow[][] }>;
  batchWriteRow(params: object): Promise<{ tables: SdkBatchRow[] }>;
  startLocalTransaction(params: object): Promise<{ transactionId: string }>;
  commitTransaction(params: object): Promise<object>;
  abortTransaction(params: object): Promise<object>;
  createIndex(params: object): Promise<object>;
}

/** What a test may give a client in place of the usual. */
export type ClientOptions = Partial<Record<"instancename" | "accessKeyId" | "secretAccessKey" | "stsToken", string>>;

/** The unmodified SDK, pointed at a local port. */
export function connect(port: number, given: ClientOptions = {}): SdkClient {
  const config = {
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.accessKeySecret,
    endpoint: `http://127.0.0.1:${port}`,
    instancename: "unit",
    maxRetries: 0,
    httpOptions: { timeout: patience(1_000), maxSockets: 300 },
    ...given,
  };
  return new TableStore.Client(config) as object as SdkClient;
}

/** A running server with what tests steer it by. */
export interface TestServer {
  readonly port: number;
  /** Faults to serve, one per call, in order. */
  readonly faults: PlannedFailure[];
  readonly calls: { operation: string; resource: string; status: number }[];
  /** Added to the service's clock, in ms. */
  readonly clock: { aheadMs: number };
  client(options?: ClientOptions): SdkClient;
  /** Closes store and service and opens both again on the same folder. */
  reopen(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server on a folder of its own. */
export async function startTablestore(options: { sync?: boolean } = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), "tablestore-"));
  const faults: PlannedFailure[] = [];
  const calls: TestServer["calls"] = [];
  const clock = { aheadMs: 0 };
  const open = async () => {
    const store = await openStore(folder, { sync: options.sync ?? false });
    const service = createTablestore({
      store,
      credentials,
      region: "local",
      now: () => Date.now() + clock.aheadMs,
      faults: { take: () => faults.shift() ?? null },
      onCall: ({ operation, resource, status }) => calls.push({ operation, resource, status }),
    });
    return { store, service };
  };
  let current = await open();
  const close = async () => {
    await current.service.close?.();
    await current.store.close();
  };
  const http = createServer((request, response) => current.service.handle(request, response));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return {
    port,
    faults,
    calls,
    clock,
    client: (given) => connect(port, given),
    async reopen() {
      await close();
      current = await open();
    },
    async stop() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The service's code in an error of the SDK, which does not decode it. */
export function codeOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.match(/OTS[A-Za-z]+/)?.[0] ?? text;
}

/** Awaits a refusal and returns its code and HTTP status. */
export async function refusal(call: Promise<unknown>): Promise<{ code: string; status: unknown }> {
  try {
    await call;
  } catch (error) {
    return { code: codeOf(error), status: (error as { code?: unknown }).code };
  }
  throw new Error("The call was not refused.");
}

/** Any row existence will do. */
export const ignore = () => new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null);

/** An integer as the SDK wants it. */
export const long = (value: number | string) =>
  typeof value === "string" ? TableStore.Long.fromString(value) : TableStore.Long.fromNumber(value);

/** Attributes of a row as plain values, the newest version of each column; integers as text with an `n`. */
export function plain(row: SdkRow | null | undefined): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { columnName, columnValue } of row?.attributes ?? []) values[columnName] ??= plainValue(columnValue);
  return values;
}

/** The key of a row as plain values. */
export function plainKey(row: SdkRow | null | undefined): unknown[] {
  return (row?.primaryKey ?? []).map(({ value }) => plainValue(value));
}

/** A value of the SDK as a plain one; integers as text with an `n`. */
export function plainValue(value: unknown): unknown {
  const isInt64 = typeof value === "object" && value !== null && "toNumber" in value;
  return isInt64 ? `${String(value)}n` : value;
}

/** Parameters that make a table with the given key columns: `{ a: "STRING", n: "INTEGER" }`. */
export function tableOf(name: string, key: Record<string, string>, options: object = {}): object {
  return {
    tableMeta: { tableName: name, primaryKey: Object.entries(key).map(([column, type]) => ({ name: column, type })) },
    tableOptions: { timeToLive: -1, maxVersions: 1, ...options },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
  };
}
