import type { KeyRange } from "../keys/key-range.js";
import type { ReadKey } from "./read-key.js";

/** One part of a table. */
export interface TablePart {
  readonly key: ReadKey | null;
  readonly range: KeyRange | null;
  readonly nullColumn: string | null;
  readonly rows: number;
  /** Where the part is read when it is not the table itself: a partition, quoted, with its schema. */
  readonly table?: string;
  /** What `*` stands for there, since a partition may have its columns in another order. */
  readonly star?: readonly string[];
  /** What its rows meet besides. */
  readonly condition?: string;
}

/** What a table is cut by, and into how many ranges. */
export interface CutOptions {
  readonly splitPk: string | null;
  readonly where: string | null;
  readonly count: number;
}
