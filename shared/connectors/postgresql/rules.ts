import type { Column } from "../../model/batch.js";
import { own } from "../../model/own.js";
import { type CellRule, neverRule, type RuleMaker, type RuleSetting } from "../sql/write/rules/cell-rule.js";
import { postgresqlBitRule } from "./bit-rule.js";
import { postgresqlDateRule } from "./date-rule.js";
import { boolRule, floatRule, postgresqlDecimalRule, postgresqlIntegerRule } from "./number-rules.js";
import type { PostgresqlTarget } from "./target-column.js";
import { intervalRule, postgresqlTextRule } from "./text-rule.js";

const makers: Readonly<Record<string, RuleMaker<PostgresqlTarget>>> = {
  ...{
    int2: postgresqlIntegerRule,
    int4: postgresqlIntegerRule,
    int8: postgresqlIntegerRule,
    oid: postgresqlIntegerRule,
  },
  ...{
    numeric: postgresqlDecimalRule,
    money: postgresqlDecimalRule,
    float4: floatRule,
    float8: floatRule,
    bool: boolRule,
  },
  ...{
    date: postgresqlDateRule,
    time: postgresqlDateRule,
    timestamp: postgresqlDateRule,
    timestamptz: postgresqlDateRule,
  },
  ...{ interval: intervalRule, bit: postgresqlBitRule, varbit: postgresqlBitRule, bytea: bytesRule },
};

/**
 * The rule of a reader's column and the column that it goes into; null = all cells may go as they are. All other types read text by
 * their own rules, and are strict about it: uuid, json, arrays, ranges, addresses, members of an enum.
 */
export function postgresqlRuleOfPair(source: Column, target: PostgresqlTarget, setting: RuleSetting): CellRule | null {
  return (own(makers, target.dataType) ?? postgresqlTextRule)(source, target, setting);
}

function bytesRule({ type }: Column, _target: PostgresqlTarget, { options }: RuleSetting): CellRule | null {
  return type === "bytes" || type === "string" ? null : neverRule({ name: "", type }, "bytes", options);
}
