import type { Prepared, Side, SplitRef } from "../../shared/connectors/contract.js";
import { type Batch, batchOf, type Cell, type Column, type DirtyReason } from "../../shared/model/batch.js";
import type { Json, JsonObject } from "../../shared/model/json.js";

/** A database of its own, made for one test file. */
export interface SqlScratch {
  /** Properties of a data source that works. */
  readonly source: JsonObject;
  /** Runs statements without our connector; rows of the last one as arrays of text. */
  run(sql: string): Promise<readonly (readonly (string | null)[])[]>;
  close(): Promise<void>;
}

/** A key by which a table is split. */
export interface SqlKey {
  readonly name: string;
  /** The columns of the key with their types, such as `id BIGINT`; the first one is `id`. */
  readonly columns: readonly string[];
  /** Literals of the n-th row, from 1, for those columns. */
  literals(n: number): string;
  /** SQL that shows the first column as text, where it is not text or number itself. */
  readonly displayedBy?: string;
  /** The server knows its rows well enough for ranges of similar size; default true. */
  readonly isEven?: boolean;
}

/** Records of which a table takes some and refuses others. */
export interface SqlDirt {
  /** Columns `id` (a key), `name` (not null), `day` and `amount`. */
  readonly declaration: string;
  readonly bad: readonly (readonly [row: readonly Cell[], reason: DirtyReason])[];
}

/** What a SQL system declares about itself. */
export interface SqlOptions {
  /** Names of types: a whole number, a text of up to 40 characters, a text of up to 700. */
  readonly types: { readonly integer: string; readonly text: string; readonly long: string };
  readonly keys: readonly SqlKey[];
  readonly dirt: SqlDirt;
  /** Ways of inserting, and what each adds to the writer's parameter. */
  readonly inserts: Readonly<Record<string, JsonObject>>;
  /** Modes in which a row may change another, and what each adds to the parameter. */
  readonly upserts: { readonly replace: JsonObject; readonly update: JsonObject; readonly ignore: JsonObject };
  /** What a target of {@link columns} is always said to do beforehand; absent = nothing. */
  readonly notes?: readonly unknown[];
  /** Why nobody can look at a table that an open transaction has written; absent = others see it as it was. */
  readonly blocksReaders?: string;
}

/** What the cases work with. */
export interface SqlBench<S, W> {
  readonly options: SqlOptions;
  /** There once the tests run. */
  scratch(): SqlScratch;
  /** Makes a table anew and answers its name. */
  table(declaration: string): Promise<string>;
  count(table: string): Promise<number>;
  /** The writer's side, for all columns of a table unless the parameter says otherwise. */
  side(parameter: JsonObject): Side<S, W>;
  /** The same, prepared as run `r` for records of {@link columns}. */
  prepared(
    parameter: JsonObject,
    exactlyOnce?: SplitRef["exactlyOnce"],
  ): Promise<{ side: Side<S, W>; prepared: Prepared }>;
}

/** The reader's columns in most cases of writing. */
export const columns: readonly Column[] = [
  { name: "id", type: "long" },
  { name: "name", type: "string" },
];

/** `count` records of {@link columns} with keys from `from` on. */
export function rows(count: number, from = 1): Cell[][] {
  return Array.from({ length: count }, (_, i) => [String(from + i), `row ${from + i}`]);
}

/** A batch of {@link columns}. */
export function batch(part: Cell[][], checkpoint: Json): Batch {
  return batchOf(part, { columns, checkpoint, dirty: [] });
}
