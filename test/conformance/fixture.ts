import type { Cell, ColumnType } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";

/** The columns of every table, file or collection that the suite reads and writes, in this order. */
export const testColumns = [
  { name: "id", type: "long" },
  { name: "name", type: "string" },
  { name: "amount", type: "double" },
  { name: "at", type: "date" },
  { name: "raw", type: "bytes" },
] as const satisfies readonly { name: string; type: ColumnType }[];

/** One record in the order of {@link testColumns}; the first cell is unique and never null. */
export type TestRow = readonly [id: string, name: Cell, amount: Cell, at: Cell, raw: Cell];

/** A way of writing that the suite tries. */
export interface WriteMode {
  readonly name: string;
  /** What this mode adds to the writer's parameter. */
  readonly parameter: JsonObject;
}

/** An empty target that a fixture made. */
export interface Target {
  readonly parameter: JsonObject;
  /** What it holds now, read without our connector, in the order of `id`; null where nothing is visible yet. */
  rows(): Promise<readonly TestRow[] | null>;
  /** A record that this target refuses although its neighbours are fine, and the column at fault. */
  readonly refused?: { readonly row: TestRow; readonly column?: string };
}

/** A place of its own on a real server (or in a folder), made for one test file. */
export interface Scratch {
  /** Properties of a data source that works. */
  readonly source: JsonObject;
  /** The same with a wrong password, and with a port where nobody listens. */
  readonly wrongPassword?: JsonObject;
  readonly closedPort?: JsonObject;
  /** More data sources that fail, by what is wrong with them, such as "an unknown database". */
  readonly failing?: Readonly<Record<string, JsonObject>>;
  /** Names of what is not there: a table for the catalog, parameters for reader and writer. */
  readonly missing?: { readonly table?: string; readonly reader?: JsonObject; readonly writer?: JsonObject };
  /** Makes a source object that holds these records; the answer is the reader's parameter. */
  fill?(rows: readonly TestRow[]): Promise<JsonObject>;
  /** Makes an empty target. */
  target?(mode: WriteMode): Promise<Target>;
  /** How many connections or running statements of ours the other side sees. */
  connections?(): Promise<number>;
  close(): Promise<void>;
}

/** Makes the scratch place. */
export type Fixture = () => Promise<Scratch>;

/** Cases that a system may declare it cannot pass, with the reason; the end of the run lists it. */
export type ConformanceCase =
  | "registered"
  | "check"
  | "secrets"
  | "splits"
  | "resume"
  | "abort"
  | "dirty"
  | "repeat"
  | "largestLong"
  | "decimal38"
  | "emptyString"
  | "bytes"
  | "emoji"
  | "zeroByte"
  | "oldDates"
  | "microseconds";

/** What a system declares about itself. */
export interface ConformanceOptions {
  readonly modes: readonly WriteMode[];
  readonly unsupported?: Partial<Readonly<Record<ConformanceCase, string>>>;
}
