import type { Column } from "../../model/batch.js";
import { own } from "../../model/own.js";
import { type CellRule, neverRule, type RuleMaker, type RuleSetting } from "../sql/write/rules/cell-rule.js";
import { bitRule } from "./bit-rule.js";
import { dateRule } from "./date-rule.js";
import { boolRule, decimalRule, floatRule, integerRule } from "./number-rules.js";
import type { PostgresqlTarget } from "./target-column.js";
import { intervalRule, textRule } from "./text-rule.js";

const makers: Readonly<Record<string, RuleMaker<PostgresqlTarget>>> = {
  ...{ int2: integerRule, int4: integerRule, int8: integerRule, oid: integerRule },
  ...{ numeric: decimalRule, money: decimalRule, float4: floatRule, float8: floatRule, bool: boolRule },
  ...{ date: dateRule, time: dateRule, timestamp: dateRule, timestamptz: dateRule },
  ...{ interval: intervalRule, bit: bitRule, varbit: bitRule, bytea: bytesRule },
};

/**
 * The rule of a reader's column and the column that it goes into; null = all cells may go as they are. All other types read text by
 * their own rules, and are strict about it: uuid, json, arrays, ranges, addresses, members of an enum.
 */
export function ruleOfPair(source: Column, target: PostgresqlTarget, setting: RuleSetting): CellRule | null {
  return (own(makers, target.dataType) ?? textRule)(source, target, setting);
}

function bytesRule({ type }: Column, _target: PostgresqlTarget, { options }: RuleSetting): CellRule | null {
  return type === "bytes" || type === "string" ? null : neverRule({ name: "", type }, "bytes", options);
}
