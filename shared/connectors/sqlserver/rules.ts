import type { Column } from "../../model/batch.js";
import { own } from "../../model/own.js";
import type { CellRule, RuleMaker, RuleSetting } from "../sql/write/rules/cell-rule.js";
import { sqlserverDateRule as date } from "./date-rule.js";
import {
  sqlserverDecimalRule as decimal,
  sqlserverFloatRule as float,
  sqlserverIntegerRule as integer,
  sqlserverBitRule,
} from "./number-rules.js";
import type { SqlserverTarget } from "./target-column.js";
import { sqlserverBytesRule as bytes, codedRule as coded, shapedRule, unicodeRule } from "./text-rules.js";

const guid = /^(?:[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}|\{[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\})$/i;

const makers: Readonly<Record<string, RuleMaker<SqlserverTarget>>> = {
  ...{ tinyint: integer, smallint: integer, int: integer, bigint: integer, bit: sqlserverBitRule },
  ...{ decimal, numeric: decimal, money: decimal, smallmoney: decimal, float, real: float },
  ...{ date, datetime: date, smalldatetime: date, datetime2: date, datetimeoffset: date, time: date },
  ...{ char: coded, varchar: coded, text: coded, binary: bytes, varbinary: bytes, image: bytes },
  uniqueidentifier: shapedRule(guid, "uniqueidentifier"),
  hierarchyid: shapedRule(/^\/(?:-?\d+(?:\.-?\d+)*\/)*$/, "hierarchyid, such as /1/2/"),
};

/** The rule of a reader's column and the column that it goes into; null = all cells may go as they are. All other types take text. */
export function sqlserverRuleOfPair(source: Column, target: SqlserverTarget, setting: RuleSetting): CellRule | null {
  return (own(makers, target.dataType) ?? unicodeRule)(source, target, setting);
}
