import type { Column } from "../../model/batch.js";
import { own } from "../../model/own.js";
import { bitRule } from "./bit-rule.js";
import { type CellRule, neverRule, type RuleMaker, type RuleSetting } from "./cell-rule.js";
import { dateRule } from "./date-rule.js";
import { decimalRule, integerRule, yearRule } from "./number-rule.js";
import type { TargetColumn } from "./target-plan.js";
import { memberRule, textRule } from "./text-rule.js";

const makers: Readonly<Record<string, RuleMaker>> = {
  ...{ tinyint: integerRule, smallint: integerRule, mediumint: integerRule, int: integerRule, bigint: integerRule },
  ...{ year: yearRule, decimal: decimalRule, float: decimalRule, double: decimalRule },
  ...{ date: dateRule, datetime: dateRule, timestamp: dateRule, time: dateRule },
  ...{ bit: bitRule, enum: memberRule, set: memberRule },
};

/** The rule of a reader's column and the column that it goes into; null = all cells may go as they are. */
export function ruleOfPair(source: Column, target: TargetColumn, setting: RuleSetting): CellRule | null {
  return (own(makers, target.dataType) ?? otherRule)(source, target, setting);
}

/** What the user should know before the first record: pairs of which every value will be dirty. */
export function hopelessPairs(sources: readonly Column[], targets: readonly TargetColumn[]): string[] {
  return targets.flatMap((target, at) => {
    const source = sources[at];
    if (!source || !ruleOfPair(source, target, { emptyAsNull: true, options: {} })?.isHopeless) return [];
    const [from, to] = [source.nativeType ?? source.type, target.dataType];
    return [`column "${target.name}": ${from} cannot become ${to}, so every record with a value there is dirty`];
  });
}

/** Text and bytes, in all their types. */
function otherRule(source: Column, target: TargetColumn, setting: RuleSetting): CellRule | null {
  if (target.form !== "hex") return textRule(source, target, setting);
  return source.type === "bytes" || source.type === "string" ? null : neverRule(source, "bytes", setting.options);
}
