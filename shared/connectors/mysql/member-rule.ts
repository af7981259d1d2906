import { type CellRule, notConverted, type RuleMaker } from "../sql/write/rules/cell-rule.js";
import type { MysqlTarget } from "./target-column.js";

/** ENUM and SET. The server would take digits for the number of a member, and `A` for `a`. */
export const memberRule: RuleMaker<MysqlTarget> = (_source, target) => {
  const members = (target.members ?? []).map((member) => Buffer.from(member));
  const isSet = target.dataType === "set";
  const isMember: CellRule["isFine"] = (data, from, to) =>
    members.some((member) => member.length === to - from && data.compare(member, 0, member.length, from, to) === 0);
  return {
    fineBytes: isSet ? 0 : -1,
    isFine: isSet ? (data, from, to) => areMembers(data, [from, to], isMember) : isMember,
    convert: (cell) =>
      notConverted(cell, `is ${isSet ? "no list of members" : "no member"} of the column's ${target.dataType}`),
  };
};

function areMembers(data: Buffer, [from, to]: [number, number], isMember: CellRule["isFine"]): boolean {
  let start = from;
  for (let at = from; at <= to; at++) {
    if (at < to && data[at] !== 0x2c) continue;
    if (!isMember(data, start, at)) return false;
    start = at + 1;
  }
  return true;
}
