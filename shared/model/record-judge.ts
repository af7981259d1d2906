import type { Column, DataRecord, DirtyRecord } from "./batch.js";

/** What a writer knows of a column that it would write. */
export interface JudgedColumn {
  /** False = it takes no null; null = unknown. */
  readonly nullable: boolean | null;
  /** It is part of the primary key; null = unknown. */
  readonly isKey: boolean | null;
  /** Why no value of the reader's column can be one of it; null = some can, as far as types tell. */
  readonly hopeless: string | null;
}

/** A record as it would arrive, or why it would not. */
export type JudgedRecord =
  | {
      readonly kind: "taken";
      readonly cells: DataRecord;
      /** The line of the file that it becomes, where it becomes one. */
      readonly text?: string;
    }
  | { readonly kind: "dirty"; readonly dirty: DirtyRecord };

/** A writer's judgement of records, as far as it is known without writing them. */
export interface RecordJudge {
  /** By position; empty = the target has no columns that are declared. */
  readonly columns: readonly JudgedColumn[];
  /** Names of columns of the primary key that are not written. */
  readonly unwrittenKeys: readonly string[];
  judge(record: DataRecord, columns: readonly Column[]): Promise<JudgedRecord>;
}
