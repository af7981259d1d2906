import { type GivenTarget, type SqlTargetColumn, type TargetPlan, targetColumn } from "../sql/write/target-plan.js";
import type { SqlserverColumn } from "./table-info.js";

/** A column of SQL Server as it is written. Plain JSON, part of what `prepare` found. */
export interface SqlserverTarget extends SqlTargetColumn {
  /** Such as `decimal(10,2)`. */
  readonly declared: string;
  readonly precision: number | null;
  readonly isNullable: boolean;
  readonly isIdentity: boolean;
  readonly collation: string | null;
  readonly codePage: number | null;
}

/** A target table of SQL Server. */
export type SqlserverPlan = TargetPlan<SqlserverTarget>;

/** What statements are made from. */
export type SqlserverWrittenTable = Pick<
  SqlserverPlan,
  "sqlName" | "mode" | "columns" | "updateColumns" | "keys" | "own"
>;

/** What a column of a table is to records that go into it. */
export function sqlserverTarget(column: SqlserverColumn, given: GivenTarget): SqlserverTarget {
  const { declared, precision, isNullable, isIdentity, collation, codePage } = column;
  return { ...targetColumn(column, given), declared, precision, isNullable, isIdentity, collation, codePage };
}
