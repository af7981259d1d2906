import { isJsonObject, type Json } from "../../model/json.js";
import { type GivenTarget, type SqlTargetColumn, type TargetPlan, targetColumn } from "../sql/write/target-plan.js";
import type { PostgresqlColumn } from "./table-info.js";

/** A column of PostgreSQL as it is written. Plain JSON, part of what `prepare` found. */
export interface PostgresqlTarget extends SqlTargetColumn {
  /** Such as `character varying(20)`. */
  readonly declared: string;
  /** A null here is refused for certain. */
  readonly refusesNull: boolean;
  readonly isNullable: boolean;
  /** INSERT takes a value only when it says that it overrides the server's. */
  readonly isAlwaysIdentity: boolean;
}

/** What else is known of a target table. */
export interface PostgresqlOwn {
  /** Columns of the unique key by which rows are taken for the same; null = the first key whose columns are all written. */
  readonly conflict: readonly string[] | null;
  /** Columns that are not written, and that `replace` puts back to their defaults. */
  readonly others: readonly string[];
}

/** A target table of PostgreSQL. */
export type PostgresqlPlan = TargetPlan<PostgresqlTarget>;

/** What a column of a table is to records that go into it. */
export function postgresqlTarget(column: PostgresqlColumn, given: GivenTarget): PostgresqlTarget {
  const { declared, isNullable, identity } = column;
  return {
    ...targetColumn(column, given),
    ...{ declared, isNullable, isAlwaysIdentity: identity === "always" },
    refusesNull: !isNullable && !given.defaultForNull,
  };
}

/** As `own` of the plan has it. */
export function ownOf(own: Json | undefined): PostgresqlOwn {
  // Only our own `prepare` makes it; it comes back as it went.
  return isJsonObject(own ?? null) ? (own as unknown as PostgresqlOwn) : { conflict: null, others: [] };
}
