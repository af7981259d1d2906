import type { Column } from "../../model/batch.js";
import { own } from "../../model/own.js";
import { type CellRule, neverRule, type RuleMaker, type RuleSetting } from "../sql/write/rules/cell-rule.js";
import { dateRule } from "../sql/write/rules/date-rule.js";
import { decimalRule, integerRule } from "../sql/write/rules/number-rule.js";
import { textRule } from "../sql/write/rules/text-rule.js";
import { mysqlBitRule } from "./bit-rule.js";
import { memberRule } from "./member-rule.js";
import type { MysqlTarget } from "./target-column.js";
import { yearRule } from "./year-rule.js";

const integer = takingBooleans(integerRule);
const decimal = takingBooleans(decimalRule);

const makers: Readonly<Record<string, RuleMaker<MysqlTarget>>> = {
  ...{ tinyint: integer, smallint: integer, mediumint: integer, int: integer, bigint: integer },
  ...{ year: yearRule, decimal, float: decimal, double: decimal },
  ...{ date: dateRule, datetime: dateRule, timestamp: dateRule, time: dateRule },
  ...{ bit: mysqlBitRule, enum: memberRule, set: memberRule },
};

/** The rule of a reader's column and the column that it goes into; null = all cells may go as they are. */
export function mysqlRuleOfPair(source: Column, target: MysqlTarget, setting: RuleSetting): CellRule | null {
  return (own(makers, target.dataType) ?? otherRule)(source, target, setting);
}

/** Booleans are written as 1 and 0 on their way. */
function takingBooleans(rule: RuleMaker): RuleMaker<MysqlTarget> {
  return (source, target, setting) =>
    source.type === "bool" && target.form === "bool" ? null : rule(source, target, setting);
}

/** Text and bytes, in all their types. */
function otherRule(source: Column, target: MysqlTarget, setting: RuleSetting): CellRule | null {
  if (!target.takesBytes) return textRule(source, target, setting);
  return source.type === "bytes" || source.type === "string" ? null : neverRule(source, "bytes", setting.options);
}
