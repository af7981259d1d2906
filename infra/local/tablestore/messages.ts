import schema from "tablestore/lib/protocol/tablestore_compiled_proto.js";

/** A 64-bit number as protobuf decodes it: its own class, or a plain number when small. */
export type Int64 = number | { toString(): string };

/** One column of a primary key; types are 1 integer, 2 string, 3 binary; option 1 = the server counts. */
export interface WireKeyColumn {
  readonly name: string;
  readonly type: number;
  readonly option?: number;
}
/** Capacity, read and write apart; an absent side counts as 0. */
export interface CapacityUnit {
  readonly read?: number;
  readonly write?: number;
}
/** Options of a table as a request gives them: absent ones stay as they are. */
export interface TableOptions {
  readonly timeToLive?: number;
  readonly maxVersions?: number;
  readonly deviationCellVersionInSec?: Int64;
  readonly allowUpdate?: boolean;
}
/** Name and columns of a table; defined column types are 1 integer, 2 double, 3 boolean, 4 string, 7 binary. */
export interface TableMeta {
  readonly tableName: string;
  readonly primaryKey: readonly WireKeyColumn[];
  readonly definedColumn: readonly { readonly name: string; readonly type: number }[];
}
/** Reserved capacity. */
export interface Throughput {
  readonly capacityUnit: CapacityUnit;
}
/** `expirationTime` in hours. */
export interface StreamSpec {
  readonly enableStream: boolean;
  readonly expirationTime?: number;
}
/** Makes a table; indexes come as messages that nothing here reads. */
export interface CreateTableRequest {
  readonly tableMeta: TableMeta;
  readonly reservedThroughput: Throughput;
  readonly tableOptions?: TableOptions;
  readonly streamSpec?: StreamSpec;
  readonly indexMetas: readonly object[];
}
/** Changes a table. */
export interface UpdateTableRequest {
  readonly tableName: string;
  readonly reservedThroughput?: Throughput;
  readonly tableOptions?: TableOptions;
  readonly streamSpec?: StreamSpec;
}
/** Names a table. */
export interface TableRequest {
  readonly tableName: string;
}
/** Versions to read, in ms: from inclusive to exclusive, or one exact time. */
export interface TimeRange {
  readonly startTime?: Int64;
  readonly endTime?: Int64;
  readonly specificTime?: Int64;
}
/** What to show of each row that is read; the same members in GetRow, BatchGetRow and GetRange. */
export interface ReadOptions {
  readonly columnsToGet: readonly string[];
  readonly timeRange?: TimeRange;
  readonly maxVersions?: number;
  readonly filter?: Buffer;
  readonly startColumn?: string;
  readonly endColumn?: string;
}
/** Reads a row; the key is in PlainBuffer form. */
export interface GetRowRequest extends ReadOptions {
  readonly tableName: string;
  readonly primaryKey: Buffer;
  readonly transactionId?: string;
}
/** Reads rows; the keys are in PlainBuffer form. */
export interface BatchGetRowRequest {
  readonly tables: readonly (ReadOptions & { readonly tableName: string; readonly primaryKey: readonly Buffer[] })[];
}
/** Reads rows between two keys in PlainBuffer form. */
export interface GetRangeRequest extends ReadOptions {
  readonly tableName: string;
  /** 0 forward, 1 backward. */
  readonly direction: number;
  readonly limit?: number;
  readonly inclusiveStartPrimaryKey: Buffer;
  readonly exclusiveEndPrimaryKey: Buffer;
  readonly transactionId?: string;
}
/** What must hold for a write to happen. */
export interface Condition {
  /** 0 ignore, 1 must exist, 2 must not exist. */
  readonly rowExistence: number;
  readonly columnCondition?: Buffer;
}
/** What a write is to return. */
export interface ReturnContent {
  /** 0 nothing, 1 the key, 2 columns after the change. */
  readonly returnType?: number;
  readonly returnColumnNames: readonly string[];
}
interface WriteOptions {
  readonly condition: Condition;
  readonly returnContent?: ReturnContent;
}
/** Puts a row in PlainBuffer form. */
export interface PutRowRequest extends WriteOptions {
  readonly tableName: string;
  readonly row: Buffer;
  readonly transactionId?: string;
}
/** Changes a row; the change is in PlainBuffer form. */
export interface UpdateRowRequest extends WriteOptions {
  readonly tableName: string;
  readonly rowChange: Buffer;
  readonly transactionId?: string;
}
/** Deletes a row; `primaryKey` is a whole row in PlainBuffer form, with the delete marker. */
export interface DeleteRowRequest extends WriteOptions {
  readonly tableName: string;
  readonly primaryKey: Buffer;
  readonly transactionId?: string;
}
/** A row of a batch to write; types are 1 put, 2 update, 3 delete. */
export interface RowInBatchWrite extends WriteOptions {
  readonly type: number;
  readonly rowChange: Buffer;
}
/** Writes rows. */
export interface BatchWriteRowRequest {
  readonly tables: readonly { readonly tableName: string; readonly rows: readonly RowInBatchWrite[] }[];
  readonly transactionId?: string;
}
/** Opens a transaction on one partition. */
export interface StartLocalTransactionRequest {
  readonly tableName: string;
  readonly key: Buffer;
}
/** Names a transaction. */
export interface TransactionRequest {
  readonly transactionId: string;
}
/** A filter: its type, and the message of that type in bytes. */
export interface FilterMessage {
  /** 1 one column, 2 composite, 3 paging of columns. */
  readonly type: number;
  readonly filter: Buffer;
}
/** Compares one column with a constant. */
export interface SingleColumnFilterMessage {
  /** 1 to 6: equal, not equal, greater, greater or equal, less, less or equal. */
  readonly comparator: number;
  readonly columnName: string;
  readonly columnValue: Buffer;
  readonly filterIfMissing: boolean;
  readonly latestVersionOnly: boolean;
}
/** Combines filters. */
export interface CompositeFilterMessage {
  /** 1 not, 2 and, 3 or. */
  readonly combinator: number;
  readonly subFilters: readonly FilterMessage[];
}
/** Selects some of the columns of each row. */
export interface PagingFilterMessage {
  readonly offset: number;
  readonly limit: number;
}

/** Requests by the name of their message. */
export interface Requests {
  ListTableRequest: object;
  CreateTableRequest: CreateTableRequest;
  UpdateTableRequest: UpdateTableRequest;
  DescribeTableRequest: TableRequest;
  DeleteTableRequest: TableRequest;
  GetRowRequest: GetRowRequest;
  BatchGetRowRequest: BatchGetRowRequest;
  GetRangeRequest: GetRangeRequest;
  PutRowRequest: PutRowRequest;
  UpdateRowRequest: UpdateRowRequest;
  DeleteRowRequest: DeleteRowRequest;
  BatchWriteRowRequest: BatchWriteRowRequest;
  StartLocalTransactionRequest: StartLocalTransactionRequest;
  CommitTransactionRequest: TransactionRequest;
  AbortTransactionRequest: TransactionRequest;
}
interface FilterShapes {
  Filter: FilterMessage;
  SingleColumnValueFilter: SingleColumnFilterMessage;
  CompositeColumnValueFilter: CompositeFilterMessage;
  ColumnPaginationFilter: PagingFilterMessage;
}

/**
 * Decodes a request. Absent optional members are absent; repeated members are always lists.
 *
 * @throws Error when the bytes are not this message
 */
export function decodeMessage<K extends keyof Requests>(name: K, bytes: Buffer): Requests[K] {
  // The static module is untyped; Requests repeats the .proto file.
  return ownMembers(codecOf("main", name).decode(bytes)) as Requests[K];
}

/** Decodes a filter or a column condition; see {@link decodeMessage}. */
export function decodeFilterMessage<K extends keyof FilterShapes>(name: K, bytes: Buffer): FilterShapes[K] {
  return ownMembers(codecOf("filter", name).decode(bytes)) as FilterShapes[K];
}

/** Encodes a response; the caller supplies what the .proto file requires. */
export function encodeMessage(name: string, message: object): Buffer {
  const bytes = codecOf("main", name).encode(message).finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function codecOf(namespace: "main" | "filter", name: string) {
  const codec = schema[namespace].proto[name];
  if (!codec) throw new Error(`The Tablestore schema has no message ${name}.`);
  return codec;
}

/**
 * Decoded messages inherit defaults: an absent enum would read as its first value, which for a key column's option
 * means "auto-increment". A copy without prototype tells absent from present.
 */
function ownMembers(message: object): object {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(message)) copy[name] = ownValue(value);
  return copy;
}

function ownValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ownValue);
  if (typeof value !== "object" || value === null || Buffer.isBuffer(value) || isInt64(value)) return value;
  return ownMembers(value);
}

function isInt64(value: object): boolean {
  return "low" in value && "high" in value;
}
