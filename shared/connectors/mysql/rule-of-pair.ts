import type { Column } from "../../model/batch.js";
import { own } from "../../model/own.js";
import { type CellRule, neverRule, type RuleMaker, type RuleSetting } from "../sql/write/cell-rule.js";
import { bitRule } from "./bit-rule.js";
import { dateRule } from "./date-rule.js";
import { decimalRule, integerRule, yearRule } from "./number-rule.js";
import type { MysqlTarget } from "./target-column.js";
import { memberRule, textRule } from "./text-rule.js";

const makers: Readonly<Record<string, RuleMaker<MysqlTarget>>> = {
  ...{ tinyint: integerRule, smallint: integerRule, mediumint: integerRule, int: integerRule, bigint: integerRule },
  ...{ year: yearRule, decimal: decimalRule, float: decimalRule, double: decimalRule },
  ...{ date: dateRule, datetime: dateRule, timestamp: dateRule, time: dateRule },
  ...{ bit: bitRule, enum: memberRule, set: memberRule },
};

/** The rule of a reader's column and the column that it goes into; null = all cells may go as they are. */
export function ruleOfPair(source: Column, target: MysqlTarget, setting: RuleSetting): CellRule | null {
  return (own(makers, target.dataType) ?? otherRule)(source, target, setting);
}

/** Text and bytes, in all their types. */
function otherRule(source: Column, target: MysqlTarget, setting: RuleSetting): CellRule | null {
  if (target.form !== "hex") return textRule(source, target, setting);
  return source.type === "bytes" || source.type === "string" ? null : neverRule(source, "bytes", setting.options);
}
