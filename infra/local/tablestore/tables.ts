import type { Transaction } from "../store/store.js";
import type { OtsCall } from "./call.js";
import { encodeTable, type KeyReader, type Table } from "./catalog.js";
import { counterKey, directoryKey, garbageKey, lastTableIdKey, otsTableKey } from "./keys.js";
import { limits } from "./limits.js";
import { type CreateTableRequest, encodeMessage, type TableRequest, type UpdateTableRequest } from "./messages.js";
import { invalid, OtsError } from "./ots-error.js";
import { checkTableMeta, defaultOptions, mergeOptions, throughputOf } from "./table-options.js";

const ACTIVE = 1;

/** Makes a table; it can be used at once. */
export async function serveCreateTable(call: OtsCall, request: CreateTableRequest): Promise<Buffer> {
  checkTableMeta(request.tableMeta);
  if (request.indexMetas.length > 0) throw invalid("Indexes are not supported by the local cloud.");
  const options = mergeOptions(defaultOptions, request.tableOptions);
  const throughput = throughputOf(request.reservedThroughput.capacityUnit);
  const name = request.tableMeta.tableName;
  await call.store.write((tx) => {
    if (call.catalog.find(tx, call.instance, name)) {
      throw new OtsError("OTSObjectAlreadyExist", "Requested table already exists.");
    }
    const names = tableNames(tx, call.instance);
    if (names.length >= limits.tablesPerInstance) {
      throw new OtsError("OTSQuotaExhausted", `Number of tables exceeded the quota: ${limits.tablesPerInstance}.`);
    }
    putTable(tx, call.instance, {
      ...options,
      id: nextTableId(tx),
      name,
      keyColumns: request.tableMeta.primaryKey,
      definedColumns: request.tableMeta.definedColumn,
      mostVersions: options.maxVersions,
      throughput,
      lastIncreaseSec: Math.floor(call.now() / 1000),
      ...(request.streamSpec ? { stream: request.streamSpec } : {}),
    });
    putTableNames(tx, call.instance, [...names, name].sort());
  });
  return encodeMessage("CreateTableResponse", {});
}

/** Changes options or reserved throughput. */
export async function updateTable(call: OtsCall, request: UpdateTableRequest): Promise<Buffer> {
  const wantsOptions = Object.keys(request.tableOptions ?? {}).length > 0;
  if (!wantsOptions && !request.reservedThroughput && !request.streamSpec) throw invalid("Nothing to update is given.");
  const updated = await call.store.write((tx) => {
    const table = call.catalog.table(tx, call.instance, request.tableName);
    const options = mergeOptions(table, request.tableOptions);
    const next = {
      ...withThroughput(table, request, Math.floor(call.now() / 1000)),
      ...options,
      mostVersions: Math.max(table.mostVersions, options.maxVersions),
      ...(request.streamSpec ? { stream: request.streamSpec } : {}),
    };
    putTable(tx, call.instance, next);
    return next;
  });
  return encodeMessage("UpdateTableResponse", {
    reservedThroughputDetails: throughputDetails(updated),
    tableOptions: optionsOf(updated),
    ...streamDetails(updated),
  });
}

function withThroughput(table: Table, request: UpdateTableRequest, nowSec: number): Table {
  if (!request.reservedThroughput) return table;
  const throughput = throughputOf(request.reservedThroughput.capacityUnit);
  const { read, write } = table.throughput;
  const raised = throughput.read > read || throughput.write > write;
  const lowered = throughput.read < read || throughput.write < write;
  return {
    ...table,
    throughput,
    ...(raised ? { lastIncreaseSec: nowSec } : {}),
    ...(lowered ? { lastDecreaseSec: nowSec } : {}),
  };
}

/** Tells what a table is like. */
export function serveDescribeTable(call: OtsCall, request: TableRequest): Buffer {
  const table = call.catalog.table(call.store, call.instance, request.tableName);
  return encodeMessage("DescribeTableResponse", {
    tableMeta: { tableName: table.name, primaryKey: table.keyColumns, definedColumn: table.definedColumns },
    reservedThroughputDetails: throughputDetails(table),
    tableOptions: optionsOf(table),
    tableStatus: ACTIVE,
    ...streamDetails(table),
  });
}

/** Names of the instance's tables, sorted. */
export function listTable(call: OtsCall): Buffer {
  return encodeMessage("ListTableResponse", { tableNames: tableNames(call.store, call.instance) });
}

/** Drops a table: it is gone when this returns, its rows are removed from disk afterwards. */
export async function deleteTable(call: OtsCall, request: TableRequest): Promise<Buffer> {
  await call.store.write((tx) => {
    const table = call.catalog.table(tx, call.instance, request.tableName);
    tx.del(otsTableKey(call.instance, table.name));
    tx.del(counterKey(table.id));
    tx.put(garbageKey(table.id), Buffer.alloc(0));
    const names = tableNames(tx, call.instance).filter((name) => name !== table.name);
    putTableNames(tx, call.instance, names);
  });
  call.sweep();
  return encodeMessage("DeleteTableResponse", {});
}

function throughputDetails(table: Table) {
  return {
    capacityUnit: table.throughput,
    lastIncreaseTime: table.lastIncreaseSec,
    ...(table.lastDecreaseSec === undefined ? {} : { lastDecreaseTime: table.lastDecreaseSec }),
  };
}

function optionsOf(table: Table) {
  const { timeToLive, maxVersions, deviationSec, allowUpdate } = table;
  return { timeToLive, maxVersions, deviationCellVersionInSec: deviationSec, allowUpdate };
}

function streamDetails({ stream, id }: Table): { streamDetails?: object } {
  return stream?.enableStream ? { streamDetails: { ...stream, streamId: `stream-${id}` } } : {};
}

function tableNames(reader: KeyReader, instance: string): string[] {
  const bytes = reader.get(directoryKey(instance));
  // Only putTableNames writes here.
  return bytes ? (JSON.parse(bytes.toString("utf8")) as string[]) : [];
}

function putTableNames(tx: Transaction, instance: string, names: readonly string[]): void {
  tx.put(directoryKey(instance), Buffer.from(JSON.stringify(names), "utf8"));
}

function putTable(tx: Transaction, instance: string, table: Table): void {
  tx.put(otsTableKey(instance, table.name), encodeTable(table));
}

function nextTableId(tx: Transaction): number {
  const id = (tx.get(lastTableIdKey())?.readUInt32BE(0) ?? 0) + 1;
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(id);
  tx.put(lastTableIdKey(), bytes);
  return id;
}
