import { UserError } from "../../model/errors.js";
import { isJsonObject, type Json } from "../../model/json.js";
import { type GivenTarget, type SqlTargetColumn, type TargetPlan, targetColumn } from "../sql/write/target-plan.js";
import type { Db2Column } from "./table-info.js";

/** A column of DB2 as it is written. Plain JSON, part of what `prepare` found. */
export interface Db2Target extends SqlTargetColumn {
  /** Such as `varchar(20)`. */
  readonly declared: string;
  /** INSERT takes a value only when it says that it overrides the server's. */
  readonly isAlwaysIdentity: boolean;
}

/** What else is known of a target table: columns that are not written, and that `replace` puts back to their defaults. */
export interface Db2Own {
  readonly others: readonly string[];
}

/** A target table of DB2. */
export type Db2Plan = TargetPlan<Db2Target>;

const written =
  /^(?:smallint|integer|bigint|decimal|decfloat|real|double|character|varchar|long varchar|clob|graphic|vargraphic|dbclob|binary|varbinary|char \(\) for bit data|varchar \(\) for bit data|blob|date|time|timestamp|xml|boolean)$/;

/**
 * What a column of a table is to records that go into it.
 *
 * @throws UserError CONFIG_INVALID for one that the server computes, UNSUPPORTED for one of a type that cannot be written
 */
export function db2Target(column: Db2Column, given: GivenTarget): Db2Target {
  const { name, declared, dataType, isGenerated, identity } = column;
  if (isGenerated)
    throw new UserError("CONFIG_INVALID", `column "${name}" takes no values: the server computes them`, {
      path: "column",
    });
  if (!written.test(dataType))
    throw new UserError("UNSUPPORTED", `column "${name}" is of type ${declared}, which cannot be written`, {
      path: "column",
    });
  return { ...targetColumn(column, given), declared, isAlwaysIdentity: identity === "always" };
}

/** As `own` of the plan has it. */
export function db2Own(own: Json | undefined): Db2Own {
  // Only our own `prepare` makes it; it comes back as it went.
  return isJsonObject(own ?? null) ? (own as unknown as Db2Own) : { others: [] };
}
