import type { Cell, Column, DataRecord, NativeRows, PackedRows } from "../../../model/batch.js";
import type { Json } from "../../../model/json.js";
import type { SqlSystem } from "../system.js";
import type { TableInfo } from "../table.js";
import type { StatementRules } from "../text/statements.js";
import type { SqlWriteTypes } from "../types.js";
import type { LedgerSql } from "./ledger.js";
import type { RowRefusal } from "./refusal.js";
import type { Attempt } from "./refused-rows.js";
import type { RowView } from "./row-view.js";
import type { CellRule, RuleSetting } from "./rules/cell-rule.js";
import type { GivenTarget, TargetPlan } from "./target-plan.js";

/** A SQL system that can be written as well; `sqlWriter(system, face)` makes a writer of it. */
export interface WritableSystem<X extends SqlWriteTypes> extends SqlSystem<X> {
  readonly writing: SqlWriting<X>;
}

/** A target table of one system. */
export type PlanOf<X extends SqlWriteTypes> = TargetPlan<X["target"]>;

/** How a system is written. */
export type SqlWriting<X extends SqlWriteTypes> = CommonWriting<X> & (LiteralRows<X> | BoundRows<X>);

/** What any system says of its writing. */
interface CommonWriting<X extends SqlWriteTypes> {
  readonly statements: StatementRules;
  readonly transactions: TransactionWords;
  readonly ledger: LedgerSql;
  /** A table's name as statements have it, from the name that the job gives it. */
  sqlName(source: X["source"], name: string): string;
  /** What a column of a table is to records that go into it; see `targetColumn` for what any system knows. */
  targetColumn(column: X["column"], given: GivenTarget): X["target"];
  /** Bytes that one statement may have. */
  maxStatementBytes(client: X["client"]): Promise<number>;
  /** What else the system wants to know of a target, as `own` of its plan. */
  own?(client: X["client"], table: TableInfo<X["column"]>, params: X["params"]): Promise<Json>;
  /** What a reader's cells become before a column sees them, so that the server never casts in silence; null = they go as they are. */
  ruleOfPair(source: Column, target: X["target"], setting: RuleSetting): CellRule | null;
  /** What the user should know about a target beforehand; absent = nothing. `sources` are the reader's columns. */
  notes?(plan: PlanOf<X>, sources: readonly Column[]): readonly string[];
  /** The refusal behind a driver's error; null when it is not about a row. */
  refusalOf(error: unknown): RowRefusal | null;
  /** The 0-based index of the row that a refusal names within its statement; null when it names none. Absent = it never does. */
  rowOf?(refusal: RowRefusal): number | null;
  /**
   * Runs a statement that writes rows, and says why some were refused, or are not what was sent; empty = all is well. Absent = the
   * server refuses what it cannot take by an error.
   *
   * @throws errors that are not about rows
   */
  judge?(client: X["client"], sql: string): Promise<readonly RowRefusal[]>;
  /** Inserts a row whose statement would be longer than the server takes although the row itself is not; absent = it is refused. */
  insertLong?(client: X["client"], plan: PlanOf<X>, row: DataRecord): Promise<readonly RowRefusal[]>;
}

/** Rows go in the text of statements, or by a bulk path. */
export interface LiteralRows<X extends SqlWriteTypes> {
  /** Start and end of a statement that takes rows as `(…),(…)`, in the plan's mode. */
  insertParts(plan: RowsTarget<X>): InsertParts;
  /** A cell as a literal for its column; null is handled before, but for what `defaultForNull` asks. */
  cellLiteral(column: X["target"], cell: NonNullable<Cell>): string;
  readonly bulk?: BulkPath<X>;
  readonly bound?: undefined;
}

/** Rows go as values of a prepared statement, many at once. */
export interface BoundRows<X extends SqlWriteTypes> {
  readonly bound: {
    /** The statement that takes one row, in the plan's mode. */
    statement(plan: RowsTarget<X>): string;
    /**
     * Loads rows inside the open transaction. A single row is always `taken`, with its refusal where there is one.
     *
     * @throws errors that are not about rows
     */
    load(client: X["client"], rows: readonly DataRecord[], setting: BoundSetting<X>): Promise<Attempt>;
  };
  readonly bulk?: undefined;
}

/** What rows are loaded with. */
export interface BoundSetting<X extends SqlWriteTypes> {
  readonly plan: PlanOf<X>;
  /** Most rows at once. */
  readonly batchSize: number;
}

/** What statements are made from. */
export type RowsTarget<X extends SqlWriteTypes> = Pick<
  PlanOf<X>,
  "sqlName" | "mode" | "columns" | "updateColumns" | "keys" | "own"
>;

/** Start and end of a statement around its rows. */
export interface InsertParts {
  readonly head: string;
  readonly tail: string;
}

/** How a system works in transactions. */
export interface TransactionWords {
  /** Makes a connection work in transactions from here on; `COMMIT` and `ROLLBACK` below lead into the next one. */
  readonly enter: string;
  readonly commit: string;
  readonly rollback: string;
  /** Begins one transaction; a plain COMMIT or ROLLBACK ends it. */
  readonly begin: string;
  savepoint(name: string): string;
  rollbackTo(name: string): string;
  /** Forgets a savepoint behind which all is well, where one of the same name would stand within it and not in its place; absent = no need. */
  forget?(name: string): string;
  /** Commits what statements of the job may have left open; null = only where one of them visibly does. */
  readonly settle: string | null;
}

/** Transactions by the words of the SQL standard; a connection is put into the next one by a statement. */
export const standardTransactions: TransactionWords = {
  ...{ enter: "BEGIN", commit: "COMMIT; BEGIN", rollback: "ROLLBACK; BEGIN", begin: "BEGIN", settle: null },
  savepoint: (name) => `SAVEPOINT ${name}`,
  rollbackTo: (name) => `ROLLBACK TO SAVEPOINT ${name}`,
};

/** A way of loading many rows that is faster than statements with literals, with what it takes to rely on it. */
export interface BulkPath<X extends SqlWriteTypes> {
  /** As reports name it, such as `LOAD DATA LOCAL`. */
  readonly name: string;
  /** How many times the usual size its chunks have, where each costs the server more than its rows say; absent = 1. */
  readonly chunkTimes?: number;
  /** False = it is no question for this table and mode. */
  serves(plan: PlanOf<X>): boolean;
  /**
   * Tries the path on the target without any rows.
   *
   * @throws the driver's error when the server does not let it
   */
  tryOut(client: X["client"], plan: PlanOf<X>): Promise<void>;
  /** Proves once for each data source that the server keeps its rules: null, or why the path is not used. Absent = it is known to. */
  prove?(client: X["client"]): Promise<string | null>;
  /**
   * Rows that come in this form may go to the server as they came: no cell of such columns would become another one on its way into the
   * table, or be refused before the server sees it. Absent = none may.
   */
  takesNative?(plan: PlanOf<X>, columns: readonly Column[], form: string): boolean;
  /** Makes an encoder for a table. `setAside` false = leave out no row: its order matters. */
  encoder(plan: PlanOf<X>, setting: { readonly setAside: boolean }): RowEncoder;
  /** Sends what an encoder wrote, and judges the outcome. */
  load(client: X["client"], plan: PlanOf<X>, sent: SentRows): Promise<Attempt>;
}

/** Writes packed cells as a bulk path takes them. One buffer, used again and again; no value need be made of a cell. */
export interface RowEncoder {
  /**
   * Adds the rows of a packed batch.
   *
   * @returns indexes of rows that were left out because the server would hardly take them, or cannot be told of them in this way
   */
  add(packed: PackedRows): readonly number[];
  /** Adds rows as they came, where the path takes such. */
  addNative?(rows: NativeRows): void;
  /** What was added since `reset`; valid until then. */
  bytes(): Buffer;
  reset(): void;
  /** Nobody adds anything any more, and what was added is of no use. */
  close(): void;
}

/** What goes through a bulk path. */
export interface SentRows {
  readonly bytes: Buffer;
  readonly count: number;
  /** The rows in the stream; asked for only when there is something to find. */
  rows(): RowView;
}
