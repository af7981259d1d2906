import type { Column } from "../../model/batch.js";
import type { SluiceError } from "../../model/errors.js";
import type { SideZone } from "../../model/side-zone.js";
import type { ConnectSetting } from "./client.js";
import type { KeyColumn } from "./keys/key-range.js";
import type { PlannedRange } from "./keys/plan-ranges.js";
import type { ExactReading } from "./read/exact.js";
import type { CutOptions, TablePart } from "./read/part.js";
import type { RowStream, StreamSetting } from "./read/stream.js";
import type { SqlText } from "./sql-text.js";
import type { TableInfo } from "./table.js";
import type { SqlTypes } from "./types.js";

/**
 * One SQL system: what the flow of reading and writing asks of it. A plain object; `sqlReader(system)` makes a reader of it.
 */
export interface SqlSystem<X extends SqlTypes> {
  readonly text: SqlText;
  readonly errors: SqlErrors;
  /** Absent = it shows no moments: dates are what they are. */
  readonly zones?: SqlZones<X>;
  /** @throws SluiceError */
  connect(source: X["source"], setting: ConnectSetting): Promise<X["client"]>;
  /** The same for a table's sake, where a data source may leave open what the table's name says. */
  sourceFor?(source: X["source"], table: string): X["source"];
  /** Why planning does not run an entry of `session`, such as "would run"; null when it may. */
  whyNotPlanned(entry: string): string | null;
  /**
   * Describes a table or view by the name that the job gives it.
   *
   * @throws UserError SOURCE_OBJECT_MISSING when there is none of that name, or none that the account may see
   */
  describeTable(client: X["client"], source: X["source"], name: string): Promise<TableInfo<X["column"]>>;
  /**
   * The columns of a statement's result, without running it; none for a statement without a result.
   *
   * @throws what the driver throws when the server refuses the statement
   */
  describe(client: X["client"], sql: string): Promise<readonly Column[]>;
  readonly reading: SqlReading<X>;
}

/** How a system is read. */
export interface SqlReading<X extends SqlTypes> {
  /** Columns whose text would lose something if they were selected by name alone; absent = all come whole. */
  readonly exact?: ExactReading<X>;
  /** Columns that are no key in this session although their type has an order; null = none. `warning`: where one of them would be. */
  noKey?(
    client: X["client"],
    table: TableInfo<X["column"]>,
  ): Promise<{ readonly names: readonly string[]; readonly warning: string } | null>;
  /**
   * The system's own way to cut a key, for one that can do better than look into an index again and again; null = not this table.
   *
   * @returns ranges in ascending order, no gap, no overlap; the first and the last one are open to the outside
   */
  ranges?(
    client: X["client"],
    table: TableInfo<X["column"]>,
    options: KeyRangesOptions,
  ): Promise<readonly PlannedRange[] | null>;
  /** Parts of a table that are no ranges of a key, where the job asks for such by its `splitPk`; null = it does not. */
  parts?(client: X["client"], table: TableInfo<X["column"]>, options: CutOptions): Promise<OwnParts | null>;
  /** The server's own estimate of the rows of a statement, from FROM on; null when it gives none. */
  estimate(client: X["client"], from: string): Promise<number | null>;
  /** Starts a statement and delivers its rows as they come; at most some wait before the server is made to wait. */
  stream(client: X["client"], sql: string, setting: StreamSetting<X["source"]>): RowStream;
}

/** A key to cut. */
export interface KeyRangesOptions {
  readonly key: readonly KeyColumn[];
  /** Conditions on all rows: the job's filter, and that the key is not null. */
  readonly always: readonly string[];
  readonly count: number;
}

/** Parts of a table that the system has found by itself. */
export interface OwnParts {
  readonly parts: readonly TablePart[];
  readonly warnings: readonly string[];
}

/** Zones of sessions. */
export interface SqlZones<X extends SqlTypes> {
  /** What is said before the server is asked: by the job, the data source or its URL. */
  said(source: X["source"], job: string | null): SideZone | null;
  /** The zone that a session is in, whoever has set it: an offset, or an IANA name. */
  ofSession(client: X["client"]): Promise<string>;
  /** Who has set it where it is not what was said, such as "session of the job". */
  setBy(source: X["source"], session: readonly string[]): string;
  /** @throws UserError CONFIG_INVALID at `timeZone` when the server does not know the zone */
  enter(client: X["client"], zone: string): Promise<void>;
}

/** What the server itself said in an error. */
export interface ServerSaid {
  readonly message: string;
  /** The statement is not written as SQL is. */
  readonly isSyntax: boolean;
  /** It says nothing about the statement: such a one cannot be described, or not now. */
  readonly isNoAnswer: boolean;
  /** Its message for who may not read records; undefined when the words quote none. `doing` as in {@link SqlErrors.toSluiceError}. */
  withoutData(doing: string): string | undefined;
}

/** Errors of the driver, mapped in one place. */
export interface SqlErrors {
  /** `doing` says what was tried, such as `reading shop.orders`. */
  toSluiceError(cause: unknown, doing: string): SluiceError;
  /** Null for errors of the network, the driver, or ours. */
  said(error: unknown): ServerSaid | null;
}
